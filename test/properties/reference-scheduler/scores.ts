import type { Node, Pod, TopologySpreadConstraint } from '../../../core/schema/generated/kinds.ts';
import { countOn, countsByDomain, isAbout, isTolerated, podsNear } from './filters.ts';
import { amountOf, isEmpty, isSelected, labelsOf, podsOn, requestOf, satisfies, type World } from './world.ts';

/** What each of the nodes that a pod can run on scores, by all plugins of the default profile with their weights. Whole numbers are cut off, as in Go. */
export function scoresOf(pod: Pod, feasible: readonly Node[], world: World): readonly number[] {
  const columns = scorers.map(({ weight, scores }) => scores(pod, feasible, world).map((score) => weight * score));
  return feasible.map((_, i) => columns.reduce((sum, column) => sum + column[i]!, 0));
}

interface Scorer {
  readonly weight: number;
  /** 0 to 100 for each node. */
  readonly scores: (pod: Pod, feasible: readonly Node[], world: World) => readonly number[];
}

const cut = Math.trunc;
const inProportion = (raw: readonly number[]): number[] => {
  const max = Math.max(...raw);
  return raw.map((score) => (max === 0 ? 0 : cut((100 * score) / max)));
};

const taintToleration: Scorer = {
  weight: 3,
  scores: (pod, feasible) =>
    inProportion(
      feasible.map(({ spec }) => (spec?.taints ?? []).filter((taint) => taint.effect === 'PreferNoSchedule' && !isTolerated(taint, pod)).length),
    ).map((score) => 100 - score),
};

const nodeAffinity: Scorer = {
  weight: 2,
  scores: (pod, feasible) => {
    const terms = pod.spec!.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    const isMet = (node: Node, { matchExpressions = [] }: (typeof terms)[number]['preference']) =>
      matchExpressions.length > 0 && matchExpressions.every((one) => satisfies(labelsOf(node), one));
    return inProportion(feasible.map((node) => terms.filter(({ preference }) => isMet(node, preference)).reduce((sum, { weight }) => sum + weight, 0)));
  },
};

const MISSING = { cpu: 100, memory: 200 * 2 ** 20 };

const leastAllocated: Scorer = {
  weight: 1,
  scores: (pod, feasible, world) =>
    feasible.map((node) => {
      const parts = (['cpu', 'memory'] as const).flatMap((name) => {
        const all = amountOf(name, node.status!.allocatable![name]);
        const taken = [...podsOn(world, node), pod].reduce((sum, one) => sum + requestOf(one, name, MISSING[name]), 0);
        return all === 0 ? [] : [taken > all ? 0 : cut(((all - taken) * 100) / all)];
      });
      return parts.length === 0 ? 0 : cut(parts.reduce((a, b) => a + b) / parts.length);
    }),
};

const balancedAllocation: Scorer = {
  weight: 1,
  scores: (pod, feasible, world) => {
    const names = ['cpu', 'memory'];
    if (names.every((name) => requestOf(pod, name) === 0)) return feasible.map(() => 0);
    return feasible.map((node) => {
      const balance = (pods: readonly Pod[]) => {
        const fractions = names.flatMap((name) => {
          const all = amountOf(name, node.status!.allocatable![name]);
          return all === 0 ? [] : [Math.min(1, pods.reduce((sum, one) => sum + requestOf(one, name), 0) / all)];
        });
        const deviation = fractions.length === 2 ? Math.abs((fractions[0]! - fractions[1]!) / 2) : 0;
        return cut((1 - deviation) * 100);
      };
      const there = podsOn(world, node);
      return 50 + cut((50 + balance([...there, pod]) - balance(there)) / 2);
    });
  },
};

const imageLocality: Scorer = {
  weight: 1,
  scores: (pod, feasible, world) => {
    const MB = 2 ** 20;
    const { containers, initContainers = [] } = pod.spec!;
    const sizeOn = (node: Node, image: string) => node.status!.images?.find(({ names }) => names!.includes(image))?.sizeBytes ?? 0;
    return feasible.map((node) => {
      const sum = [...containers, ...initContainers].reduce((bytes, { image }) => {
        const having = world.nodes.filter((one) => sizeOn(one, image!) > 0).length;
        return bytes + cut(sizeOn(node, image!) * (having / world.nodes.length));
      }, 0);
      const most = 1000 * MB * (containers.length + initContainers.length);
      return cut((100 * (Math.min(Math.max(sum, 23 * MB), most) - 23 * MB)) / (most - 23 * MB));
    });
  },
};

const topologySpread: Scorer = {
  weight: 2,
  scores: (pod, feasible, world) => {
    const own = pod.spec!.topologySpreadConstraints ?? [];
    const constraints = own.length > 0 ? own.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'ScheduleAnyway') : defaults(pod, world);
    if (constraints.length === 0) return feasible.map(() => 0);
    const isLabelled = (node: Node) => own.length === 0 || constraints.every(({ topologyKey }) => labelsOf(node)[topologyKey] !== undefined);
    const scored = feasible.filter(isLabelled);
    const raw = feasible.map((node) => {
      if (!isLabelled(node)) return undefined;
      let score = 0;
      for (const constraint of constraints) {
        const { topologyKey, maxSkew } = constraint;
        const domain = labelsOf(node)[topologyKey];
        if (domain === undefined) continue;
        const perHost = topologyKey === 'kubernetes.io/hostname';
        const domains = perHost ? scored.length : new Set(scored.map((one) => labelsOf(one)[topologyKey])).size;
        const count = perHost
          ? countOn(node, pod, constraint, world)
          : (countsByDomain(pod, constraint, own.length > 0 ? constraints : [constraint], world).get(domain) ?? 0);
        score += count * Math.log(domains + 2) + (maxSkew - 1);
      }
      return Math.round(score);
    });
    const known = raw.filter((score) => score !== undefined);
    const [min, max] = [Math.min(...known), Math.max(0, ...known)];
    return raw.map((score) => (score === undefined ? 0 : max === 0 ? 100 : cut((100 * (max + min - score)) / max)));
  },
};

/** "Internal default constraints", for what a Service or a controller selects. */
function defaults(pod: Pod, { services, replicaSets }: World): TopologySpreadConstraint[] {
  const { namespace, ownerReferences = [] } = pod.metadata;
  const selecting = services.filter(
    ({ metadata, spec }) => metadata.namespace === namespace && spec!.selector && isSelected({ matchLabels: spec!.selector }, labelsOf(pod)),
  );
  const owner = replicaSets.find(
    ({ metadata }) => metadata.namespace === namespace && ownerReferences.some(({ kind, name }) => kind === 'ReplicaSet' && name === metadata.name),
  );
  // Both select: of a controller whose selector is not that of the Service, no pod is counted.
  const labelSelector = {
    matchLabels: Object.assign({}, ...selecting.map(({ spec }) => spec!.selector)) as Record<string, string>,
    matchExpressions: Object.entries(owner?.spec?.selector.matchLabels ?? {}).map(([key, value]) => ({ key, operator: 'In', values: [value] })),
  };
  if (isEmpty(labelSelector)) return [];
  return [
    { topologyKey: 'kubernetes.io/hostname', maxSkew: 3, whenUnsatisfiable: 'ScheduleAnyway', labelSelector },
    { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 5, whenUnsatisfiable: 'ScheduleAnyway', labelSelector },
  ];
}

const interPodAffinity: Scorer = {
  weight: 2,
  scores: (pod, feasible, world) => {
    const raw = feasible.map((node) => {
      let score = 0;
      const preferred = ({ spec }: Pod) => [
        ...(spec!.affinity?.podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []),
        ...(spec!.affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((one) => ({ ...one, weight: -one.weight })),
      ];
      for (const { weight, podAffinityTerm: term } of preferred(pod)) {
        score += weight * podsNear(node, term.topologyKey, world).filter((other) => isAbout(term, pod, other, world)).length;
      }
      for (const other of world.pods) {
        const required = other.spec!.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
        for (const { weight, podAffinityTerm: term } of [...preferred(other), ...required.map((podAffinityTerm) => ({ weight: 1, podAffinityTerm }))]) {
          if (podsNear(node, term.topologyKey, world).includes(other) && isAbout(term, other, pod, world)) score += weight;
        }
      }
      return score;
    });
    const [min, max] = [Math.min(...raw), Math.max(...raw)];
    return raw.map((score) => (max > min ? cut((100 * (score - min)) / (max - min)) : 0));
  },
};

const scorers: readonly Scorer[] = [taintToleration, nodeAffinity, leastAllocated, balancedAllocation, imageLocality, topologySpread, interPodAffinity];

import type { Node, Pod, PodAffinityTerm, Taint, TopologySpreadConstraint } from '../../../core/schema/generated/kinds.ts';
import { amountOf, isEmpty, isSelected, labelsOf, podsOn, requestOf, satisfies, type World } from './world.ts';

/** Why a pod cannot run on a node, by each plugin in turn (Kubernetes documentation, "Scheduling, Preemption and Eviction"). The first that has reasons tells them. */
export function reasonsAgainst(pod: Pod, node: Node, world: World): readonly string[] {
  for (const filter of filters) {
    const reasons = filter(pod, node, world);
    if (reasons.length > 0) return reasons;
  }
  return [];
}

type Filter = (pod: Pod, node: Node, world: World) => readonly string[];

const when = (is: boolean, reason: string): readonly string[] => (is ? [reason] : []);

const unschedulable: Filter = (pod, { spec }) =>
  when(spec?.unschedulable === true && !isTolerated({ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }, pod), 'node(s) were unschedulable');

const taints: Filter = (pod, { spec }) =>
  when(
    (spec?.taints ?? []).some((taint) => taint.effect !== 'PreferNoSchedule' && !isTolerated(taint, pod)),
    'node(s) had untolerated taint(s)',
  );

/** "Taints and Tolerations" */
export const isTolerated = (taint: Taint, { spec }: Pod): boolean =>
  (spec!.tolerations ?? []).some(
    ({ key, operator = 'Equal', value, effect }) =>
      (!effect || effect === taint.effect) &&
      (!key || key === taint.key) &&
      (operator === 'Exists' || (key !== undefined && (value ?? '') === (taint.value ?? ''))),
  );

const nodeAffinity: Filter = (pod, node) => when(!isChosen(pod, node), "node(s) didn't match Pod's node affinity/selector");

/** Whether a node is among those that a pod asks for ("Assigning Pods to Nodes"). */
export function isChosen({ spec }: Pod, node: Node): boolean {
  const terms = spec!.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const bySelector = Object.entries(spec!.nodeSelector ?? {}).every(([key, value]) => labelsOf(node)[key] === value);
  return (
    bySelector &&
    (terms === undefined ||
      terms.some(({ matchExpressions = [] }) => matchExpressions.length > 0 && matchExpressions.every((one) => satisfies(labelsOf(node), one))))
  );
}

const ports: Filter = (pod, node, world) => {
  const of = ({ spec }: Pod) =>
    [...spec!.containers, ...(spec!.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')].flatMap(({ ports = [] }) =>
      ports.filter(({ hostPort }) => hostPort),
    );
  const taken = podsOn(world, node).flatMap(of);
  const any = (ip: string | undefined) => !ip || ip === '0.0.0.0';
  const clash = of(pod).some((port) =>
    taken.some(
      (other) =>
        other.hostPort === port.hostPort &&
        (other.protocol ?? 'TCP') === (port.protocol ?? 'TCP') &&
        (any(other.hostIP) || any(port.hostIP) || other.hostIP === port.hostIP),
    ),
  );
  return when(clash, "node(s) didn't have free ports for the requested pod ports");
};

const resources: Filter = (pod, node, world) => {
  const others = podsOn(world, node);
  const allocatable = node.status!.allocatable!;
  return [
    ...when(others.length + 1 > Number(allocatable['pods']), 'Too many pods'),
    ...['cpu', 'memory', 'example.com/gpu'].flatMap((name) => {
      const wanted = requestOf(pod, name);
      const free = amountOf(name, allocatable[name]) - others.reduce((sum, other) => sum + requestOf(other, name), 0);
      return when(wanted > 0 && wanted > free, `Insufficient ${name}`);
    }),
  ];
};

/** "Pod Topology Spread Constraints" */
const spread: Filter = (pod, node, world) => {
  const constraints = (pod.spec!.topologySpreadConstraints ?? []).filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule');
  const uneven = "node(s) didn't match pod topology spread constraints";
  for (const constraint of constraints) {
    const domain = labelsOf(node)[constraint.topologyKey];
    if (domain === undefined) return [`${uneven} (missing required label)`];
    const counts = countsByDomain(pod, constraint, constraints, world);
    const least = counts.size < (constraint.minDomains ?? 1) ? 0 : Math.min(...counts.values());
    const self = isSelected(constraint.labelSelector, labelsOf(pod)) ? 1 : 0;
    if ((counts.get(domain) ?? 0) + self - least > constraint.maxSkew) return [uneven];
  }
  return [];
};

/** How many pods a constraint counts in each domain that it spreads over. */
export function countsByDomain(pod: Pod, constraint: TopologySpreadConstraint, all: readonly TopologySpreadConstraint[], world: World): Map<string, number> {
  const { topologyKey, nodeAffinityPolicy = 'Honor', nodeTaintsPolicy = 'Ignore' } = constraint;
  const counts = new Map<string, number>();
  for (const node of world.nodes) {
    if (all.some((one) => labelsOf(node)[one.topologyKey] === undefined)) continue;
    if (nodeAffinityPolicy === 'Honor' && !isChosen(pod, node)) continue;
    if (nodeTaintsPolicy === 'Honor' && taints(pod, node, world).length > 0) continue;
    const domain = labelsOf(node)[topologyKey]!;
    counts.set(domain, (counts.get(domain) ?? 0) + countOn(node, pod, constraint, world));
  }
  return counts;
}

export const countOn = (node: Node, pod: Pod, { labelSelector }: Pick<TopologySpreadConstraint, 'labelSelector'>, world: World): number =>
  isEmpty(labelSelector)
    ? 0
    : podsOn(world, node).filter(
        (other) => !other.metadata.deletionTimestamp && other.metadata.namespace === pod.metadata.namespace && isSelected(labelSelector, labelsOf(other)),
      ).length;

/** "Inter-pod affinity and anti-affinity" */
const interPod: Filter = (pod, node, world) => {
  const { podAffinity, podAntiAffinity } = pod.spec!.affinity ?? {};
  const wanted = podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const unwanted = podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const isOfAll = (other: Pod) => wanted.every((term) => isAbout(term, pod, other, world));
  if (wanted.length > 0) {
    const labelled = wanted.every(({ topologyKey }) => labelsOf(node)[topologyKey] !== undefined);
    const near = wanted.every(({ topologyKey }) => podsNear(node, topologyKey, world).some(isOfAll));
    const anywhere = world.nodes.some((one) => wanted.some(({ topologyKey }) => labelsOf(one)[topologyKey] !== undefined) && podsOn(world, one).some(isOfAll));
    if (!labelled || (!near && (anywhere || !isOfAll(pod)))) return ["node(s) didn't match pod affinity rules"];
  }
  if (unwanted.some((term) => podsNear(node, term.topologyKey, world).some((other) => isAbout(term, pod, other, world)))) {
    return ["node(s) didn't match pod anti-affinity rules"];
  }
  const heldOff = world.pods.some((other) =>
    (other.spec!.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).some(
      (term) => podsNear(node, term.topologyKey, world).includes(other) && isAbout(term, other, pod, world),
    ),
  );
  return when(heldOff, "node(s) didn't satisfy existing pods anti-affinity rules");
};

/** The pods in the domain of a node; none when it has no such label. */
export function podsNear(node: Node, topologyKey: string, world: World): readonly Pod[] {
  const domain = labelsOf(node)[topologyKey];
  return domain === undefined ? [] : world.nodes.filter((one) => labelsOf(one)[topologyKey] === domain).flatMap((one) => podsOn(world, one));
}

/** Whether a term of one pod is about another. */
export function isAbout({ labelSelector, namespaces = [], namespaceSelector }: PodAffinityTerm, of: Pod, other: Pod, { namespaces: all }: World): boolean {
  const { namespace } = other.metadata;
  const labels = labelsOf(all.find(({ metadata }) => metadata.name === namespace) ?? { metadata: {} });
  const inNamespace =
    namespaces.length === 0 && !namespaceSelector
      ? namespace === of.metadata.namespace
      : namespaces.includes(namespace!) || isSelected(namespaceSelector, labels);
  return inNamespace && isSelected(labelSelector, labelsOf(other));
}

const filters: readonly Filter[] = [unschedulable, taints, nodeAffinity, ports, resources, spread, interPod];

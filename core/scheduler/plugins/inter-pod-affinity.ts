import { type LabelSelector, selects, selectsEverything } from '../../kube/label-selector.ts';
import type { Pod } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { type ClusterInfo, type Objection, type Plugin, skip, unresolvable } from '../framework.ts';
import { betweenExtremes } from '../normalize.ts';
import type { PodInfo } from '../pod-info.ts';
import { type PodKind, remembering } from '../pod-kind.ts';
import { type AffinityTerm, isAbout } from '../topology/affinity-terms.ts';
import type { CarriedTerm } from '../topology/carried-term.ts';
import { CarriedTerms, carriedOn } from '../topology/carried-terms.ts';
import { DomainCounts, KeptCounts } from '../topology/domain-counts.ts';
import { isNear, type Standing, standings } from '../topology/standing.ts';

export interface InterPodAffinityArgs {
  /** What it counts for in scores that a pod which is there has to be near the new one. */
  readonly hardPodAffinityWeight?: number;
  /** Whether what the pods that are there prefer goes by the board for a pod that prefers nothing. */
  readonly ignorePreferredTermsOfExistingPods?: boolean;
}

/** Pods near other pods, or not near them, by their own terms and by those of the pods that are there ("Inter-pod affinity and anti-affinity"). */
export const interPodAffinityWith = ({ hardPodAffinityWeight = 1, ignorePreferredTermsOfExistingPods = false }: InterPodAffinityArgs): Plugin => ({
  name: 'InterPodAffinity',
  preFilter: (pod, cluster) => {
    const affinity = pod.affinities?.required ?? [];
    const about = affinity.length > 0 ? countsOfAll(affinity, cluster) : [];
    const against = (pod.affinities?.requiredAnti ?? []).map((term) => countsOf(resolved(term, cluster.state), cluster));
    const existing = carriedAbout(pod, cluster, 'anti').map((term) => carriedCounts(term, cluster));
    if (affinity.length + against.length + existing.length === 0) return skip;
    // The first of pods that want to be near each other is near none.
    const first = about.every(({ total }) => total === 0) && isAboutItself(affinity, pod, cluster.state);
    return {
      type: 'filter',
      filter: (_node, position) => {
        for (const counts of about) if (counts.domainOf(position) < 0 || (!first && counts.at(position) <= 0)) return NOT_NEAR;
        for (const counts of against) if (counts.at(position) > 0) return NEAR;
        for (const counts of existing) if (counts.at(position) > 0) return UNWANTED;
        return undefined;
      },
    };
  },
  restsOn: (pod, node, cluster) => {
    const { state } = cluster;
    const labels = node.node.metadata.labels ?? {};
    const all = (pod.affinities?.required ?? []).map((term) => resolved(term, state));
    const against = (pod.affinities?.requiredAnti ?? []).map((term) => resolved(term, state));
    const own = labelsOfNamespace(pod.pod, state.observed(undefined));
    const isNearNode = (standing: Standing, { topologyKey }: { topologyKey: string }) => isNear(standing, topologyKey, labels[topologyKey]);
    /** What must not come near, and what must not go. */
    const isHarmful = (standing: Standing) =>
      against.some((term) => isNearNode(standing, term) && isOf(term, standing.pod.kind)) ||
      (standing.pod.affinities?.requiredAnti ?? []).some((term) => isNearNode(standing, term) && isAbout(term, pod.kind, own));
    const isNeeded = (standing: Standing) =>
      all.length > 0 && all.some((term) => isNearNode(standing, term)) && all.every((term) => isOf(term, standing.pod.kind));
    const isFirst = all.length > 0 && countsOfAll(pod.affinities!.required, cluster).every(({ total }) => total === 0);
    const isAlike = (standing: Standing) => all.every((term) => isOf(term, standing.pod.kind));
    return {
      of: 'pods',
      isBrokenBy: (change) => {
        const { before, after } = standings(change, cluster);
        if (after && isHarmful(after) && !(before && isHarmful(before))) return true;
        if (isFirst) return after !== undefined && isAlike(after) && !(before && isAlike(before));
        return before !== undefined && isNeeded(before) && !(after && isNeeded(after));
      },
      among: all.length + against.length === 0 ? { index: 'antiAffinity', value: '' } : { namespaces: 'all' },
    };
  },
  score: {
    weight: 2,
    among: (pod, cluster) => {
      const preferred = pod.affinities?.preferred ?? [];
      if (ignorePreferredTermsOfExistingPods && preferred.length === 0) return undefined;
      const wanted = preferred.map(({ term, weight }) => ({ weight, counts: countsOf(resolved(term, cluster.state), cluster) }));
      const carried = (kind: CarriedTerm['kind'], weight: number) =>
        carriedAbout(pod, cluster, kind).map((term) => ({ weight, counts: carriedCounts(term, cluster) }));
      const existing = [...carried('preferred', 1), ...(hardPodAffinityWeight > 0 ? carried('required', hardPodAffinityWeight) : [])];
      const all = [...wanted, ...existing].filter(({ counts }) => counts.total !== 0);
      if (all.length === 0) return undefined;
      return (_node, position) => {
        let sum = 0;
        for (const { weight, counts } of all) sum += weight * counts.at(position);
        return sum;
      };
    },
    normalize: betweenExtremes,
  },
});

export const interPodAffinity = interPodAffinityWith({});

const NOT_NEAR = unresolvable("node(s) didn't match pod affinity rules");
const NEAR: Objection = { reasons: ["node(s) didn't match pod anti-affinity rules"], resolvable: true };
const UNWANTED: Objection = { reasons: ["node(s) didn't satisfy existing pods anti-affinity rules"], resolvable: true };

/** A term of the pod that is placed, with the namespaces that its selector stands for now; undefined: all. */
interface Resolved {
  readonly topologyKey: string;
  readonly namespaces: readonly string[] | undefined;
  readonly selector: LabelSelector | undefined;
}

function resolved({ topologyKey, namespaces, namespaceSelector, selector }: AffinityTerm, state: State): Resolved {
  if (!namespaceSelector) return { topologyKey, namespaces, selector };
  if (selectsEverything(namespaceSelector)) return { topologyKey, namespaces: undefined, selector };
  const selected = state
    .list('namespaces')
    .filter(({ metadata }) => selects(namespaceSelector, metadata.labels))
    .map(({ metadata }) => metadata.name);
  return { topologyKey, namespaces: [...new Set([...namespaces, ...selected])], selector };
}

const isOf = ({ namespaces, selector }: Resolved, { namespace, labels }: PodKind): boolean =>
  (namespaces === undefined || namespaces.includes(namespace)) && selects(selector, labels);

/** How many pods a term is about, in each of its domains. */
function countsOf(term: Resolved, cluster: ClusterInfo): DomainCounts {
  const { topologyKey } = term;
  const isCounted = remembering((kind) => isOf(term, kind));
  const make = () => new DomainCounts({ topologyKey, on: ({ bound }) => bound.countOf(isCounted) });
  return cluster.kept
    .of(KeptCounts)
    .get(`term ${JSON.stringify(term)}`, make)
    .update(cluster);
}

/** How many pods all terms are about, in the domains of each: it is one and the same pod that has to satisfy them all. */
function countsOfAll(terms: readonly AffinityTerm[], cluster: ClusterInfo): DomainCounts[] {
  const all = terms.map((term) => resolved(term, cluster.state));
  const isCounted = remembering((kind) => all.every((term) => isOf(term, kind)));
  return [...new Set(all.map(({ topologyKey }) => topologyKey))].map((topologyKey) => {
    const make = () => new DomainCounts({ topologyKey, on: ({ bound }) => bound.countOf(isCounted) });
    return cluster.kept
      .of(KeptCounts)
      .get(`terms ${topologyKey} ${JSON.stringify(all)}`, make)
      .update(cluster);
  });
}

const carriedCounts = (term: CarriedTerm, cluster: ClusterInfo): DomainCounts =>
  cluster.kept
    .of(KeptCounts)
    .get(`carried ${term.text}`, () => new DomainCounts({ topologyKey: term.term.topologyKey, on: (node) => carriedOn(node, term) }))
    .update(cluster);

/** The terms of pods that have their nodes which are about this one. */
function carriedAbout(pod: PodInfo, cluster: ClusterInfo, kind: CarriedTerm['kind']): readonly CarriedTerm[] {
  const carried = cluster.kept.of(CarriedTerms).update(cluster);
  if (carried.isEmpty) return NONE;
  return carried.about(pod.kind, carried.looksAtNamespaces ? labelsOfNamespace(pod.pod, cluster.state) : {}).filter((term) => term.kind === kind);
}

const NONE: readonly CarriedTerm[] = [];

const labelsOfNamespace = ({ metadata }: Pod, state: State) => state.get('namespaces', undefined, metadata.namespace!)?.metadata.labels ?? {};

const isAboutItself = (terms: readonly AffinityTerm[], pod: PodInfo, state: State): boolean =>
  terms.length > 0 && terms.every((term) => isOf(resolved(term, state), pod.kind));

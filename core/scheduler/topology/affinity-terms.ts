import { type LabelSelector, selects } from '../../kube/label-selector.ts';
import type { Pod, PodAffinityTerm, WeightedPodAffinityTerm } from '../../schema/generated/kinds.ts';
import type { PodKind } from '../pod-kind.ts';

type Labels = Readonly<Record<string, string>>;

/** A term of pod (anti-)affinity: which pods it is about, and how near is near. */
export interface AffinityTerm {
  readonly topologyKey: string;
  readonly namespaces: readonly string[];
  readonly namespaceSelector: LabelSelector | undefined;
  readonly selector: LabelSelector | undefined;
  /** All of it: equal terms have equal texts. */
  readonly text: string;
}

export interface WeightedTerm {
  readonly term: AffinityTerm;
  /** Below zero for anti-affinity. */
  readonly weight: number;
}

/** What a pod wants to be near, and what not. */
export interface Affinities {
  readonly required: readonly AffinityTerm[];
  readonly requiredAnti: readonly AffinityTerm[];
  readonly preferred: readonly WeightedTerm[];
}

/** The terms of a pod; undefined: it has none, as most pods. */
export function affinitiesOf({ metadata: { namespace = '' }, spec }: Pod): Affinities | undefined {
  const { podAffinity, podAntiAffinity } = spec!.affinity ?? {};
  if (!podAffinity && !podAntiAffinity) return undefined;
  const term = (given: PodAffinityTerm) => termOf(given, namespace);
  const weighted = (sign: 1 | -1) => (given: WeightedPodAffinityTerm) => ({ term: term(given.podAffinityTerm), weight: sign * given.weight });
  return {
    required: (podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(term),
    requiredAnti: (podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(term),
    preferred: [
      ...(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(weighted(1)),
      ...(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(weighted(-1)),
    ],
  };
}

/** A term that names no namespace is about the pod's own. */
function termOf({ topologyKey, labelSelector: selector, namespaces = [], namespaceSelector }: PodAffinityTerm, own: string): AffinityTerm {
  const named = namespaces.length === 0 && !namespaceSelector ? [own] : [...namespaces].sort();
  return { topologyKey, namespaces: named, namespaceSelector, selector, text: JSON.stringify([topologyKey, named, namespaceSelector, selector]) };
}

/** Whether a term is about a pod. `namespaceLabels`: those of the pod's namespace. */
export const isAbout = ({ namespaces, namespaceSelector, selector }: AffinityTerm, { namespace, labels }: PodKind, namespaceLabels: Labels): boolean =>
  (namespaces.includes(namespace) || (namespaceSelector !== undefined && selects(namespaceSelector, namespaceLabels))) && selects(selector, labels);

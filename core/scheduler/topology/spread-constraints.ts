import { matchesNode, untolerated } from '../../apis/core/node-match.ts';
import { selecting, selectorIndex } from '../../apis/label-selection.ts';
import { type LabelSelector, selects, selectsEverything } from '../../kube/label-selector.ts';
import { controllerOf } from '../../kube/object.ts';
import type { Node, Pod, TopologySpreadConstraint } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import type { ClusterInfo } from '../framework.ts';
import type { PodInfo } from '../pod-info.ts';
import { type PodKind, remembering } from '../pod-kind.ts';
import { DomainCounts, KeptCounts } from './domain-counts.ts';

type When = 'DoNotSchedule' | 'ScheduleAnyway';

/** A constraint of a pod with the pods that it counts, in the domains that it spreads them over. */
export interface Constraint {
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly minDomains: number;
  /** Whether the pod counts itself. */
  readonly countsItself: boolean;
  readonly counts: DomainCounts;
  /** Whether it counts a pod that stands in one of its domains. */
  readonly isCounted: (pod: PodKind) => boolean;
}

/** Constraints of the cluster, for pods that have none of their own and are selected by a Service or controlled by what selects them. */
export interface DefaultConstraints {
  readonly constraints: readonly Given[];
  /** Whether nodes that are not in all of their domains are left out, as they are by a pod's own constraints. */
  readonly needAll: boolean;
}

/** Those that hold where nothing else is configured: they are for nodes without zones, too. */
export const systemDefaults: DefaultConstraints = {
  constraints: [
    { topologyKey: 'kubernetes.io/hostname', maxSkew: 3, whenUnsatisfiable: 'ScheduleAnyway' },
    { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 5, whenUnsatisfiable: 'ScheduleAnyway' },
  ],
  needAll: false,
};

export type Given = Omit<TopologySpreadConstraint, 'labelSelector'> & { readonly labelSelector?: LabelSelector };

/** The constraints of one kind that a pod has, or that the cluster has for it. Those that need all of their labels count pods on nodes that have them. */
export function constraintsOf(pod: PodInfo, when: When, cluster: ClusterInfo, defaults: DefaultConstraints): readonly Constraint[] {
  const own = pod.pod.spec!.topologySpreadConstraints ?? [];
  const constraints = (own.length > 0 ? (own as readonly Given[]) : defaults.constraints).filter(({ whenUnsatisfiable }) => whenUnsatisfiable === when);
  if (constraints.length === 0) return NONE;
  const keys = own.length > 0 || defaults.needAll || when === 'DoNotSchedule' ? constraints.map(({ topologyKey }) => topologyKey) : [];
  if (own.length > 0) return constraints.map((constraint) => countedBy(constraint, keys, pod, cluster));
  // Where a pod had better be rests on nothing: it stays right when a Service goes.
  const labelSelector = selectorOfOwners(pod.pod, when === 'ScheduleAnyway' ? cluster.state.observed(undefined) : cluster.state);
  return labelSelector ? constraints.map((constraint) => countedBy({ ...constraint, labelSelector }, keys, pod, cluster)) : NONE;
}

/** Shared: most pods have none. */
const NONE: readonly Constraint[] = [];

function countedBy(constraint: Given, keys: readonly string[], pod: PodInfo, cluster: ClusterInfo): Constraint {
  const { topologyKey, maxSkew, minDomains = 1, labelSelector, nodeAffinityPolicy = 'Honor', nodeTaintsPolicy = 'Ignore' } = constraint;
  const { namespace, labels } = pod.kind;
  const { nodeSelector, affinity, tolerations } = pod.pod.spec!;
  const required = nodeAffinityPolicy === 'Honor' ? { nodeSelector, affinity: affinity?.nodeAffinity && { nodeAffinity: affinity.nodeAffinity } } : {};
  const tolerated = nodeTaintsPolicy === 'Honor' ? (tolerations ?? []) : undefined;
  const isCandidate = (node: Node) =>
    keys.every((key) => node.metadata.labels?.[key] !== undefined) &&
    matchesNode(required as NonNullable<Pod['spec']>, node) &&
    !(tolerated && untolerated(node.spec?.taints, tolerated, ['NoSchedule', 'NoExecute']));
  // A selector that selects everything counts nothing (countPodsMatchSelector).
  const selector = selectsEverything(labelSelector) ? undefined : labelSelector;
  const isCounted = remembering((other) => other.namespace === namespace && !other.terminating && selects(selector, other.labels));
  const text = `spread ${JSON.stringify([topologyKey, keys, namespace, selector, required, tolerated])}`;
  const counts = cluster.kept.of(KeptCounts).get(
    text,
    () =>
      new DomainCounts({
        topologyKey,
        includes: ({ node }) => isCandidate(node),
        on: ({ bound }) => bound.countOf(isCounted),
      }),
  );
  return { topologyKey, maxSkew, minDomains, countsItself: selects(labelSelector, labels), isCounted, counts: counts.update(cluster) };
}

/** What the Services that select a pod and its controller select together (helper.DefaultSelector); undefined: nothing selects it. */
function selectorOfOwners(pod: Pod, state: State): LabelSelector | undefined {
  const matchLabels: Record<string, string> = {};
  for (const service of selecting(services, pod, state)) Object.assign(matchLabels, service.spec!.selector);
  const { namespace } = pod.metadata;
  const owner = controllerOf(pod);
  let more: LabelSelector | undefined;
  if (owner?.kind === 'ReplicationController' && owner.apiVersion === 'v1') {
    Object.assign(matchLabels, state.get('replicationcontrollers', namespace, owner.name)?.spec?.selector);
  } else if (owner?.apiVersion === 'apps/v1' && (owner.kind === 'ReplicaSet' || owner.kind === 'StatefulSet')) {
    const resource = owner.kind === 'ReplicaSet' ? 'replicasets.apps' : 'statefulsets.apps';
    more = state.get(resource, namespace, owner.name)?.spec?.selector;
  }
  const matchExpressions = [
    ...Object.entries(more?.matchLabels ?? {}).map(([key, value]) => ({ key, operator: 'In', values: [value] })),
    ...(more?.matchExpressions ?? []),
  ];
  const selector = { matchLabels, matchExpressions };
  return selectsEverything(selector) ? undefined : selector;
}

const services = selectorIndex('services', ({ spec }) => (spec?.selector ? { matchLabels: spec.selector } : undefined));

import { type ClusterInfo, type Plugin, type PluginObjection, unresolvable } from './framework.ts';
import type { NodeInfo } from './node-info.ts';
import { positionOf } from './node-infos.ts';
import { type Nominations, nominatedBefore } from './nominations.ts';
import type { PodInfo } from './pod-info.ts';
import { excludedReason, firstObjection, type PreFiltered, preFiltered } from './pre-filter.ts';
import { inWhatIf } from './what-if.ts';

/** In which cluster nodes are looked at, by which plugins, and for which pods room is being made there. */
export interface Cycle {
  readonly cluster: ClusterInfo;
  readonly plugins: readonly Plugin[];
  readonly nominated: Nominations;
}

/** Why a pod cannot run on one node of a cluster, that may be a what-if; undefined: it can. */
export const whyNotOn = (info: PodInfo, node: NodeInfo, cycle: Cycle): PluginObjection | undefined =>
  objectionTo(node, cycle.cluster, preFiltered(info, cycle.cluster, cycle.plugins)) ?? objectionBesideNominated(info, node, cycle);

/** What is against a node, of what is asked of it for a pod. */
export function objectionTo(node: NodeInfo, cluster: ClusterInfo, asked: PreFiltered): PluginObjection | undefined {
  if (asked.type === 'impossible') return { ...unresolvable(asked.impossible), plugin: [...asked.rejectors][0]! };
  const { names, excludedBy, filters } = asked;
  if (names && !names.has(node.name)) return { ...unresolvable(excludedReason(excludedBy)), plugin: excludedBy[0]! };
  return firstObjection(filters, positionOf(node.name, cluster.nodes), cluster);
}

/**
 * Pods that are nominated for a node, and that another one has to leave room for, may come there or not: it has to fit in both cases
 * (RunFilterPluginsWithNominatedPods). What is against it with them.
 */
export function objectionBesideNominated(info: PodInfo, node: NodeInfo, { cluster, plugins, nominated }: Cycle): PluginObjection | undefined {
  const before = nominated.size > 0 ? nominatedBefore(info, node, nominated) : [];
  if (before.length === 0) return undefined;
  return inWhatIf(cluster, node, { and: before.map(({ pod }) => pod) }, (whatIf, there) =>
    // What plugins have noted of the pod in the cluster as it is does not hold there.
    objectionTo(there, whatIf, preFiltered({ ...info }, whatIf, plugins)),
  );
}

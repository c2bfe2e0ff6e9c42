import type { State } from '../projection/state.ts';
import type { Amounts } from '../resources/core/pod-requests.ts';
import type { Pod } from '../resources/generated/kinds.ts';
import type { NodeInfo } from './node-info.ts';

/**
 * The scheduling framework (Kubernetes documentation, "Scheduling Framework"), as far as its extension points decide anything: a plugin
 * says on which nodes a pod can run (filter) and which of them suit it best (score). Plugins are pure; they see the cluster with the pods
 * placed earlier in the same pass.
 */
export interface Plugin {
  /** As in a KubeSchedulerConfiguration: `NodeResourcesFit`. */
  readonly name: string;
  /** Reasons that hold for the pod on any node, such as a claim that does not exist. It is then not filtered at all. */
  readonly preFilter?: (pod: PodInfo, cluster: ClusterInfo) => string | undefined;
  /** Why the pod cannot run on the node, in the words that events show ("Insufficient cpu"); empty: it can. */
  readonly filter?: (pod: PodInfo, node: NodeInfo, cluster: ClusterInfo) => readonly string[];
  readonly score?: Score;
}

export interface Score {
  readonly weight: number;
  /** More is better. */
  readonly of: (pod: PodInfo, node: NodeInfo, cluster: ClusterInfo) => number;
  /**
   * How the scores of all feasible nodes become 0 to 100: as they are, in proportion to the highest, or the same reversed (more was worse).
   */
  readonly normalize: 'none' | 'proportional' | 'reversed';
}

/** A pod to place, with what plugins ask of it again and again. */
export interface PodInfo {
  readonly pod: Pod;
  readonly requests: Amounts;
}

export interface ClusterInfo {
  readonly state: State;
  readonly nodes: readonly NodeInfo[];
}

export const feasible: readonly string[] = [];

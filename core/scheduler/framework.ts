import type { Mutation } from '../apis/mutation.ts';
import type { Condition } from '../state/reads.ts';
import type { State } from '../state/state.ts';
import type { Kept } from './kept.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';

/**
 * The scheduling framework (Kubernetes documentation, "Scheduling Framework"), as far as its extension points decide anything: a plugin
 * says on which nodes a pod can run (preFilter, filter), which of them suit it best (score), and what else has to be written when it gets
 * its node (reserve). Plugins are pure; they see the cluster with the pods placed earlier in the same pass.
 */
export interface Plugin {
  /** As in a KubeSchedulerConfiguration: `NodeResourcesFit`. */
  readonly name: string;
  /**
   * What it says of a node follows from what the pod asks for and from the node with its pods, and from nothing else: it is asked once for all pods that ask for the
   * same, until the node changes (node-verdicts.ts). Such plugins filter before all others.
   */
  readonly local?: true;
  /** What holds for the pod on any node. Undefined: nothing yet. */
  readonly preFilter?: (pod: PodInfo, cluster: ClusterInfo) => PreFilterResult | undefined;
  /** Why the pod cannot run on the node; undefined: it can. */
  readonly filter?: (pod: PodInfo, node: NodeInfo, cluster: ClusterInfo) => Objection | undefined;
  readonly score?: Score;
  /** What has to stay so among other pods for the pod's place on the node to be right, where another writer may change it (docs/decisions/0015-rebase.md). */
  readonly restsOn?: (pod: PodInfo, node: NodeInfo, cluster: ClusterInfo) => Condition<'pods'> | undefined;
  /**
   * What the pod's place on the node entails, in what goes along with the binding; the pods after it see it done.
   */
  readonly reserve?: (pod: PodInfo, node: NodeInfo, cluster: ClusterInfo) => readonly Reservation[];
}

/** An object as it is to be, for a pod that got its node. */
export type Reservation = Mutation & { readonly type: 'update' };

export type PreFilterResult =
  /** It can run nowhere, such as when a claim does not exist. It is then not filtered at all. */
  | { readonly type: 'impossible'; readonly reason: string }
  /** The pod asks for nothing that concerns the plugin: its filter is passed over. */
  | { readonly type: 'skip' }
  /** Only these nodes come into question. */
  | { readonly type: 'nodes'; readonly names: ReadonlySet<string> }
  /** In place of the plugin's filter: one that has worked out before what all nodes have in common. */
  | { readonly type: 'filter'; readonly filter: NodeFilter };

/** Why the pod cannot run on a node, which stands at a place in the list; it may be what the node would be with other pods. */
export type NodeFilter = (node: NodeInfo, position: number) => Objection | undefined;

export interface Objection {
  /** In the words that events show: `Insufficient cpu`. */
  readonly reasons: readonly string[];
  /** Whether the pod could run there if others went (the status Unschedulable, not UnschedulableAndUnresolvable). */
  readonly resolvable: boolean;
}

export interface Score {
  readonly weight: number;
  /** Whether it can make a difference for the pod. Default: yes. */
  readonly concerns?: (pod: PodInfo) => boolean;
  /** A whole number; more is better. */
  readonly of?: (pod: PodInfo, node: NodeInfo) => number;
  /** In place of `of`: what works out before what all nodes have in common that the pod can run on (PreScore). Undefined when it makes no difference. */
  readonly among?: (pod: PodInfo, cluster: ClusterInfo, feasible: readonly number[]) => NodeScore | undefined;
  /** How the scores of all nodes that the pod can run on become 0 to 100, in place. Default: as they are. */
  readonly normalize?: (scores: Float64Array) => void;
}

/** The score of a node, which stands at a place in the list. */
export type NodeScore = (node: NodeInfo, position: number) => number;

export interface ClusterInfo {
  /** The state of the pass, with what was reserved for the pods placed so far. */
  state: State;
  /** In the order of their names, with the pods placed so far: the pass's own list of NodeInfos that it shares with the state. */
  readonly nodes: NodeInfo[];
  /** The places in the list of those that were replaced since, in turn. */
  readonly changed: number[];
  readonly kept: Kept;
}

export const skip: PreFilterResult = { type: 'skip' };

/** An objection of one reason that no other pod's going would remove. */
export const unresolvable = (reason: string): Objection => ({ reasons: [reason], resolvable: false });

import type { CreateMutation, DeleteMutation, UpdateMutation } from '../apis/mutation.ts';
import type { Random } from '../env.ts';
import type { Pod } from '../schema/generated/kinds.ts';
import type { Condition } from '../state/reads.ts';
import type { State } from '../state/state.ts';
import type { Kept } from './kept.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';
import type { KnownVictims } from './preemption/known-victims.ts';

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
   * same, until the node changes (node-verdicts.ts), as long as no other plugin filters before it.
   */
  readonly local?: true;
  /** Why the pod is not even looked at: nothing is told of that. */
  readonly preEnqueue?: (pod: Pod, state: State) => string | undefined;
  /** What holds for the pod on any node. Undefined: nothing yet. The place that the pod gets rests on what is read here. */
  readonly preFilter?: (pod: PodInfo, cluster: ClusterInfo) => PreFilterResult | undefined;
  /**
   * Why the pod cannot run on the node; undefined: it can. Hundreds of nodes are looked at, and what is read of them is not noted; then the one that is chosen once more, on which
   * the place rests: what is found out here is not to be kept in between.
   */
  readonly filter?: (pod: PodInfo, node: NodeInfo, cluster: ClusterInfo) => Objection | undefined;
  readonly score?: Score;
  /** What has to stay so among other pods for the pod's place on the node to be right, where another writer may change it (docs/decisions/0015-rebase.md). */
  readonly restsOn?: (pod: PodInfo, node: NodeInfo, cluster: ClusterInfo) => Condition<'pods'> | undefined;
  /** What is done for a pod that can run on no node as things are. */
  readonly postFilter?: (pod: PodInfo, diagnosis: Diagnosis, context: PostFilterContext) => PostFilterResult;
  /**
   * What the pod's place on the node entails, in what goes along with the binding; the pods after it see it done.
   */
  readonly reserve?: (pod: PodInfo, node: NodeInfo, cluster: ClusterInfo) => readonly Reservation[];
}

/** An object as it is to be for a pod that got its node, or one that is in its way. */
export type Reservation = CreateMutation | UpdateMutation | DeleteMutation;

export type PreFilterResult =
  /** It can run nowhere, such as when a claim does not exist. It is then not filtered at all. */
  | { readonly type: 'impossible'; readonly reason: string }
  /** The pod asks for nothing that concerns the plugin: its filter is passed over. */
  | { readonly type: 'skip' }
  /** Only these nodes come into question. */
  | { readonly type: 'nodes'; readonly names: ReadonlySet<string> }
  /** In place of the plugin's filter: one that has worked out before what all nodes have in common. */
  | { readonly type: 'filter'; readonly filter: NodeFilter };

/** Why the pod cannot run on a node, which stands at a place in the list of the cluster. */
export type NodeFilter = (node: NodeInfo, position: number, cluster: ClusterInfo) => Objection | undefined;

export interface Objection {
  /** In the words that events show: `Insufficient cpu`. */
  readonly reasons: readonly string[];
  /** Whether the pod could run there if others went (the status Unschedulable, not UnschedulableAndUnresolvable). */
  readonly resolvable: boolean;
  /** It could not be found out: the pod is not looked at on other nodes either. */
  readonly isError?: true;
}

/** What a plugin has against a node. */
export type PluginObjection = Objection & { readonly plugin: string };

/** Why a pod can run on no node. */
export interface Diagnosis {
  /** Of all nodes. */
  readonly count: number;
  /** What keeps the pod from every node, before any of them is looked at. */
  readonly impossible?: string;
  /** The plugins that were not asked before that was found. */
  readonly unreached?: ReadonlySet<string>;
  /** How many nodes gave each reason. */
  readonly reasons: ReadonlyMap<string, number>;
  /** The nodes that could take it if other pods went. */
  readonly resolvable: readonly NodeInfo[];
  /** What went wrong while it was looked for a node. */
  readonly failure?: string;
  /** The plugins that rejected it: what they wait for may change things. */
  readonly rejectors: ReadonlySet<string>;
}

export interface PostFilterContext {
  readonly cluster: ClusterInfo;
  readonly random: Random;
  /** The cluster's time, ms since the epoch. */
  readonly now: number;
  /** What the pass has found out for earlier pods. */
  readonly victims: KnownVictims;
  /** Why the pod could not run on a node even if some pods were not there; undefined: it could. */
  readonly objectionWithout: (pods: readonly Pod[], node: NodeInfo) => Objection | undefined;
}

export type PostFilterResult =
  /** Other pods make room for it on a node: nothing else is tried. */
  | { readonly type: 'nominated'; readonly node: string; readonly victims: readonly Pod[] }
  /** Something is written that makes room; the pod is looked at again after that. */
  | { readonly type: 'released'; readonly reserved: readonly Reservation[]; readonly reason: string }
  /** Nothing can be done; `nominated`: what the pod was nominated for stays, or is no more. */
  | { readonly type: 'rejected'; readonly reason: string; readonly nominated: 'kept' | 'cleared' }
  /** It could not look: the plugins after it are not asked. */
  | { readonly type: 'failed'; readonly reason: string };

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
  /** The state of the pass, with what was reserved for the pods placed so far. In a what-if it is made when it is asked for: that is left to pods that need it. */
  state: State;
  /** In the order of their names, with the pods placed so far: the pass's own list of NodeInfos that it shares with the state. */
  readonly nodes: NodeInfo[];
  /** The places in the list of those that were replaced since, in turn; another list: any may have been. */
  changed: number[];
  readonly kept: Kept;
  /** In a what-if: what has followed the nodes there, to follow them back when that is over. */
  readonly followers?: ((cluster: ClusterInfo) => void)[];
}

export const skip: PreFilterResult = { type: 'skip' };

/** An objection of one reason that no other pod's going would remove. */
export const unresolvable = (reason: string): Objection => ({ reasons: [reason], resolvable: false });

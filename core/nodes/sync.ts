import type { AdmissionPlugin } from '../admission/plugin.ts';
import type { Env } from '../env.ts';
import type { Attributed } from '../reconcile/reconciler.ts';
import type { ContainerStatus, Node, Pod } from '../schema/generated/kinds.ts';
import type { State } from '../state/state.ts';
import type { Rejection } from './admit-pod.ts';
import type { NodeImages } from './node-images.ts';
import type { PodEvent } from './pod-events.ts';
import type { AttemptContext, ContainerRuntime, NewlyTold } from './runtime.ts';

/** What a pod is looked at with. `statuses`, `events`, `wanted`, `told` and `enqueueAt` are filled in on the way. */
export interface Sync {
  readonly pod: Pod;
  /** Of the pod's containers of every sort, by their names: as they were, and as they are by now where they have been looked at. */
  readonly statuses: Map<string, ContainerStatus>;
  readonly node: Node;
  readonly state: State;
  readonly runtime: ContainerRuntime;
  /** What the pod's containers have from the cluster. */
  readonly attempts: AttemptContext;
  /** What of images the node has. */
  readonly images: NodeImages;
  readonly now: number;
  readonly env: Env;
  /** Whether the node takes the pod; what it takes counts from then on. `awaited`: others make room for it, and it is asked again. */
  readonly admit: (pod: Pod) => Rejection | 'awaited' | undefined;
  /** Why the node has no room for what a pod that it has taken wants by now. */
  readonly fits: (pod: Pod) => Rejection | undefined;
  /** An address of the node's range that no other pod has, held from then on. */
  readonly allocateIP: () => string | undefined;
  readonly events: PodEvent[];
  /** What the pod's containers want changed, as its service account, and what they are told. */
  readonly wanted: Attributed[];
  readonly told: NewlyTold[];
  /** By which what they want is admitted. */
  readonly plugins: readonly AdmissionPlugin[];
  /** Look at the pod again at this time at the latest, in ms since the epoch. */
  readonly enqueueAt: (time: number) => void;
}

import type { AdmissionPlugin } from '../admission/plugin.ts';
import type { Mutation } from '../apis/mutation.ts';
import type { ControlPlaneKeys } from '../auth/control-plane-keys.ts';
import type { Env } from '../env.ts';
import type { ClusterInstant } from '../instant.ts';
import type { GroupResource, Key, KubeObject } from '../kube/object.ts';
import type { User } from '../kube/user.ts';
import type { Kinds } from '../schema/generated/kinds.ts';
import type { Change } from '../state/change.ts';
import type { State } from '../state/state.ts';
import type { Refusal } from './shared/refusals.ts';

/**
 * One controller of kube-controller-manager: it reconciles the objects of one resource, one at a time, level-triggered.
 * `registry.ts` composes all of them into the one Reconciler `controllers`: it maps changes to primary keys through `watches`,
 * calls `reconcile` for each (existing or just deleted) primary, and attributes the mutations to
 * `system:serviceaccount:kube-system:<name>` (or `actor`) with the primary's resourceVersion as their cause.
 */
// biome-ignore lint/suspicious/noExplicitAny: the registry holds the controllers of all kinds in one list
export interface Controller<T extends KubeObject = any> {
  /** `deployment-controller`, as kube-controller-manager names its service account. */
  readonly name: string;
  /** The user that its mutations are attributed to, when that is not its service account. */
  readonly actor?: User;
  /** None, when no object is a primary: `primaries` and `watches` say then under which keys it is to look. */
  readonly resource?: GroupResource;
  /**
   * For every other resource that matters to it: which primary keys a change of such an object touches. It sees the change, so both the
   * object before and after (a label that moved away matters to the old owner). The resource `*` stands for every resource.
   */
  readonly watches?: Watches;
  /** What to look at when nothing is known (a cold start). Default: every object of `resource`. */
  readonly primaries?: (state: State) => Iterable<Key>;
  reconcile(context: ControllerContext<T>): ControllerResult;
}

/** By resource, each with the changes of its own kind. */
export type Watches = { readonly [R in keyof Kinds]?: Watch<Kinds[R]> } & { readonly '*'?: Watch<KubeObject> };

export type Watch<T extends KubeObject> = (change: Change<T>, state: State) => readonly Key[];

export interface ControllerContext<T extends KubeObject> {
  readonly key: Key;
  /** The primary object; undefined when it is gone (most controllers then have nothing to do). */
  readonly object: T | undefined;
  readonly state: State;
  /** What earlier reconciliations of this pass assumed for their objects (a volume for a claim): the state does not show it yet. */
  readonly assumed: Set<Key>;
  readonly now: ClusterInstant;
  readonly env: Env;
  /** What the control plane of the cluster signs with; none, where the host gives none. */
  readonly keys?: ControlPlaneKeys | undefined;
  /** By which its mutations are admitted. */
  readonly plugins: readonly AdmissionPlugin[];
  /** Why a pod, a ReplicaSet or a Job that it wanted was refused after all, a moment ago. */
  readonly refusal?: Refusal | undefined;
  /** It is looked at because the time has come that it asked for. */
  readonly isDue?: boolean;
}

export interface ControllerResult {
  readonly mutations: readonly Mutation[];
  /** Look at this primary again at this time of the cluster, even when nothing changes until then. */
  readonly enqueueAt?: ClusterInstant;
}

export const nothing: ControllerResult = { mutations: [] };

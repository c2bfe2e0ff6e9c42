import type { AdmissionPlugin } from '../admission/plugin.ts';
import type { Mutation } from '../apis/mutation.ts';
import type { Env } from '../env.ts';
import type { ClusterInstant } from '../instant.ts';
import type { Key } from '../kube/object.ts';
import type { Status } from '../kube/status.ts';
import type { User } from '../kube/user.ts';
import type { Change } from '../state/change.ts';
import type { State } from '../state/state.ts';

/**
 * A reconciler looks at what is and says what to change: no I/O, no memory, no clock of its own. The scheduler, the controllers and the
 * node agents are three reconcilers; one runner (`runner.ts`) serves them all.
 *
 * The runner calls `reconcile` on a draft: what it returns is laid over the state (not yet appended) and it is called again with the keys
 * that these mutations changed, until it returns no mutation. Then everything goes into one append. So a chain such as Deployment →
 * ReplicaSet → pods takes one entry.
 */
export interface Reconciler {
  /** `scheduler`, `controllers`, `nodes`: the name of its wake-up queue. */
  readonly name: string;
  reconcile(pass: Pass): PassResult;
}

export interface Pass {
  /** The name of the cluster. In tests it may be missing. */
  readonly cluster?: string;
  readonly state: State;
  /**
   * The same state (or a what-if that is made of it), for what is decided for one primary object alone: what is read of it is noted for that one. The key is given
   * with its mutations as their `part`, and comes as `due` when it is to be decided again. In tests it may be missing.
   */
  readonly stateFor?: (part: Key, state?: State) => State;
  /**
   * What changed since the last pass, oldest first, every change of a key listed. `undefined` when the reconciler starts with nothing
   * known (a cold start): it must then look at everything.
   */
  readonly changes: readonly Change[] | undefined;
  /** Primary keys whose wake-up time (see PassResult.wakeups) has come. */
  readonly due: readonly Key[];
  /** Mutations of the round before that were refused (a quota, a name taken). What is worth another try asks for a wake-up. */
  readonly failures: readonly Failure[];
  /** The cluster's time; does not move within a pass. */
  readonly now: ClusterInstant;
  /** Mutations of earlier passes and rounds that an admission plugin has to ask about: they may still come about, and are not wanted again. */
  readonly waiting: ReadonlySet<Attributed>;
  readonly env: Env;
  /** By which what it wants is admitted. */
  readonly plugins: readonly AdmissionPlugin[];
}

export interface PassResult {
  readonly mutations: readonly Attributed[];
  /** When to look at a key again, by the cluster's time. The newest answer for a key replaces the one before; `undefined` clears it. */
  readonly wakeups: ReadonlyMap<Key, ClusterInstant | undefined>;
}

/** A mutation that was refused, and why. */
export interface Failure {
  readonly mutation: Attributed;
  readonly status: Status;
}

/** A mutation with its user and, where it is one event, which offset made it necessary (default: none). */
export type Attributed = Mutation & {
  /** `system:kube-scheduler`, `system:serviceaccount:kube-system:replicaset-controller`, `system:node:node-1` */
  readonly actor: User;
  /** The resourceVersion, as a number, of the object whose state asked for it. */
  readonly cause?: number;
  /** The key for which it was decided (see Pass.stateFor); none: it rests on what the pass as a whole has read. */
  readonly part?: Key;
};

import type { Mutation } from '../apis/mutation.ts';
import type { Decision } from '../decide/decision.ts';
import type { ClusterInstant } from '../instant.ts';
import type { KubeObject } from '../kube/object.ts';
import type { State } from '../state/state.ts';
import type { WriteCall } from './call.ts';

/** What a request wants changed: a verb says it, the later stages of the pipeline carry it out. */
export interface Write {
  /** Decided on the newest state, and again when another writer was first. Throws the Status that refuses it. Must be pure. */
  readonly plan: (state: State, now: ClusterInstant) => readonly Mutation[];
  /** The response, once what was planned is durable (or would be: dry run). One entry for each mutation. */
  readonly answer: (written: readonly Written[]) => Response;
  readonly dryRun: boolean;
}

/** What came of one mutation. */
export interface Written {
  /** As it is kept now; a deleted object as it was last. */
  readonly object: KubeObject;
  readonly deleted: boolean;
}

/** One mutation on its way into the log. */
export interface Draft {
  readonly call: WriteCall;
  readonly write: Write;
  readonly state: State;
  readonly now: ClusterInstant;
  /** Replaced by `admitMutating`. */
  mutation: Mutation;
  readonly previous: KubeObject | undefined;
  /** By `prepareAndValidate`. */
  decision: Decision | undefined;
  readonly warnings: string[];
}

/** A stage that a draft goes through: synchronous, because all of them work on one state. */
export type DraftStage = (draft: Draft) => void;

import type { Answer, Ask } from '../admission/ask.ts';
import type { Mutation } from '../apis/mutation.ts';
import type { Decision } from '../decide/decision.ts';
import type { ClusterInstant } from '../instant.ts';
import type { KubeObject } from '../kube/object.ts';
import type { Offset } from '../log/event.ts';
import type { State } from '../state/state.ts';
import type { WriteCall } from './call.ts';

/** What a request wants changed: a verb says it, the stage `append` carries it out. */
export interface Write {
  /**
   * Decided on the newest state, and again when another writer was first. Throws the Status that refuses it. Must be pure. undefined: it has asked, and is made
   * again with the answers.
   */
  readonly plan: (state: State, now: ClusterInstant, ask: Asker) => readonly Mutation[] | Script | undefined;
  /** It is one entry of the log, or is refused. */
  readonly atomic?: true;
  /** Its events name offsets of their own: what was decided for one place of the log is never put at another. */
  readonly namesOffsets?: true;
  /** What is shown besides what was written. */
  readonly shown?: () => readonly KubeObject[];
  /** The response, once what was planned is durable (or would be: dry run). One entry for each mutation. */
  readonly answer: (written: readonly Written[]) => Response;
  readonly dryRun: boolean;
}

/**
 * A plan that goes on by what came of it so far: each mutation is decided on what the ones before it left. The refusal of one is thrown where it was wanted. It
 * ends, whatever it still wants, where something has been asked.
 */
export type Script = Generator<Wanted, void, Came>;

export interface Wanted {
  readonly mutation: Mutation;
  /** The request of the same user that wants this alone; none: the one that the whole is of. */
  readonly call?: WriteCall;
  /** The offset of the event that this one follows from. */
  readonly cause?: Offset;
  /** The server itself notes what came of the others: there is nothing to be admitted. */
  readonly isNote?: true;
}

/** What came of a mutation that a script wanted. */
export interface Came {
  /** The state that it leads to. */
  readonly state: State;
  readonly decision: Decision;
}

/** What a plan asks: the answer, or undefined as long as there is none. */
export type Asker = (ask: Ask) => Answer | undefined;

/** What came of one mutation. */
export interface Written {
  /** As it is stored now; a deleted object as it was last. */
  readonly object: KubeObject;
  readonly deleted: boolean;
  readonly created: boolean;
}

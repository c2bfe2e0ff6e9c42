import type { Answer, Ask } from '../admission/ask.ts';
import type { Mutation } from '../apis/mutation.ts';
import type { KubeObject } from '../kube/object.ts';
import type { State } from '../state/state.ts';

/** What a request wants changed: a verb says it, the stage `append` carries it out. */
export interface Write {
  /**
   * Decided on the newest state, and again when another writer was first. Throws the Status that refuses it. Must be pure. undefined: it has asked, and is made
   * again with the answers.
   */
  readonly plan: (state: State, now: number, ask: Asker) => readonly Mutation[] | undefined;
  /** What is shown besides what was written. */
  readonly shown?: () => readonly KubeObject[];
  /** The response, once what was planned is durable (or would be: dry run). One entry for each mutation. */
  readonly answer: (written: readonly Written[]) => Response;
  readonly dryRun: boolean;
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

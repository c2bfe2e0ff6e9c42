import type { Mutation } from '../../apis/mutation.ts';

/** What a program comes to: it has ended, or waits for something that is not there yet. */
export type Outcome = Ended | Waiting;

export interface Ended {
  readonly type: 'ended';
  readonly exitCode: number;
  /** Undefined: what it writes is not known. */
  readonly output?: string | undefined;
  /** What it writes to standard error. */
  readonly error?: string;
  /** How many objects it has looked at. */
  readonly looked?: number;
  /** When it comes to something else, of what is known, in ms since the epoch. */
  readonly later?: readonly number[];
  /** What it wants changed, in this order. */
  readonly mutations?: readonly Mutation[];
}

export interface Waiting {
  readonly type: 'waits';
  /** How long it does, in ms; none: for ever. */
  readonly forMs?: number;
  /** What it says then, and exits with 1. */
  readonly error: string;
}

/** What a program ends with that cannot do what it is told: its words on standard error. */
export class Failed extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** What would change something and is not done here: it must not seem to have succeeded. `what`: as it is typed. */
export const notSimulated = (what: string): Failed => new Failed(`error: ${what} is not simulated here`);

/** What it does besides changes nothing, and what it writes is not known: it succeeds. */
export const unknown: Ended = { type: 'ended', exitCode: 0, output: undefined };

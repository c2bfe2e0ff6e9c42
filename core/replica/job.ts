import type { ClusterInstant, Elapsed } from '../instant.ts';
import type { LogEvent } from '../log/event.ts';
import type { Position } from '../log/proposals.ts';
import type { Change, Stamp } from '../state/change.ts';
import { type Evolved, evolve } from '../state/evolve.ts';
import { Reads } from '../state/reads.ts';
import type { State } from '../state/state.ts';

/** What a commit came to: the events to append (none: nothing to write) and how to answer, from their changes, once they are durable. */
export interface Decided<T> {
  readonly events: readonly LogEvent[];
  readonly answer: (changes: readonly Change[]) => T;
  /** What was read otherwise than from the state that `decide` was called with. */
  readonly reads?: readonly Reads[];
  /** What the events lead to, where they were folded while they were decided. */
  readonly drafted?: Drafted;
  /** What is left of it when others change some of what it has read; undefined: nothing. Without this, it is decided again as a whole. */
  readonly without?: (changes: readonly Change[]) => Decided<T> | undefined;
}

/** The state that events lead to, folded at the time of their decision from the state that it was made for, and what each of them changes. */
export interface Drafted extends Evolved {
  readonly from: State;
}

export type Decide<T> = (state: State, now: ClusterInstant) => Decided<T>;

/** What a job decided, and what it has read for that. */
export interface Decision extends Omit<Decided<unknown>, 'reads' | 'without' | 'drafted'> {
  /** None: no other writer can come before. */
  readonly reads: Reads | undefined;
  readonly without: (changes: readonly Change[]) => Decision | undefined;
}

/** What stands of a job beside the log, for other writers to take in. */
export interface Proposed {
  readonly decision: Decision;
  readonly after: Position;
  /** As other writers hold it against changes: they may know less of what was read, and then find more of it touched. */
  readonly reads: Reads;
  /** Whether others may take it in: it is there, and nothing has touched what it rests on. */
  standing: boolean;
  /** When the job was proposed first, by elapsed time. */
  readonly since: Elapsed;
}

interface JobOptions {
  readonly decide: Decide<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly first: boolean;
  readonly alone: boolean;
  readonly atomic: boolean;
  readonly seenEnd: boolean;
  readonly since: Elapsed;
  readonly settled: (job: Job) => void;
}

/** A commit on its way into the log. It is settled once, by the first of those that learn what became of it. */
export class Job {
  readonly decide: Decide<unknown>;
  readonly first: boolean;
  /** Its entry holds nothing else. */
  readonly alone: boolean;
  /** All of it is in one entry, or nothing. */
  readonly atomic: boolean;
  /** When it came in, by elapsed time. */
  readonly since: Elapsed;
  /** How many races it lost. */
  attempts = 0;
  /** The log has been read to its end since the job came in: what it decides from now on is final. */
  seenEnd: boolean;
  /** What it decided, as long as nothing that was appended since touches what that rests on. It rests on no draft. */
  held: Decision | undefined;
  /** The name of its proposals, once it has made one. */
  id: string | undefined;
  proposed: Proposed | undefined;
  isSettled = false;
  readonly #options: JobOptions;

  constructor(options: JobOptions) {
    this.#options = options;
    this.decide = options.decide;
    this.first = options.first;
    this.alone = options.alone;
    this.atomic = options.atomic;
    this.since = options.since;
    this.seenEnd = options.seenEnd;
  }

  /** Its events are durable, and this is what they changed; or it has none. */
  answer({ answer }: Pick<Decision, 'answer'>, changes: readonly Change[]): void {
    this.#settle(() => {
      try {
        this.#options.resolve(answer(changes));
      } catch (error) {
        this.#options.reject(error);
      }
    });
  }

  reject(error: unknown): void {
    this.#settle(() => this.#options.reject(error));
  }

  /** What was appended changed this: a decision that has read it is not what would be decided now, and others do not take in a proposal that has. */
  touch(changes: readonly Change[]): void {
    if (this.held?.reads?.touchedBy(changes)) this.held = this.held.without(changes);
    if (this.proposed?.standing && this.proposed.reads.touchedBy(changes)) this.proposed.standing = false;
  }

  /** The state that it was decided on is another one by now, whatever that rests on: it is decided again. No writer can take in what was proposed. */
  forget(): void {
    this.held = undefined;
    if (this.proposed) this.proposed.standing = false;
  }

  #settle(tell: () => void): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.#options.settled(this);
    tell();
  }
}

/** The state and the changes that come of a job, and how it is told once that is certain. */
export interface Outcome extends Evolved {
  readonly job: Job;
  readonly events: readonly LogEvent[];
  readonly settle: () => void;
}

/** What comes of jobs, one on top of the other. What was decided before is not decided again, unless those before it in the entry touch what that rests on. */
export function decideAll(jobs: readonly Job[], base: State, { at, observe }: { at: Stamp; observe: boolean }): Outcome[] {
  const outcomes: Outcome[] = [];
  const before: Change[] = [];
  for (const job of jobs) {
    const state = outcomes.at(-1)?.state ?? base;
    const holds = job.held && !job.held.reads?.touchedBy(before);
    const outcome = holds ? outcomeOf(job, job.held!, state, at) : decideNow(job, state, { at, before, observe });
    before.push(...outcome.changes);
    outcomes.push(outcome);
  }
  return outcomes;
}

function decideNow(job: Job, state: State, { at, before, observe }: { at: Stamp; before: readonly Change[]; observe: boolean }): Outcome {
  const reads = observe ? new Reads() : undefined;
  try {
    const seen = reads ? state.observed(reads) : state;
    const decided = job.decide(seen, at.time);
    const decision = decisionOf(decided, reads);
    // What rests on a draft may come out otherwise; and a proposal is replaced only when no writer can take it in any more.
    if (reads && !job.alone && !job.held && !job.proposed?.standing && !decision.reads!.touchedBy(before)) job.held = decision;
    if (decided.drafted?.from !== seen || decision.events.length === 0) return outcomeOf(job, decision, state, at);
    const { changes } = decided.drafted;
    return { job, events: decision.events, state: decided.drafted.state.at(at), changes, settle: () => job.answer(decision, changes) };
  } catch (error) {
    return { job, events: [], state, changes: [], settle: () => job.reject(error) };
  }
}

function decisionOf(decided: Decided<unknown>, own: Reads | undefined): Decision {
  const { events, answer, reads: others = [], without } = decided;
  return {
    events,
    answer,
    reads: own && Reads.all([own, ...others]),
    without(changes) {
      const left = own?.touchedBy(changes) ? undefined : without?.(changes);
      return left && decisionOf(left, own);
    },
  };
}

function outcomeOf(job: Job, decision: Decision, state: State, at: Stamp): Outcome {
  const { events } = decision;
  const evolved = events.length > 0 ? evolve(state, events, at) : { state, changes: [] };
  return { job, events, ...evolved, settle: () => job.answer(decision, evolved.changes) };
}

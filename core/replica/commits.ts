import type { Clock, Env } from '../env.ts';
import { between, type ClusterInstant, clusterInstant, type Elapsed, type RealInstant } from '../instant.ts';
import { internalError, StatusError, serviceUnavailable, timeout } from '../kube/status.ts';
import { EntryTooLarge, type EventLog, type LogEntry, type LogEvent, LogUnavailable, LogUnwritable, lastOffset, type Offset } from '../log/log.ts';
import type { Change, Stamp } from '../state/change.ts';
import { type Evolved, evolve } from '../state/evolve.ts';
import { Reads } from '../state/reads.ts';
import type { State } from '../state/state.ts';
import type { ClusterTime } from './cluster-time.ts';

/** What a commit came to: the events to append (none: nothing to write) and how to answer, from their changes, once they are durable. */
export interface Decided<T> {
  readonly events: readonly LogEvent[];
  readonly answer: (changes: readonly Change[]) => T;
}

export type Decide<T> = (state: State, now: ClusterInstant) => Decided<T>;

export interface CommitOptions {
  /** It wants to be the first of its entry: it is decided on the newest state that the log has, not on a draft. */
  readonly first?: boolean;
  /** Who commits has just read the log to its end: "nothing to do" is not made sure of by reading it again. */
  readonly caughtUp?: boolean;
}

/** The end of the log as its replica knows it. */
export interface LogEnd {
  readonly state: () => State;
  readonly catchUp: () => Promise<void>;
  /** What was appended after an offset; undefined when that is no longer known. */
  readonly changesAfter: (offset: Offset) => readonly Change[] | undefined;
  /** How often the log turned out to be another one: offsets from before mean nothing then. */
  readonly restores: () => number;
  /** When it was last read, or appended to (which proves the same); undefined: not for certain. */
  readonly seenAt: () => Moment | undefined;
  /** Our own entry stands there now, and this is what it makes of a state. */
  readonly appended: (entry: LogEntry, evolved: Evolved, base: State) => void;
  /** Somebody else's entry does, or nobody knows. */
  readonly lost: () => void;
  readonly time: ClusterTime;
}

/** A moment by both clocks of a process. */
export interface Moment {
  readonly wall: RealInstant;
  readonly elapsed: Elapsed;
}

export const momentOf = (clock: Clock): Moment => ({ wall: clock.now(), elapsed: clock.elapsed() });

/** Whether a moment is longer ago than `ms`, by whichever clock says so. */
export const isOver = ({ wall, elapsed }: Moment, ms: number, clock: Clock): boolean =>
  between(wall, clock.now()) > ms || between(elapsed, clock.elapsed()) > ms;

/**
 * The commits of one replica, on their way into the log: those that come in together are decided one on top of the other and go into one
 * entry (docs/decisions/0005-group-commit-on-drafts.md).
 */
export class Commits {
  readonly #log: EventLog;
  readonly #cluster: string;
  readonly #env: Env;
  readonly #exclusive: boolean;
  readonly #appended: ((offset: Offset) => void | Promise<void>) | undefined;
  readonly #end: LogEnd;
  readonly #writer: string;
  #writes = 0;
  #queue: Job[] = [];
  #flushing = false;

  constructor({ log, cluster, env, exclusive = false, appended }: CommitsOptions, end: LogEnd) {
    this.#log = log;
    this.#cluster = cluster;
    this.#env = env;
    this.#exclusive = exclusive;
    this.#appended = appended;
    this.#end = end;
    this.#writer = env.ids.uid();
  }

  add<T>(decide: Decide<T>, { first = false, caughtUp = false }: CommitOptions): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({
        decide,
        resolve: resolve as Job['resolve'],
        reject,
        first,
        seenEnd: caughtUp,
        attempts: 0,
        since: this.#env.clock.elapsed(),
        lost: undefined,
      });
      if (!this.#flushing) void this.#flush();
    });
  }

  async #flush(): Promise<void> {
    this.#flushing = true;
    try {
      while (this.#queue.length > 0) {
        await this.#env.clock.turn();
        const end = this.#queue.findIndex((job, i) => i > 0 && (job.first || i === MAX_GROUP));
        const jobs = this.#queue.splice(0, end === -1 ? this.#queue.length : end);
        try {
          await this.#commitGroup(jobs);
        } catch (error) {
          for (const job of jobs) job.reject(error);
        }
      }
    } finally {
      this.#flushing = false;
    }
  }

  /** Decides and appends one group; whatever of it cannot be settled now goes back to the head of the queue. */
  async #commitGroup(jobs: readonly Job[]): Promise<void> {
    // Old entries may be deleted after a while; a writer that has not seen the end for long could append into a gap at their place.
    if (!this.#exclusive && this.#isStale()) await this.#catchUpFor(jobs);
    const base = this.#end.state();
    // Time in the log never goes back, whatever the writers' clocks say: reading "as of" a time depends on it.
    const at = { time: clusterInstant(Math.max(this.#end.time.now(), base.time)), aheadMinutes: this.#end.time.aheadMinutes };
    const outcomes = this.#decided(jobs, base, at);
    // A refusal, or "nothing to do", may be due to a state that is behind. It is final when the job has seen the log's end, or when
    // the group's append, which succeeds only at the log's end, proves that it was there.
    const writes = outcomes.some(({ events }) => events.length > 0);
    const certain = writes ? outcomes : outcomes.filter(({ job }) => job.seenEnd || this.#exclusive);
    const unsure = outcomes.filter((outcome) => !certain.includes(outcome)).map(({ job }) => job);
    if (writes) await this.#append(base, certain, at);
    else for (const { settle } of certain) settle();
    if (unsure.length > 0) {
      await this.#catchUpFor(unsure);
      this.#queue.unshift(...unsure);
    }
  }

  /** What comes of jobs, one on top of the other. */
  #decided(jobs: readonly Job[], base: State, at: Stamp): Outcome[] {
    const outcomes: Outcome[] = [];
    const before: Change[] = [];
    for (const job of jobs) {
      const state = outcomes.at(-1)?.state ?? base;
      const kept = job.lost && this.#stillHolds(job.lost, before) ? job.lost : undefined;
      const outcome = kept ? outcomeOf(job, kept, state, at) : decidedBy(job, state, { at, observe: !this.#exclusive });
      before.push(...outcome.changes);
      outcomes.push(outcome);
    }
    return outcomes;
  }

  /** Whether a decision would be the same again: neither what others appended since nor what stands before it in its entry touches what it has read. */
  #stillHolds({ base, restores, reads }: Lost, before: readonly Change[]): boolean {
    const foreign = restores === this.#end.restores() ? this.#end.changesAfter(base) : undefined;
    return foreign !== undefined && !reads.touchedBy(foreign) && !reads.touchedBy(before);
  }

  /** Appends the events of `outcomes` and settles them, or puts their jobs back into the queue when somebody else was first. */
  async #append(base: State, outcomes: readonly Outcome[], at: Stamp): Promise<void> {
    const writer = `${this.#writer}/${this.#writes++}`;
    const events = outcomes.flatMap((outcome) => outcome.events);
    try {
      const result = await this.#log.append(this.#cluster, { after: base.offset, events, writer, ...at });
      if (result.type === 'appended') {
        // The last of them was decided on top of the others.
        const evolved = { state: outcomes.at(-1)!.state, changes: outcomes.flatMap((outcome) => outcome.changes) };
        this.#end.appended(result.entry, evolved, base);
        await this.#appended?.(lastOffset(result.entry));
        for (const { settle } of outcomes) settle();
        return;
      }
    } catch (error) {
      if (error instanceof EntryTooLarge) return this.#appendInParts(base, outcomes, at);
      if (!(error instanceof LogUnavailable)) throw error;
      this.#end.lost();
      const failure = error instanceof LogUnwritable ? unwritable(error) : unknown();
      for (const { job } of outcomes) job.reject(failure);
      return;
    }
    // Another writer was first. Its entries are read, after a while that grows and differs between writers; what they do not touch is not decided again.
    rememberLost(outcomes, { base: base.offset, restores: this.#end.restores() });
    const again = outcomes.map(({ job }) => job).filter((job) => this.#mayRetry(job));
    const attempts = Math.max(0, ...again.map((job) => job.attempts));
    if (attempts > 1) await this.#env.clock.sleep(this.#env.random.next() * Math.min(MAX_BACKOFF, 5 * 2 ** attempts));
    this.#end.lost();
    await this.#catchUpFor(again);
    this.#queue.unshift(...again);
  }

  #mayRetry(job: Job): boolean {
    job.attempts++;
    if (between(job.since, this.#env.clock.elapsed()) <= RETRY_FOR) return true;
    job.reject(serviceUnavailable('too many writers at once; try again'));
    return false;
  }

  /** Too much for one entry: divided first between commits, then, for one commit alone, between objects (that commit is then not atomic). */
  async #appendInParts(base: State, outcomes: readonly Outcome[], at: Stamp): Promise<void> {
    const writers = outcomes.filter(({ events }) => events.length > 0);
    if (writers.length > 1) {
      // Half of them now; the others are decided again on what that leaves.
      const first = writers.slice(0, writers.length >> 1);
      this.#queue.unshift(...outcomes.filter((outcome) => !first.includes(outcome)).map(({ job }) => job));
      return this.#append(base, first, at);
    }
    const [only] = writers as [Outcome];
    if (only.events.length === 1) {
      only.job.reject(new StatusError({ ...tooLarge, metadata: {} }));
      this.#queue.unshift(...outcomes.filter((outcome) => outcome !== only).map(({ job }) => job));
      return;
    }
    const half = only.events.length >> 1;
    let appended = false;
    const settle = () => {
      appended = true;
    };
    const first = only.events.slice(0, half);
    const evolved = evolve(base, first, at);
    await this.#append(base, [{ ...only, events: first, ...evolved, settle }], at);
    // The rest follows only right behind its first half; else the job was answered, or is decided again as a whole.
    const rest = { ...only, events: only.events.slice(half), changes: only.changes.slice(half) };
    if (appended) await this.#append(evolved.state, [rest, ...outcomes.filter((outcome) => outcome !== only)], at);
  }

  /** By either clock: the wall clock may have been set back, and the other one may stand still while the machine sleeps. */
  #isStale(): boolean {
    const seen = this.#end.seenAt();
    return !seen || isOver(seen, MAX_STALENESS, this.#env.clock);
  }

  async #catchUpFor(jobs: readonly Job[]): Promise<void> {
    try {
      await this.#end.catchUp();
    } catch (error) {
      throw error instanceof LogUnavailable ? serviceUnavailable('the log cannot be read') : error;
    }
    for (const job of jobs) job.seenEnd = true;
  }
}

interface CommitsOptions {
  readonly log: EventLog;
  readonly cluster: string;
  readonly env: Env;
  readonly exclusive?: boolean;
  readonly appended?: (offset: Offset) => void | Promise<void>;
}

interface Job {
  readonly decide: Decide<unknown>;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
  readonly first: boolean;
  attempts: number;
  /** When it came in. */
  readonly since: Elapsed;
  /** The log has been read to its end since the job came in: what it decides from now on is final. */
  seenEnd: boolean;
  /** What it decided before, when another writer was first. */
  lost: Lost | undefined;
}

/** What a job decided: what to append, how it is told once that is durable, and what it has read for it. */
interface Decision {
  readonly events: readonly LogEvent[];
  readonly answer: (changes: readonly Change[]) => unknown;
  /** None: no other writer can come before. */
  readonly reads: Reads | undefined;
}

/** A decision that another writer's entry came before, and the offset after which that was. */
interface Lost extends Decision {
  readonly reads: Reads;
  readonly base: Offset;
  readonly restores: number;
}

/** The state and the changes that come of a job, and how it is told once that is certain. */
interface Outcome extends Evolved {
  readonly job: Job;
  readonly events: readonly LogEvent[];
  /** None: it was refused. */
  readonly decision: Decision | undefined;
  readonly settle: () => void;
}

function decidedBy(job: Job, state: State, { at, observe }: { at: Stamp; observe: boolean }): Outcome {
  const reads = observe ? new Reads() : undefined;
  try {
    return outcomeOf(job, { ...job.decide(reads ? state.observed(reads) : state, at.time), reads }, state, at);
  } catch (error) {
    return { job, events: [], decision: undefined, state, changes: [], settle: () => job.reject(error) };
  }
}

function outcomeOf(job: Job, decision: Decision, state: State, at: Stamp): Outcome {
  const { events, answer } = decision;
  const evolved = events.length > 0 ? evolve(state, events, at) : { state, changes: [] };
  return { job, events, decision, ...evolved, settle: () => job.resolve(answer(evolved.changes)) };
}

/** A decision that rests on drafts before it in its entry is made again, as is one of which only a part was to be appended. */
function rememberLost(outcomes: readonly Outcome[], at: Pick<Lost, 'base' | 'restores'>): void {
  const before: Change[] = [];
  for (const { job, events, decision, changes } of outcomes) {
    const isWhole = events.length > 0 && events === decision?.events;
    job.lost = isWhole && decision.reads && !decision.reads.touchedBy(before) ? { ...decision, reads: decision.reads, ...at } : undefined;
    before.push(...changes);
  }
}

// As kube-apiserver passes on what etcd says without space. No 503: client-go tries those with Retry-After ten times before it tells anybody.
const unwritable = ({ message }: LogUnwritable) => internalError(message);

const unknown = () => timeout('the log did not say whether the change was written; read the object before trying again', 1);

/** How many commits one entry takes at most. */
const MAX_GROUP = 256;
/** How long a job tries to be first, in ms: shorter than clients wait for an answer. */
const RETRY_FOR = 30_000;
const MAX_BACKOFF = 200;
const MAX_STALENESS = 60_000;

const tooLarge = {
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  message: 'the object is too large for the log',
  reason: 'RequestEntityTooLarge',
  code: 413,
} as const;

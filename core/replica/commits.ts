import type { Clock, Env } from '../env.ts';
import { between, type ClusterInstant, clusterInstant, type Elapsed, type RealInstant } from '../instant.ts';
import { internalError, requestTooLarge, serviceUnavailable, timeout } from '../kube/status.ts';
import type { LogEvent, Offset } from '../log/event.ts';
import { EntryTooLarge, type EventLog, type LogEntry, LogUnavailable, LogUnwritable, lastOffset } from '../log/log.ts';
import type { Change, Stamp } from '../state/change.ts';
import { type Evolved, evolve } from '../state/evolve.ts';
import type { State } from '../state/state.ts';
import type { ClusterTime } from './cluster-time.ts';
import { Combining, type KnownLog, type Line, type Taken } from './combining.ts';
import { divided } from './division.ts';
import { type Decide, decideAll, Job, type Outcome } from './job.ts';

/**
 * What follows, in the same entry, from all that it changes: more events, by the state that the others lead to. Pure. No commit rests on them, and none is
 * answered by them. Behind a commit that takes several entries they come once, and with an object that leaves no room for them they do not come.
 */
export type Closing = (state: State, changes: readonly Change[], now: ClusterInstant) => readonly LogEvent[];

export interface CommitOptions {
  /** It wants to be the first of its entry: it is decided on the newest state that the log has, not on a draft. */
  readonly first?: boolean;
  /** It is in one entry, maybe with other commits, or is refused with 413: what does not fit is not divided. Of many changes that are one. */
  readonly atomic?: boolean;
  /** Its entry holds nothing else, nor what follows from it, and is not divided: of an entry that is read in another way than others (a reset, cluster-reset.ts). It is atomic. */
  readonly alone?: boolean;
  /** The caller has just read the log to its end: "nothing to do" is not made sure of by reading it again. */
  readonly caughtUp?: boolean;
}

/** The end of the log as its replica knows it. */
export interface LogEnd extends KnownLog {
  readonly catchUp: () => Promise<void>;
  /** When it was last read, or appended to (which proves the same); undefined: not for certain. */
  readonly seenAt: () => Moment | undefined;
  /** Our own entry stands there now, and this is what it makes of a state. */
  readonly appended: (entry: LogEntry, evolved: Evolved, base: State) => void;
  /** Another writer's entry stands there, or it is unknown whether one does. Returns whether that entry is known; if not, the log is to be read before the next append. */
  readonly lost: (entry?: LogEntry) => boolean;
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
 * entry (docs/decisions/0005-group-commit-on-drafts.md). When another writer was first, the commits whose reads it did not touch go in as they are; when many
 * writers are, one of them takes in what the others have decided (docs/decisions/0015-rebase.md).
 */
export class Commits {
  readonly #log: EventLog;
  readonly #cluster: string;
  readonly #env: Env;
  readonly #exclusive: boolean;
  readonly #appended: ((offset: Offset) => void | Promise<void>) | undefined;
  readonly #closing: Closing | undefined;
  readonly #end: LogEnd;
  readonly #combining: Combining | undefined;
  readonly #writer: string;
  #writes = 0;
  #queue: Job[] = [];
  /** All that are not settled. */
  readonly #jobs = new Set<Job>();
  #flushing = false;

  constructor({ log, cluster, env, exclusive = false, appended, closing, writer }: CommitsOptions, end: LogEnd) {
    this.#log = log;
    this.#cluster = cluster;
    this.#env = env;
    this.#exclusive = exclusive;
    this.#appended = appended;
    this.#closing = closing;
    this.#end = end;
    this.#writer = writer;
    const { proposals } = log;
    if (proposals && !exclusive) this.#combining = new Combining({ proposals, cluster, env, newId: () => this.#newId() }, end);
  }

  add<T>(decide: Decide<T>, { first = false, alone = false, atomic = alone, caughtUp = false }: CommitOptions): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const settled = (job: Job) => {
        this.#jobs.delete(job);
        if (job.id !== undefined) this.#combining?.withdraw(job.id);
      };
      const since = this.#env.clock.elapsed();
      const job = new Job({ decide, resolve: resolve as (value: unknown) => void, reject, first, alone, atomic, seenEnd: caughtUp, since, settled });
      this.#jobs.add(job);
      this.#queue.push(job);
      if (!this.#flushing) void this.#flush();
    });
  }

  /** To be told of each entry that the state takes in, once: it may hold what was decided here, or touch what that rests on. */
  entryTaken(entry: LogEntry, changes: readonly Change[]): void {
    if (this.#exclusive) return;
    this.#combining?.appended(entry);
    for (const { job, from, to } of this.#found(entry)) {
      const own = changes.filter(({ offset }) => offset >= from && offset < to);
      job.answer(job.proposed!.decision, own);
      this.#combining?.expectCompany();
    }
    for (const job of this.#jobs) job.touch(changes);
  }

  /** To be told when the state goes on elsewhere: what stands in between is not known, nor what became of proposals. */
  entriesMissed(): void {
    for (const job of this.#jobs) {
      job.held = undefined;
      if (job.id !== undefined) job.reject(unknown());
    }
  }

  /** To be told when the state is another one from here on, although all that stands in between is known. */
  stateReplaced(): void {
    for (const job of this.#jobs) job.forget();
  }

  /** The jobs that another writer's entry has taken in, and where their events are. */
  *#found({ offset, events, combined = [] }: LogEntry): Generator<{ job: Job; from: Offset; to: Offset }> {
    let from = offset + events.length - combined.reduce((sum, { count }) => sum + count, 0);
    for (const { id, count } of combined) {
      const to = from + count;
      const job = count > 0 ? [...this.#jobs].find((job) => job.id === id) : undefined;
      if (job) yield { job, from, to };
      from = to;
    }
  }

  async #flush(): Promise<void> {
    this.#flushing = true;
    try {
      while (this.#queue.length > 0) {
        await this.#env.clock.turn();
        const end = this.#queue.findIndex((job, i) => i > 0 && (job.first || job.alone || this.#queue[i - 1]!.alone || i === MAX_GROUP));
        const jobs = this.#queue.splice(0, end === -1 ? this.#queue.length : end);
        try {
          await this.#commitGroup(jobs);
        } catch (error) {
          for (const job of jobs) fail(job, error);
        }
      }
    } finally {
      this.#flushing = false;
    }
  }

  /** Decides and appends one group; whatever of it cannot be settled now goes back to the head of the queue. */
  async #commitGroup(all: readonly Job[]): Promise<void> {
    // What was read while they waited in the queue may have held some of them.
    const group = all.filter(({ isSettled }) => !isSettled);
    if (group.length === 0) return;
    const isAlone = group[0]!.alone;
    let turn: Turn | undefined = { line: [], races: 0, ...(isAlone && { unclosed: true }) };
    if (!isAlone && this.#combining?.isWanted(group)) turn = await this.#waitIn(this.#combining, group);
    // Old entries may be deleted after a while; a writer that has not seen the end for long could append into a gap at their place.
    else if (!this.#exclusive && this.#isStale()) await this.#catchUpFor(group);
    if (turn) await this.#settle(group, turn);
  }

  async #settle(group: readonly Job[], turn: Turn): Promise<void> {
    const jobs = group.filter(({ isSettled }) => !isSettled);
    const { base, at, outcomes } = turn.decided?.base === this.#end.state() && jobs.length === group.length ? turn.decided : this.#decide(jobs);
    // A refusal, or "nothing to do", may be due to a state that is behind. It is final when the job has seen the log's end, or when
    // the group's append, which succeeds only at the log's end, proves that it was there.
    const writes = outcomes.some(({ events }) => events.length > 0);
    const certain = writes ? outcomes : outcomes.filter(({ job }) => job.seenEnd || this.#exclusive);
    const unsure = outcomes.filter((outcome) => !certain.includes(outcome)).map(({ job }) => job);
    if (writes) await this.#append(base, certain, at, turn);
    else for (const { settle } of certain) settle();
    if (unsure.length > 0) {
      await this.#catchUpFor(unsure);
      this.#queue.unshift(...unsure);
    }
  }

  #decide(jobs: readonly Job[]): Decisions {
    const base = this.#end.state();
    const at = this.#stamp(base);
    return { base, at, outcomes: decideAll(jobs, base, { at, observe: !this.#exclusive }) };
  }

  /** Leaves what the jobs decide to other writers. Returns when it is this writer's turn to append; undefined: the jobs are settled. */
  async #waitIn(combining: Combining, jobs: readonly Job[]): Promise<Turn | undefined> {
    const decided = this.#decide(jobs);
    const proposed = combining.propose(decided.outcomes, decided.base);
    let [line] = await Promise.all([combining.line(), this.#catchUpFor(jobs), proposed]);
    for (;;) {
      const waiting = jobs.filter((job) => !job.isSettled && this.#mayGoOn(job));
      if (waiting.length === 0) return undefined;
      if (combining.isTurnOf(waiting, line)) return { line, races: 0, decided };
      await combining.pause();
      await this.#catchUpFor(waiting);
      if (waiting.some(({ isSettled }) => !isSettled)) line = await combining.line();
    }
  }

  /** Appends the events of `outcomes`, and of proposals in the line, and settles them, or puts their jobs back into the queue when another writer was first. */
  async #append(base: State, outcomes: readonly Outcome[], at: Stamp, turn: Turn): Promise<void> {
    const ids = new Set(outcomes.flatMap(({ job }) => job.id ?? []));
    // The last of them was decided on top of the others.
    const own = { state: outcomes.at(-1)!.state, changes: outcomes.flatMap(({ changes }) => changes) };
    const taken = this.#combining?.take(turn.line, ids, { ...own, at }) ?? [];
    const all = this.#closed([...outcomes, ...taken], at, turn);
    const request = {
      after: base.offset,
      events: all.flatMap(({ events }) => events),
      writer: this.#newId(),
      combined: [
        ...[...ids].map((id) => ({ id, count: 0 })),
        ...taken.map(({ id, events }) => ({ id, count: events.length })),
        // The events of proposals are found from the end: these are as those of a proposal that is nobody's.
        ...(taken.length > 0 ? all.slice(outcomes.length + taken.length).map(({ events }) => ({ id: this.#newId(), count: events.length })) : []),
      ],
      ...at,
    };
    let found: LogEntry | undefined;
    this.#combining?.appending();
    try {
      const result = await this.#log.append(this.#cluster, request);
      found = result.entry;
      if (result.type === 'appended') {
        this.#end.appended(result.entry, { state: all.at(-1)!.state, changes: all.flatMap(({ changes }) => changes) }, base);
        if (taken.length > 0) this.#combining?.expectCompany();
        await this.#appended?.(lastOffset(result.entry));
        for (const { settle } of outcomes) settle();
        return;
      }
    } catch (error) {
      if (error instanceof EntryTooLarge && taken.length > 0) {
        const some = new Set(taken.slice(0, taken.length >> 1).map(({ id }) => id));
        return this.#append(base, outcomes, at, { ...turn, line: turn.line.filter(({ id }) => some.has(id)) });
      }
      if (error instanceof EntryTooLarge) return this.#appendInParts(base, outcomes, at, turn);
      if (!(error instanceof LogUnavailable)) throw error;
      this.#end.lost();
      const failure = error instanceof LogUnwritable ? unwritable(error) : unknown();
      for (const { job } of outcomes) fail(job, failure);
      return;
    }
    const jobs = outcomes.map(({ job }) => job);
    for (const job of jobs) job.attempts++;
    const isKnown = this.#end.lost(found);
    // What is to be decided again is decided on the newest state.
    if (isKnown && turn.races < MAX_RACES && jobs.every(({ held }) => held)) return this.#settle(jobs, { ...turn, races: turn.races + 1 });
    await this.#backOff(jobs);
  }

  /** With what follows from all of it, unless more parts of it come. */
  #closed(all: readonly Part[], at: Stamp, { earlier = [], goesOn, unclosed }: Turn): readonly Part[] {
    if (!this.#closing || goesOn || unclosed) return all;
    const { state } = all.at(-1)!;
    const changes = all.flatMap(({ changes }) => changes);
    const events = this.#closing(state, earlier.length > 0 ? [...earlier, ...changes] : changes, at.time);
    return events.length > 0 ? [...all, { events, ...evolve(state, events, at) }] : all;
  }

  /** Other writers were faster for several times: they are left to it where they can be, or given a time that grows and differs between writers. */
  async #backOff(jobs: readonly Job[]): Promise<void> {
    this.#combining?.expectCompany();
    const attempts = Math.max(...jobs.map((job) => job.attempts));
    if (!this.#combining) await this.#env.clock.sleep(this.#env.random.next() * Math.min(MAX_BACKOFF, 5 * 2 ** attempts));
    const again = jobs.filter((job) => !job.isSettled && this.#mayGoOn(job));
    // A writer that leaves it to others does so first, and reads then.
    if (!this.#combining || again.some(({ held }) => !held)) await this.#catchUpFor(again);
    this.#queue.unshift(...again);
  }

  #mayGoOn(job: Job): boolean {
    if (between(job.since, this.#env.clock.elapsed()) <= RETRY_FOR) return true;
    fail(job, serviceUnavailable('too many writers at once; try again'));
    return false;
  }

  /** Too much for one entry (`division.ts`). */
  async #appendInParts(base: State, outcomes: readonly Outcome[], at: Stamp, { earlier = [], goesOn = false, unclosed = false }: Turn): Promise<void> {
    const division = divided(outcomes);
    if (division.type === 'between commits') {
      // The others are decided again on what the first leave.
      this.#queue.unshift(...division.others.map(({ job }) => job));
      return this.#append(base, division.first, at, { ...ALONE, earlier, goesOn });
    }
    const { only, others } = division;
    if (division.type === 'none') {
      // What follows from one object may be too much beside it.
      if (this.#closing && !unclosed) return this.#append(base, outcomes, at, { ...ALONE, unclosed: true });
      only.job.reject(
        requestTooLarge(only.job.atomic ? `the ${only.events.length} changes are too large for one entry of the log` : 'the object is too large for the log'),
      );
      this.#queue.unshift(...others.map(({ job }) => job));
      return;
    }
    const { cut } = division;
    let appended = false;
    const settle = () => {
      appended = true;
    };
    const first = only.events.slice(0, cut);
    const evolved = evolve(base, first, at);
    // Of what was decided, a part alone is never appended again.
    only.job.held = undefined;
    await this.#append(base, [{ ...only, events: first, ...evolved, settle }], at, { ...ALONE, goesOn: true });
    // The rest follows only right behind its first half; else the job was answered, or is decided again as a whole.
    const rest = { ...only, events: only.events.slice(cut), changes: only.changes.slice(cut) };
    const turn = { ...ALONE, earlier: [...earlier, ...only.changes.slice(0, cut)], goesOn };
    // The others wrote nothing, some of them before it: the state that all of it comes to is its own.
    if (appended) await this.#append(evolved.state, [...others, rest], at, turn);
  }

  /** Time in the log never goes back, whatever the writers' clocks say: reading "as of" a time depends on it. */
  #stamp(base: State): Stamp {
    return { time: clusterInstant(Math.max(this.#end.time.now(), base.time)), aheadMinutes: this.#end.time.aheadMinutes };
  }

  #newId(): string {
    return `${this.#writer}/${this.#writes++}`;
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
  readonly closing?: Closing | undefined;
  /** A text that no other writer has. */
  readonly writer: string;
}

/** A turn to append. */
interface Turn {
  /** The proposals of other writers that may be taken in. */
  readonly line: Line;
  /** How many races it has lost. */
  readonly races: number;
  /** What its jobs came to on a state that may be the newest still. */
  readonly decided?: Decisions;
  /** Of a commit that is appended in parts: what the parts before this one have changed, and whether more of it comes. */
  readonly earlier?: readonly Change[];
  readonly goesOn?: boolean;
  /** Nothing is to follow from it. */
  readonly unclosed?: boolean;
}

/** Some events of an entry, and what they lead to. */
interface Part extends Evolved, Pick<Taken, 'events'> {}

/** What jobs come to on a state. */
interface Decisions {
  readonly base: State;
  readonly at: Stamp;
  readonly outcomes: readonly Outcome[];
}

/** What another writer may have taken in, or may yet, is not known to have failed. */
function fail(job: Job, error: unknown): void {
  job.reject(job.id === undefined ? error : unknown());
}

// As kube-apiserver passes on what etcd says without space. No 503: client-go tries those with Retry-After ten times before it tells its user.
const unwritable = ({ message }: LogUnwritable) => internalError(message);

const unknown = () => timeout('the log did not say whether the change was written; read the object before trying again', 1);

/** How many commits one entry takes at most. */
const MAX_GROUP = 256;
/** How long a job tries to be first, in ms: shorter than clients wait for an answer. */
const RETRY_FOR = 30_000;
const MAX_BACKOFF = 200;
/** A writer that lost a race knows the entry that won, so that the next one begins at once. So often: then that was not the log's end, or there are many. */
const MAX_RACES = 1;
const ALONE: Turn = { line: [], races: MAX_RACES };
const MAX_STALENESS = 60_000;

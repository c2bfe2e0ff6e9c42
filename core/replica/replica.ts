import type { Env } from '../env.ts';
import type { ClusterInstant, RealDelay } from '../instant.ts';
import { expired, timeout } from '../kube/status.ts';
import { EntriesMissing } from '../log/entry.ts';
import { type EventLog, type LogEntry, LogUnavailable, lastOffset, type Offset } from '../log/log.ts';
import { SNAPSHOT_SPACING } from '../log/snapshots.ts';
import type { Change } from '../state/change.ts';
import { type Evolved, evolve } from '../state/evolve.ts';
import { newestSnapshot, takeSnapshot } from '../state/snapshot.ts';
import { State } from '../state/state.ts';
import { type ClusterClock, clusterClock } from './cluster-clock.ts';
import { type ClockChange, ClusterTime } from './cluster-time.ts';
import { type CommitOptions, Commits, type Decide, isOver, type Moment, momentOf } from './commits.ts';
import { deepFreeze } from './deep-freeze.ts';
import { History, type HistoryOptions } from './history.ts';
import { Pace } from './pace.ts';
import { Past } from './past.ts';
import { type Scope, WaitingReaders } from './waiting-readers.ts';

export interface ReplicaOptions {
  readonly log: EventLog;
  readonly cluster: string;
  readonly env: Env;
  /** Told after each append of this replica, and awaited before its writers are answered: the fast path of wake-ups. Must not reject. */
  readonly appended?: (offset: Offset) => void | Promise<void>;
  /** No other process or replica writes to this log (the embedded one, which is locked): its end need not be read again. */
  readonly exclusive?: boolean;
  /** How much of what changed last is kept for watches and readers of the past; older changes are read from the log again. */
  readonly history?: HistoryOptions;
  /** Deep-freezes every object, so that a change in place throws. For tests. */
  readonly freeze?: boolean;
  /** How many events there are at least between snapshots (10,000 unless told): fewer are read as fast as a snapshot. */
  readonly snapshotEvents?: number;
}

export interface ChangesOptions {
  /** What concerns the reader: everything, when not given. */
  readonly scope?: Scope;
  readonly signal: AbortSignal;
  readonly restores?: number;
  readonly limit?: number;
}

/** Some changes, and the offset up to which they are all that concern their reader. */
export interface ChangeBatch {
  readonly changes: readonly Change[];
  readonly offset: Offset;
}

/**
 * One cluster in one process: its newest state, which follows the log, and the only way to append to it. Commits that come in together go into
 * one entry (group commit); each sees the ones before it.
 */
export class Replica {
  readonly cluster: string;
  readonly #log: EventLog;
  readonly #env: Env;
  readonly #options: ReplicaOptions;
  #history: History;
  /** Where the newest snapshot known here stands. */
  #snapshotOffset: Offset;
  /** When the log was last read to its end, or appended to (which proves the same). */
  #freshAt: Moment | undefined;
  /** When the log last proved to be the one that was read before. */
  #provenAt: Moment;
  /** Who wrote the entry at the state's end; undefined when a snapshot ends there. */
  #lastWriter: string | undefined;
  #restores = 0;
  readonly #time: ClusterTime;
  #reading: Promise<void> | undefined;
  #readAgain: Promise<void> | undefined;
  readonly #commits: Commits;
  readonly #waiting = new WaitingReaders();
  #past: Past;
  #following: { readers: number; abort: AbortController } | undefined;

  private constructor(options: ReplicaOptions, state: State) {
    this.cluster = options.cluster;
    this.#log = options.log;
    this.#env = options.env;
    this.#options = options;
    this.#history = this.#historyFrom(state);
    this.#snapshotOffset = state.offset;
    this.#provenAt = momentOf(options.env.clock);
    this.#time = new ClusterTime(options.env.clock);
    this.#past = this.#newPast();
    this.#commits = new Commits(options, {
      state: () => this.state,
      catchUp: () => this.catchUp(),
      changesAfter: (offset) => this.recentChanges(offset),
      restores: () => this.#restores,
      seenAt: () => this.#freshAt,
      appended: (entry, evolved, base) => {
        // A reader of the log may have come upon it, and on what follows, before its answer was here.
        if (this.state === base) this.#take(entry, evolved);
        else this.#fold(entry);
        this.#seenEnd();
      },
      lost: () => {
        this.#freshAt = undefined;
      },
      time: this.#time,
    });
  }

  /** Reads the newest snapshot and what came after it. */
  static async open(options: ReplicaOptions): Promise<Replica> {
    const replica = new Replica(options, await newestSnapshot(options));
    await replica.#read();
    replica.#resume();
    return replica;
  }

  /** The newest state that is known here. */
  get state(): State {
    return this.#history.state;
  }

  /**
   * How often the log turned out to be replaced by an older copy of itself, or by what became of one. Each time the state began anew, and what
   * was known of offsets before is of no use any more.
   */
  get restores(): number {
    return this.#restores;
  }

  /**
   * Whether the log may be another one by now, for all that is known here. A table is restored in minutes, in which it answers nothing: who has had an
   * answer since knows that it was not.
   */
  get isDoubtful(): boolean {
    return !this.#options.exclusive && isOver(this.#provenAt, DOUBT_MS, this.#env.clock);
  }

  /** The cluster's time: what `decide` is called with. */
  now(): ClusterInstant {
    return this.#time.now();
  }

  /** In how much real time it will be `at` in the cluster; undefined: at no time, or never, as its clock stands still. */
  delayUntil(at: ClusterInstant | undefined): RealDelay | undefined {
    return at === undefined ? undefined : this.#time.delayUntil(at);
  }

  /** By how many whole minutes the log is ahead of the wall clock. */
  get aheadMinutes(): number {
    return this.#time.aheadMinutes;
  }

  /** The setting by which the cluster's clock goes from `now` on. It holds once it is in the log (clusters/clock.ts). */
  clockSet(now: ClusterInstant, change: ClockChange): ClusterClock {
    return this.#time.set(now, change);
  }

  /** The changes after an offset, oldest first (at most `limit`); undefined when they are no longer all kept in memory. */
  recentChanges(offset: Offset, limit = Number.POSITIVE_INFINITY): readonly Change[] | undefined {
    return this.#history.after(offset, { limit });
  }

  /** Brings the state to the log's end as it is now: what was acknowledged to anybody before the call is then seen. */
  async catchUp(): Promise<void> {
    if (this.#options.exclusive && this.#freshAt) return;
    if (!this.#reading) {
      this.#reading = this.#read().finally(() => {
        this.#reading = undefined;
      });
      return this.#reading;
    }
    // A read that is under way may have begun before what the caller must see: the next one counts, and all who wait share it.
    this.#readAgain ??= this.#reading
      .catch(() => undefined)
      .then(() => {
        this.#readAgain = undefined;
        return this.catchUp();
      });
    return this.#readAgain;
  }

  /** Rejects while the log can be read to its end no more, or takes nothing. */
  async check(): Promise<void> {
    await this.#log.check();
    await this.catchUp();
  }

  /**
   * Appends what `decide` says, and answers when it is durable. `decide` is called with the newest state, perhaps with earlier commits of
   * the same entry laid over it (unless it asks to be the `first` of its entry); it must be synchronous and pure, for it is called again when somebody else appended first.
   * Who has just caught up says so: then nothing is read again to make sure that there is nothing to do.
   *
   * Rejects with what `decide` throws (a StatusError is final only once the state was surely the newest), with 500 when the log takes nothing now, with
   * 504 when it did not say for certain whether it took the entry, with 503 when it lost too many races, with 413 when one object does not fit.
   */
  commit<T>(decide: Decide<T>, options: CommitOptions = {}): Promise<T> {
    return this.#commits.add(decide, options);
  }

  /** The state right after an offset. Throws 410 when the log no longer reaches back so far. */
  async at(offset: Offset): Promise<State> {
    if (offset > this.state.offset || this.isDoubtful) await this.catchUp();
    if (offset > this.state.offset) throw timeout(`Too large resource version: ${offset}, current: ${this.state.offset}`, 1);
    return this.#history.at(offset) ?? this.#past.at(offset);
  }

  /** The last offset appended at or before a time; 0 when the cluster began later. */
  async offsetAt(time: ClusterInstant): Promise<Offset> {
    if (time >= this.state.time || this.isDoubtful) await this.catchUp();
    return time < this.state.time ? this.#past.offsetAt(time) : this.state.offset;
  }

  /**
   * The changes after an offset, oldest first, at most `limit`, as soon as there is one; none when `signal` aborts before. A reader
   * with a `scope` is woken by changes within it alone, and gets those of its resource (read from the log, of others too). Nothing is queued for a reader that
   * lags, nor kept for it: what it asks for comes from the kept history, or from the log when that no longer reaches back. A reader of what other
   * processes write `follow`s the log meanwhile. Throws 410 when the log no longer reaches back either, or is another one
   * by now than when there had been `restores` of it. Throws `LogUnavailable` when it
   * cannot be read: what was not told is to be asked for again.
   */
  async changesAfter(offset: Offset, { scope, signal, restores = this.#restores, limit = 1_000 }: ChangesOptions): Promise<ChangeBatch> {
    for (let after = offset; ; ) {
      if (this.isDoubtful) await this.catchUp();
      if (this.#restores !== restores) throw expired(`The cluster was restored from a backup; what was known of ${offset} is no longer true`);
      const recent = this.#history.after(after, { limit, ...(scope && { resource: scope.resource }) });
      const changes = recent ?? (await this.#past.changesAfter(after, limit));
      if (this.#restores !== restores) continue;
      if (changes.length > 0) return { changes, offset: recent && recent.length < limit ? this.state.offset : changes.at(-1)!.offset };
      if (signal.aborted) return { changes, offset: Math.max(after, this.state.offset) };
      after = Math.max(after, await this.#waiting.wait(scope, { signal, now: () => this.state.offset }));
    }
  }

  /** Every change after an offset, in batches, as they come, until `signal` aborts: for a reader that takes them at once. */
  async *changes({ after, signal }: { after: Offset; signal: AbortSignal }): AsyncGenerator<readonly Change[]> {
    const release = this.follow();
    try {
      // What is asked for is behind an offset of the log as it is now.
      if (this.isDoubtful) await this.catchUp();
      const restores = this.#restores;
      for (let offset = after; !signal.aborted; ) {
        const batch = await this.changesAfter(offset, { signal, restores });
        if (batch.changes.length > 0) yield batch.changes;
        offset = batch.offset;
      }
    } finally {
      release();
    }
  }

  /** Keeps the state at the log's end, until the returned function is called: other writers' entries come in through the tail. */
  follow(): () => void {
    if (this.#options.exclusive) return () => undefined;
    if (!this.#following) {
      const abort = new AbortController();
      this.#following = { readers: 0, abort };
      void this.#tail(abort.signal);
    }
    const following = this.#following;
    following.readers++;
    return () => {
      if (--following.readers > 0) return;
      following.abort.abort();
      if (this.#following === following) this.#following = undefined;
    };
  }

  /**
   * Writes a snapshot if enough happened since the last: as many events as there are objects, never fewer than `snapshotEvents`, and not many more than
   * who looks at the past may have to fold.
   */
  async snapshotIfDue(): Promise<boolean> {
    const since = this.state.offset - this.#snapshotOffset;
    const atLeast = this.#options.snapshotEvents ?? SNAPSHOT_EVENTS;
    if (since < Math.max(atLeast, Math.min(this.state.size, SNAPSHOT_SPACING))) return false;
    const before = this.#snapshotOffset;
    this.#snapshotOffset = this.state.offset;
    try {
      await this.#log.saveSnapshot(this.cluster, await takeSnapshot(this.state, () => this.#env.clock.turn()));
      return true;
    } catch (error) {
      this.#snapshotOffset = before;
      throw error;
    }
  }

  async #read(): Promise<void> {
    const pace = new Pace(this.#env.clock);
    if (this.state.offset > 0 && this.isDoubtful) await this.#makeSure();
    for (;;) {
      const after = this.state.offset;
      try {
        for await (const entry of this.#log.read(this.cluster, { after })) {
          this.#fold(entry);
          await pace.worked(entry.events.length);
        }
        if (this.#lastWriter === undefined) await this.#learnLastWriter();
        this.#seenEnd();
        return;
      } catch (error) {
        if (!(error instanceof EntriesMissing)) throw error;
        await this.#skipAhead();
        if (this.state.offset === after) throw error;
      }
    }
  }

  #seenEnd(): void {
    this.#freshAt = momentOf(this.#env.clock);
    this.#provenAt = this.#freshAt;
  }

  /**
   * Looks whether the log still is the one that was read. When it was restored from a backup it ends before the state does, or goes on otherwise: an
   * append behind what is known would leave a gap, and what others append would be folded into a state that never was.
   */
  async #makeSure(): Promise<void> {
    const { offset } = this.state;
    const last = await this.#log.lastEntry(this.cluster, { atMost: offset });
    if (last && lastOffset(last) === offset && last.writer === this.#lastWriter) return;
    // Nothing up to here may also say that the beginning was deleted: but of which log? What is known is behind it in either case.
    const restored = await newestSnapshot(this.#options);
    if (this.state.offset !== offset) return;
    this.#restores++;
    this.#past = this.#newPast();
    this.#beginAt(restored);
  }

  /** A snapshot does not say who wrote the entry at its end, and another log may have an entry that ends there, too. */
  async #learnLastWriter(): Promise<void> {
    const { offset } = this.state;
    if (offset === 0 || this.#options.exclusive) return;
    const last = await this.#log.lastEntry(this.cluster, { atMost: offset });
    if (this.state.offset === offset) this.#lastWriter = last?.writer;
  }

  /** Old entries are deleted after a while: whoever slept for longer goes on from a snapshot. Those who watch are told that they missed something (410). */
  async #skipAhead(): Promise<void> {
    const ahead = await newestSnapshot(this.#options);
    if (ahead.offset > this.state.offset) this.#beginAt(ahead);
  }

  #beginAt(snapshot: State): void {
    const before = this.state.offset;
    this.#history = this.#historyFrom(snapshot);
    this.#snapshotOffset = snapshot.offset;
    this.#lastWriter = undefined;
    this.#resume();
    this.#waiting.wakeAll(before);
  }

  /** Time goes on from the end of what was read. */
  #resume(): void {
    const { time, aheadMinutes } = this.state;
    this.#time.resumed(time, aheadMinutes, this.state.view(clusterClock));
  }

  /** Folds an entry; what is known of it already is passed over. Throws when entries are missing before it. */
  #fold(entry: LogEntry): void {
    const { state } = this;
    if (entry.offset > state.offset + 1) throw new Error(`the entry at ${entry.offset} does not follow offset ${state.offset}`);
    if (lastOffset(entry) <= state.offset) return;
    this.#take(entry, evolve(state, entry.events.slice(state.offset + 1 - entry.offset), entry));
  }

  #take(entry: LogEntry, evolved: Evolved): void {
    if (this.#options.freeze) for (const { object } of evolved.changes) deepFreeze(object);
    const before = this.state.offset;
    this.#history.push(evolved);
    this.#time.reached(entry.time, this.state.view(clusterClock));
    this.#lastWriter = entry.writer;
    this.#waiting.wake(evolved.changes, before);
  }

  #newPast(): Past {
    const restores = this.#restores;
    // The same version of an object is the same within one log only.
    return new Past(this.#options, { near: () => (this.#restores === restores ? this.#history.first : State.empty) });
  }

  #historyFrom(state: State): History {
    if (this.#options.freeze) for (const [, object] of state.entries()) deepFreeze(object);
    return new History(state, this.#options.history);
  }

  async #tail(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.isDoubtful) await this.catchUp();
        for await (const entry of this.#log.tail(this.cluster, { after: this.state.offset, signal })) {
          // Before its changes wake readers; and those whom it does not concern learn here that the log was restored.
          if (this.isDoubtful) await this.catchUp();
          // Our own append, or a read, may have been here first, or be ahead of a tail that began before it.
          if (entry.offset <= this.state.offset + 1) this.#fold(entry);
          else await this.catchUp();
        }
        // It ends by itself only when the log is closed.
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof EntriesMissing) await this.catchUp().catch(() => undefined);
        // A watch of a log that cannot be read must not look like a watch of a cluster in which nothing happens.
        if (error instanceof LogUnavailable) this.#waiting.failAll(error);
        await this.#env.clock.sleep(1000, signal);
      }
    }
  }
}

/** Less than any restore takes. */
const DOUBT_MS = 60_000;
const SNAPSHOT_EVENTS = 10_000;

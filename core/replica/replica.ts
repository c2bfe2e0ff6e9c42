import type { Env } from '../env.ts';
import type { ClusterInstant, RealDelay } from '../instant.ts';
import { timeout } from '../kube/status.ts';
import { EntriesMissing } from '../log/entry.ts';
import type { LogEvent, Offset } from '../log/event.ts';
import { type EventLog, type LogEntry, lastOffset } from '../log/log.ts';
import type { Change } from '../state/change.ts';
import type { Layout } from '../state/chunks.ts';
import { type Evolved, evolve } from '../state/evolve.ts';
import { newestSnapshot, sharedWithAnother } from '../state/snapshot.ts';
import { State } from '../state/state.ts';
import { type ChangeBatch, ChangeFeed, type ChangesOptions } from './change-feed.ts';
import { type ClusterClock, clusterClock } from './cluster-clock.ts';
import { hasEnded, noSuchCluster } from './cluster-end.ts';
import { afterReset, resetIn } from './cluster-reset.ts';
import { type ClockChange, ClusterTime } from './cluster-time.ts';
import { type Closing, type CommitOptions, Commits, type Moment, momentOf } from './commits.ts';
import { deepFreeze, freezeAll } from './deep-freeze.ts';
import { Following } from './following.ts';
import { History, type HistoryOptions } from './history.ts';
import type { Decide } from './job.ts';
import { Lineage } from './lineage.ts';
import { LogIdentity } from './log-identity.ts';
import { Pace } from './pace.ts';
import { Past } from './past.ts';
import { Retention } from './retention.ts';
import { SharedReads } from './shared-reads.ts';
import { type Begun, retentionOf, type SnapshotOptions, Snapshots } from './snapshots.ts';
import { bytesOf } from './state-bytes.ts';
import { StoredEntries } from './stored-entries.ts';

export interface ReplicaOptions extends SnapshotOptions {
  readonly log: EventLog;
  readonly cluster: string;
  /** The name of its log, where that is another one. */
  readonly logName?: string;
  readonly env: Env;
  /** Told after each append of this replica, and awaited before its writers are answered: the fast path of wake-ups. Must not reject. */
  readonly appended?: (offset: Offset) => void | Promise<void>;
  /** What follows from the changes of each entry of this replica, in the same entry. */
  readonly closing?: Closing;
  /** No other process or replica writes to this log (the embedded one, which is locked): its end need not be read again. */
  readonly exclusive?: boolean;
  /** How much of what changed last is kept for watches and readers of the past; older changes are read from the log again. */
  readonly history?: HistoryOptions;
  /** The cluster that this one was forked of, where it is open: nothing is read again of what is shared, nor kept twice. Used while this one is opened. */
  readonly from?: { readonly replica: Replica; readonly at: Offset };
  /** Another cluster's state: what both have, as what every cluster begins with, is in memory once. Used while this one is opened. */
  readonly like?: State;
  /** Deep-freezes every object, so that a change in place throws. For tests. */
  readonly freeze?: boolean;
}

/**
 * One cluster in one process: its newest state, which follows the log, and the only way to append to it. Commits that come in together go into
 * one entry (group commit); each sees the ones before it.
 */
export class Replica {
  readonly cluster: string;
  /** No other replica has it, of this cluster or of another one of its name. */
  readonly id: string;
  /** No other cluster has it, nor another one of this name. */
  readonly logName: string;
  readonly #log: EventLog;
  readonly #env: Env;
  readonly #options: Options;
  #like: State | undefined;
  #history: History;
  readonly #snapshots: Snapshots;
  #retention: Retention;
  /** When the log was last read to its end, or appended to (which proves the same). */
  #freshAt: Moment | undefined;
  readonly #lineage = new Lineage();
  readonly #identity: LogIdentity;
  #restores = 0;
  #resets = 0;
  readonly #time: ClusterTime;
  readonly #reads = new SharedReads(() => this.#read());
  readonly #commits: Commits;
  readonly #feed: ChangeFeed;
  #past: Past;
  readonly #following: Following;

  private constructor(options: Options, begun: Begun) {
    this.cluster = options.cluster;
    this.id = options.env.ids.uid();
    this.logName = options.logName ?? options.cluster;
    this.#log = options.log;
    this.#env = options.env;
    this.#options = options;
    this.#history = this.#historyFrom(begun.state);
    this.#snapshots = new Snapshots(options, begun, options);
    const { exclusive = false } = options;
    this.#retention = this.#newRetention();
    this.#identity = new LogIdentity({ ...options, exclusive, lineage: this.#lineage });
    this.#time = new ClusterTime(options.env.clock);
    this.#past = this.#newPast();
    this.#feed = new ChangeFeed({
      cluster: this.cluster,
      end: () => this.state.offset,
      isDoubtful: () => this.isDoubtful,
      isOver: () => this.isOver,
      restores: () => this.restores,
      history: () => this.#history,
      past: () => this.#past,
      catchUp: () => this.catchUp(),
    });
    this.#following = new Following(options, {
      end: () => this.state.offset,
      isDoubtful: () => this.isDoubtful,
      catchUp: () => this.catchUp(),
      take: (entry) => this.#fold(entry),
      // A watch of a log that cannot be read must not look like a watch of a cluster in which nothing happens.
      failed: (error) => this.#feed.waiting.failAll(error),
    });
    const writer = this.id;
    this.#commits = new Commits(
      { ...options, writer },
      {
        state: () => this.state,
        catchUp: () => this.catchUp(),
        lineage: this.#lineage,
        changesAfter: (offset) => this.recentChanges(offset),
        seenAt: () => this.#freshAt,
        appended: (entry, evolved, base) => {
          // A reader of the log may have come upon it, and on what follows, before its answer was here.
          if (this.state !== base) {
            if (!this.#fold(entry)) return;
          } else if (resetIn(entry) === undefined) this.#take(entry, evolved);
          else this.#takeReset(entry, evolved.state);
          this.#seenEnd();
        },
        lost: (entry) => {
          this.#freshAt = undefined;
          // The log may be another one by now: then a read finds out.
          if (!entry || this.isDoubtful || entry.offset > this.state.offset + 1) return false;
          if (!this.#fold(entry)) return false;
          this.#seenEnd();
          return true;
        },
        time: this.#time,
      },
    );
  }

  /**
   * A cluster of a log: reads the newest snapshot, or takes what a parent in memory has (`from`: a fork shares that), and all that came after it. For one that is shown, or goes on, as its log has it.
   */
  static async open({ like, from, ...options }: ReplicaOptions): Promise<Replica> {
    const begun = from ? from.replica.#begunAt(from.at) : undefined;
    const replica = new Replica(options, begun ?? begunWith(await newestSnapshot(options, { ...(like && { like }) })));
    replica.#like = like;
    await replica.#read();
    replica.#like = undefined;
    replica.#resume();
    return replica;
  }

  /**
   * A cluster that goes on from any state, one that no log has among them, and whose log has nothing to be read: what would happen (plan/trial.ts). The state is taken to be the log's end; a fork is not, as it
   * may have been written to before it was opened.
   */
  static openAt(state: State, options: Options): Replica {
    const replica = new Replica(options, begunWith({ state, ranges: new Map() }));
    replica.#resume();
    return replica;
  }

  /** The newest state that is known here. */
  get state(): State {
    return this.#history.state;
  }

  /** About how much memory it takes. */
  get bytes(): number {
    return bytesOf(this.state) + this.#history.bytes + this.#past.bytes;
  }

  /**
   * How often the log turned out to be replaced by an older copy of itself, or by what became of one, or the cluster was reset. Each time the state began anew, and what
   * was known of offsets before is of no use any more.
   */
  get restores(): number {
    return this.#restores + this.#resets;
  }

  /** Whether the cluster has ended: it takes no more writes. Of a log that was removed by now, only that it was there is known. */
  get isOver(): boolean {
    return hasEnded(this.state) || (this.#restores > 0 && this.state.offset === 0);
  }

  /**
   * Whether the log may be another one by now, for all that is known here. A table is restored in minutes, in which it answers nothing: a process that has had an
   * answer since knows that it was not.
   */
  get isDoubtful(): boolean {
    return this.#identity.isDoubtful;
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

  /** Brings the state to the log's end as it is now: what was acknowledged to any client before the call is then seen. */
  async catchUp(): Promise<void> {
    if (this.#options.exclusive && this.#freshAt) return;
    return this.#reads.begunSince();
  }

  /** Rejects while the log can be read to its end no more, or takes nothing. */
  async check(): Promise<void> {
    await this.#log.check();
    await this.catchUp();
  }

  /**
   * Appends what `decide` says, and answers when it is durable. `decide` is called with the newest state, perhaps with earlier commits of
   * the same entry laid over it (unless it asks to be the `first` of its entry); it must be synchronous and pure, for it is called again when another writer appended first.
   * A caller that has just caught up says so: then nothing is read again to make sure that there is nothing to do.
   *
   * Rejects with what `decide` throws (a StatusError is final only once the state was surely the newest), with 500 when the log takes nothing now, with
   * 404 when the cluster has ended, with 504 when it did not say for certain whether it took the entry, with 503 when it lost races for half a minute, with 413 when one object does not fit.
   */
  commit<T>(decide: Decide<T>, options: CommitOptions = {}): Promise<T> {
    return this.#commits.add((state, now) => {
      if (hasEnded(state) || this.isOver) throw noSuchCluster(this.cluster);
      return decide(state, now);
    }, options);
  }

  /** The state right after an offset. Throws 410 when the log no longer reaches back so far. */
  async at(offset: Offset): Promise<State> {
    if (offset > this.state.offset || this.isDoubtful) await this.catchUp();
    if (offset > this.state.offset) throw timeout(`Too large resource version: ${offset}, current: ${this.state.offset}`, 1);
    return this.#history.at(offset) ?? this.#past.at(offset);
  }

  /** The change at an offset that the log has passed. Throws 410 when the log no longer reaches back so far. */
  async changeAt(offset: Offset): Promise<Change> {
    return this.#history.after(offset - 1, { limit: 1 })?.[0] ?? this.#past.changeAt(offset);
  }

  /** The entries of the log as they are stored. */
  get entries(): StoredEntries {
    return new StoredEntries(this.#options);
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
   * by now than when there had been `restores` of it, 404 when the cluster has ended. Throws `LogUnavailable` when it
   * cannot be read: what was not told is to be asked for again.
   */
  changesAfter(offset: Offset, options: ChangesOptions): Promise<ChangeBatch> {
    return this.#feed.after(offset, options);
  }

  /** Every change after an offset, in batches, as they come, until `signal` aborts: for a reader that takes them at once. */
  async *changes({ after, signal }: { after: Offset; signal: AbortSignal }): AsyncGenerator<readonly Change[]> {
    const release = this.follow();
    try {
      yield* this.#feed.batches(after, signal);
    } finally {
      release();
    }
  }

  /** Keeps the state at the log's end, until the returned function is called: other writers' entries come in through the tail. */
  follow(): () => void {
    return this.#options.exclusive ? () => undefined : this.#following.begin();
  }

  /** Takes a snapshot if enough happened since the last one (snapshots.ts). Returns whether it did. */
  async snapshotIfDue(): Promise<boolean> {
    if (!this.#snapshots.isDue(this.state, this.now())) return false;
    await this.#snapshots.take(this.state);
    return true;
  }

  /** Deletes some of what is older than the cluster keeps, and resolves to when there may be more to delete, by the cluster's time; undefined: not by itself. */
  async truncateIfDue(): Promise<ClusterInstant | undefined> {
    return this.#retention.run(this.now());
  }

  /** With what a fork begins at an offset; undefined when that is not in memory. */
  #begunAt(offset: Offset): Begun | undefined {
    const state = this.#history.at(offset);
    return state && { state, layout: this.#snapshots.layout };
  }

  async #read(): Promise<void> {
    const pace = new Pace(this.#env.clock);
    if (this.state.offset > 0 && this.isDoubtful) await this.#makeSure();
    for (;;) {
      const after = this.state.offset;
      try {
        for await (const entry of this.#log.read(this.cluster, { after })) {
          if (!this.#fold(entry)) await this.#reset(entry);
          await pace.worked(entry.events.length);
        }
        await this.#identity.learn(() => this.state.offset);
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
    this.#identity.proven(this.#freshAt);
  }

  /**
   * Looks whether the log still is the one that was read. When it was restored from a backup it ends before the state does, or goes on otherwise: an
   * append behind what is known would leave a gap, and what others append would be folded into a state that never was.
   */
  async #makeSure(): Promise<void> {
    const { offset } = this.state;
    if (await this.#identity.isAsKnown(offset)) return;
    // Nothing up to here may also say that the beginning was deleted: but of which log? What is known is behind it in either case.
    const restored = await newestSnapshot(this.#options);
    if (this.state.offset !== offset) return;
    this.#restores++;
    this.#past = this.#newPast();
    this.#retention = this.#newRetention();
    this.#beginAt(restored);
  }

  /** Old entries are deleted after a while: a process that slept for longer goes on from a snapshot. Its watches are told that they missed something (410). */
  async #skipAhead(): Promise<void> {
    const ahead = await newestSnapshot(this.#options, { known: this.#snapshots.layout });
    if (ahead.state.offset > this.state.offset) this.#beginAt(ahead);
  }

  #beginAt(newest: Layout): void {
    const before = this.state.offset;
    this.#history = this.#historyFrom(newest.state);
    this.#snapshots.restored(newest);
    this.#lineage.begin();
    this.#commits.entriesMissed();
    this.#resume();
    this.#feed.waiting.wakeAll(before);
  }

  /** Time goes on from the end of what was read. */
  #resume(): void {
    const { time, aheadMinutes } = this.state;
    this.#time.resumed(time, aheadMinutes, this.state.view(clusterClock));
  }

  /** Folds an entry; what is known of it already is passed over. False: it is a reset. Throws when entries are missing before it. */
  #fold(entry: LogEntry): boolean {
    const { state } = this;
    if (entry.offset > state.offset + 1) throw new Error(`the entry at ${entry.offset} does not follow offset ${state.offset}`);
    if (lastOffset(entry) <= state.offset) return true;
    if (resetIn(entry) !== undefined && entry.offset > state.offset) return false;
    const events = entry.events.slice(state.offset + 1 - entry.offset);
    this.#take(entry, evolve(state, this.#like ? events.map((event) => sharedEvent(this.#like!, event)) : events, entry));
    return true;
  }

  /** Takes in a reset: the state that it goes back to is that of an earlier offset of this log. */
  async #reset(entry: LogEntry): Promise<void> {
    const to = resetIn(entry)!;
    const target = this.#history.at(to) ?? (await this.#past.at(to));
    // Our own append of it may have been here first.
    if (entry.offset > this.state.offset) this.#takeReset(entry, afterReset(target, entry));
  }

  #takeReset(entry: LogEntry, state: State): void {
    const before = this.state.offset;
    this.#resets++;
    this.#history = this.#historyFrom(state);
    this.#snapshots.reset();
    this.#time.reached(entry.time, state.view(clusterClock));
    this.#lineage.begin({ offset: lastOffset(entry), writer: entry.writer });
    this.#commits.stateReplaced();
    this.#feed.waiting.wakeAll(before);
  }

  #take(entry: LogEntry, evolved: Evolved): void {
    if (this.#options.freeze) for (const { object } of evolved.changes) deepFreeze(object);
    const before = this.state.offset;
    this.#history.push(evolved);
    this.#snapshots.took(evolved.changes);
    this.#time.reached(entry.time, this.state.view(clusterClock));
    this.#lineage.push(entry);
    this.#commits.entryTaken(entry, evolved.changes);
    if (this.isOver) this.#feed.waiting.wakeAll(before);
    else this.#feed.waiting.wake(evolved.changes, before);
  }

  #newRetention(): Retention {
    const { exclusive = false } = this.#options;
    const retentionMs = () => retentionOf(this.state, this.#options);
    return new Retention({ ...this.#options, exclusive, retentionMs, state: () => this.state });
  }

  #newPast(): Past {
    const restores = this.#restores;
    // The same version of an object is the same within one log only.
    const near = () => (this.#restores === restores ? this.#history.first : State.empty);
    return new Past(this.#options, { near, known: () => this.#snapshots.layout });
  }

  #historyFrom(state: State): History {
    if (this.#options.freeze) freezeAll(state);
    return new History(state, this.#options.history);
  }
}

const begunWith = (layout: Layout): Begun => ({ state: layout.state, layout });

type Options = Omit<ReplicaOptions, 'like' | 'from'>;

const sharedEvent = (like: State, event: LogEvent): LogEvent =>
  event.type === 'ADDED' ? { ...event, object: sharedWithAnother(like, event.key, event.object) } : event;

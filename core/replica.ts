import type { Env } from './env.ts';
import { EntriesMissing } from './log/entry.ts';
import { EntryTooLarge, type EventLog, type LogEntry, type LogEvent, LogUnavailable, lastOffset, type Offset } from './log/log.ts';
import { Overlay } from './projection/overlay.ts';
import { entriesAfter, newestSnapshot, pastAt } from './projection/past.ts';
import type { Projection, ProjectionOptions } from './projection/projection.ts';
import { takeSnapshot } from './projection/snapshot.ts';
import type { Change, State } from './projection/state.ts';
import { StatusError, serviceUnavailable, timeout } from './status.ts';

export interface ReplicaOptions {
  readonly log: EventLog;
  readonly cluster: string;
  readonly env: Env;
  /** Told after each append of this replica, and awaited before its writers are answered: the fast path of wake-ups. Must not reject. */
  readonly appended?: (offset: Offset) => void | Promise<void>;
  /** No other process or replica writes to this log (the embedded one, which is locked): its end need not be read again. */
  readonly exclusive?: boolean;
  readonly projection?: ProjectionOptions;
  /** How many events there are at least between snapshots (10,000 unless told): fewer are read as fast as a snapshot. */
  readonly snapshotEvents?: number;
}

/** What a commit came to: the events to append (none: nothing to write) and how to answer, from their changes, once they are durable. */
export interface Decided<T> {
  readonly events: readonly LogEvent[];
  readonly answer: (changes: readonly Change[]) => T;
}

/**
 * One cluster in one process: a projection that follows the log, and the only way to append to it. Commits that come in together go into
 * one entry (group commit); each sees the ones before it.
 */
export class Replica {
  readonly cluster: string;
  readonly #log: EventLog;
  readonly #env: Env;
  readonly #options: ReplicaOptions;
  #projection: Projection;
  /** Where the newest snapshot known here stands. */
  #snapshotOffset: Offset;
  /** When the log was last read to its end, or appended to (which proves the same), by our clock. */
  #freshAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;
  #readAgain: Promise<void> | undefined;
  #queue: Job[] = [];
  #flushing = false;
  #writes = 0;
  readonly #writer: string;
  readonly #listeners = new Set<() => void>();
  readonly #pastViews = new Map<Offset, Projection>();
  #following: { readers: number; abort: AbortController } | undefined;

  private constructor(options: ReplicaOptions, projection: Projection) {
    this.cluster = options.cluster;
    this.#log = options.log;
    this.#env = options.env;
    this.#options = options;
    this.#projection = projection;
    this.#snapshotOffset = projection.offset;
    this.#writer = options.env.ids.uid();
  }

  /** Reads the newest snapshot and what came after it. */
  static async open(options: ReplicaOptions): Promise<Replica> {
    const replica = new Replica(options, await newestSnapshot(options));
    await replica.#read();
    return replica;
  }

  /** The live state: moves on with every `await`. */
  get state(): Projection {
    return this.#projection;
  }

  /** Brings the projection to the log's end as it is now: what was acknowledged to anybody before the call is then seen. */
  async catchUp(): Promise<void> {
    if (this.#options.exclusive && this.#freshAt > 0) return;
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

  /**
   * Appends what `decide` says, and answers when it is durable. `decide` is called with the newest state, perhaps with earlier commits of
   * the same entry laid over it (unless it asks to be the `first` of its entry); it must be synchronous and pure, for it is called again when somebody else appended first.
   * Who has just caught up says so: then nothing is read again to make sure that there is nothing to do.
   *
   * Rejects with what `decide` throws (a StatusError is final only once the state was surely the newest), with 504 when the log did not
   * say for certain whether it took the entry, with 503 when it lost too many races, with 413 when one object does not fit.
   */
  commit<T>(decide: (state: State, now: number) => Decided<T>, { first = false, caughtUp = false }: { first?: boolean; caughtUp?: boolean } = {}): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ decide: decide as Job['decide'], resolve: resolve as Job['resolve'], reject, first, seenEnd: caughtUp, attempts: 0 });
      if (!this.#flushing) void this.#flush();
    });
  }

  /** The state right after an offset, good until the next `await`. Throws 410 when the log no longer reaches back so far. */
  async at(offset: Offset): Promise<State> {
    if (offset > this.#projection.offset) await this.catchUp();
    if (offset > this.#projection.offset) throw timeout(`Too large resource version: ${offset}, current: ${this.#projection.offset}`, 1);
    return this.#projection.at(offset) ?? this.#pastView(offset);
  }

  /** Views that the kept history does not reach are folded from the log: the last few stay, for who looks at one mostly looks again. */
  async #pastView(offset: Offset): Promise<Projection> {
    const known = this.#pastViews.get(offset);
    const view = known ?? (await pastAt(this.#options, offset)).projection;
    this.#pastViews.delete(offset);
    this.#pastViews.set(offset, view);
    if (this.#pastViews.size > MAX_PAST_VIEWS) this.#pastViews.delete(this.#pastViews.keys().next().value!);
    return view;
  }

  /** The last offset appended at or before a time (ms since the epoch); 0 when the cluster began later. */
  async offsetAt(time: number): Promise<Offset> {
    await this.catchUp();
    if (time >= this.#projection.time) return this.#projection.offset;
    const snapshot = await this.#log.loadSnapshot(this.cluster, { before: time });
    let offset = snapshot?.offset ?? 0;
    for await (const entry of entriesAfter(this.#options, offset)) {
      if (entry.time > time) break;
      offset = lastOffset(entry);
    }
    return offset;
  }

  /**
   * Every change after an offset, in batches, as they come, until `signal` aborts. Whoever lags is not queued for: it reads on from the
   * projection's history, or from the log when that no longer reaches back. Throws 410 when the log does not either.
   */
  async *changes({ after, signal }: { after: Offset; signal: AbortSignal }): AsyncGenerator<readonly Change[]> {
    const release = this.#follow();
    try {
      let offset = after;
      while (!signal.aborted) {
        const changes = this.#projection.changesAfter(offset, 1000);
        if (changes === undefined) {
          for await (const older of this.#changesFromLog(offset)) {
            if (signal.aborted) return;
            yield older;
            offset = older[older.length - 1]!.offset;
          }
        } else if (changes.length > 0) {
          yield changes;
          offset = changes[changes.length - 1]!.offset;
        } else {
          await this.#moved(offset, signal);
        }
      }
    } finally {
      release();
    }
  }

  /** Writes a snapshot if enough happened since the last: as many events as there are objects, and never fewer than `snapshotEvents`. */
  async snapshotIfDue(): Promise<boolean> {
    const since = this.#projection.offset - this.#snapshotOffset;
    if (since < Math.max(this.#options.snapshotEvents ?? SNAPSHOT_EVENTS, this.#projection.size)) return false;
    const before = this.#snapshotOffset;
    this.#snapshotOffset = this.#projection.offset;
    try {
      await this.#log.saveSnapshot(this.cluster, await takeSnapshot(this.#projection, () => this.#env.clock.turn()));
      return true;
    } catch (error) {
      this.#snapshotOffset = before;
      throw error;
    }
  }

  async #read(): Promise<void> {
    for (;;) {
      const after = this.#projection.offset;
      try {
        for await (const entry of this.#log.read(this.cluster, { after })) this.#fold(entry);
        this.#freshAt = this.#env.clock.now();
        return;
      } catch (error) {
        if (!(error instanceof EntriesMissing)) throw error;
        await this.#skipAhead();
        if (this.#projection.offset === after) throw error;
      }
    }
  }

  /** Old entries are deleted after a while: whoever slept for longer goes on from a snapshot. Those who watch are told that they missed something (410). */
  async #skipAhead(): Promise<void> {
    const ahead = await newestSnapshot(this.#options);
    if (ahead.offset <= this.#projection.offset) return;
    this.#projection = ahead;
    this.#snapshotOffset = ahead.offset;
    this.#tellListeners();
  }

  #fold(entry: LogEntry): readonly Change[] {
    const changes = this.#projection.apply(entry);
    if (changes.length > 0) this.#tellListeners();
    return changes;
  }

  #tellListeners(): void {
    for (const listener of [...this.#listeners]) listener();
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
    if (this.#env.clock.now() - this.#freshAt > MAX_STALENESS && !this.#options.exclusive) await this.#catchUpFor(jobs);
    const after = this.#projection.offset;
    const draft = new Overlay(this.#projection);
    // Time in the log never goes back, whatever the writers' clocks say: reading "as of" a time depends on it.
    const time = Math.max(this.#env.clock.now(), this.#projection.time);
    const outcomes = jobs.map((job) => outcomeOf(job, draft, time));
    // A refusal, or "nothing to do", may be due to a state that is behind. It is final when the job has seen the log's end, or when
    // the group's append, which succeeds only at the log's end, proves that it was there.
    const writes = outcomes.some(({ events }) => events.length > 0);
    const certain = writes ? outcomes : outcomes.filter(({ job }) => job.seenEnd || this.#options.exclusive);
    const unsure = outcomes.filter((outcome) => !certain.includes(outcome)).map(({ job }) => job);
    if (writes) await this.#append(after, certain, time);
    else for (const { settle } of certain) settle();
    if (unsure.length > 0) {
      await this.#catchUpFor(unsure);
      this.#queue.unshift(...unsure);
    }
  }

  /** Appends the events of `outcomes` and settles them, or puts their jobs back into the queue when somebody else was first. */
  async #append(after: Offset, outcomes: readonly Outcome[], time: number): Promise<void> {
    const writer = `${this.#writer}/${this.#writes++}`;
    const events = outcomes.flatMap((outcome) => outcome.events);
    try {
      const result = await this.#log.append(this.cluster, { after, events, writer, time });
      if (result.type === 'appended') {
        this.#fold(result.entry);
        this.#freshAt = this.#env.clock.now();
        await this.#options.appended?.(lastOffset(result.entry));
        for (const { settle } of outcomes) settle();
        return;
      }
    } catch (error) {
      if (error instanceof EntryTooLarge) return this.#appendInParts(after, outcomes, time);
      if (!(error instanceof LogUnavailable)) throw error;
      this.#freshAt = Number.NEGATIVE_INFINITY;
      const unknown = timeout('the log did not say whether the change was written; read the object before trying again', 1);
      for (const { job } of outcomes) job.reject(unknown);
      return;
    }
    // Somebody else was first. Read what they wrote and decide again, after a while that grows and differs between writers.
    const again = outcomes.map(({ job }) => job).filter(mayRetry);
    const attempts = Math.max(0, ...again.map((job) => job.attempts));
    if (attempts > 1) await this.#env.clock.sleep(this.#env.random.next() * Math.min(1000, 5 * 2 ** attempts));
    this.#freshAt = Number.NEGATIVE_INFINITY;
    await this.#catchUpFor(again);
    this.#queue.unshift(...again);
  }

  /** Too much for one entry: divided first between commits, then, for one commit alone, between objects (that commit is then not atomic). */
  async #appendInParts(after: Offset, outcomes: readonly Outcome[], time: number): Promise<void> {
    const writers = outcomes.filter(({ events }) => events.length > 0);
    if (writers.length > 1) {
      // Half of them now; the others are decided again on what that leaves.
      const first = writers.slice(0, writers.length >> 1);
      this.#queue.unshift(...outcomes.filter((outcome) => !first.includes(outcome)).map(({ job }) => job));
      return this.#append(after, first, time);
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
    await this.#append(after, [{ ...only, events: only.events.slice(0, half), settle }], time);
    // The rest follows only right behind its first half; else the job was answered, or is decided again as a whole.
    if (appended) await this.#append(after + half, [{ ...only, events: only.events.slice(half) }, ...outcomes.filter((outcome) => outcome !== only)], time);
  }

  async #catchUpFor(jobs: readonly Job[]): Promise<void> {
    try {
      await this.catchUp();
    } catch (error) {
      throw error instanceof LogUnavailable ? serviceUnavailable('the log cannot be read') : error;
    }
    for (const job of jobs) job.seenEnd = true;
  }

  /** Keeps the projection on the log's end while somebody watches: other writers' entries come in through the tail. */
  #follow(): () => void {
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

  async #tail(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const entry of this.#log.tail(this.cluster, { after: this.#projection.offset, signal })) {
          // Our own append, or a read, may have been here first, or be ahead of a tail that began before it.
          if (entry.offset <= this.#projection.offset + 1) this.#fold(entry);
          else await this.catchUp();
        }
        // It ends by itself only when the log is closed.
        return;
      } catch (error) {
        if (error instanceof EntriesMissing) await this.catchUp().catch(() => undefined);
        await this.#env.clock.sleep(1000, signal);
      }
    }
  }

  #moved(offset: Offset, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted || this.#projection.offset > offset) return resolve();
      const done = () => {
        this.#listeners.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#listeners.add(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  /** The changes from `after` up to where the kept history begins. */
  async *#changesFromLog(after: Offset): AsyncGenerator<readonly Change[]> {
    const { projection, boundary } = await pastAt(this.#options, after);
    for await (const entry of entriesAfter(this.#options, boundary)) {
      const changes = projection.apply(entry);
      if (changes.length > 0) yield changes;
      if (this.#projection.changesAfter(projection.offset, 0) !== undefined) return;
    }
  }
}

interface Job {
  decide: (state: State, now: number) => Decided<unknown>;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
  readonly first: boolean;
  attempts: number;
  /** The projection has been read to the log's end since the job came in: what it decides from now on is final. */
  seenEnd: boolean;
}

/** What a job decided on a draft, and how it is told once that is certain. */
interface Outcome {
  readonly job: Job;
  readonly events: readonly LogEvent[];
  readonly settle: () => void;
}

function outcomeOf(job: Job, draft: Overlay, time: number): Outcome {
  try {
    const { events, answer } = job.decide(draft, time);
    const changes = draft.apply(events, time);
    return { job, events, settle: () => job.resolve(answer(changes)) };
  } catch (error) {
    return { job, events: [], settle: () => job.reject(error) };
  }
}

function mayRetry(job: Job): boolean {
  if (++job.attempts <= MAX_ATTEMPTS) return true;
  job.reject(serviceUnavailable('too many writers at once; try again'));
  return false;
}

/** How many commits one entry takes at most. */
const MAX_GROUP = 256;
const MAX_ATTEMPTS = 12;
const MAX_STALENESS = 60_000;
const MAX_PAST_VIEWS = 2;
const SNAPSHOT_EVENTS = 10_000;

const tooLarge = {
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  message: 'the object is too large for the log',
  reason: 'RequestEntityTooLarge',
  code: 413,
} as const;

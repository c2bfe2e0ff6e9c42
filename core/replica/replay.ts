import { expired } from '../kube/status.ts';
import { EntriesMissing } from '../log/entry.ts';
import type { LogEvent, Offset } from '../log/event.ts';
import { type LogEntry, LogUnavailable, lastOffset } from '../log/log.ts';
import { MAX_SPACING } from '../log/snapshots.ts';
import type { Change } from '../state/change.ts';
import type { Layout } from '../state/chunks.ts';
import { evolve } from '../state/evolve.ts';
import { heldBy } from '../state/held-by.ts';
import { newestSnapshot, type Stored, saveSnapshot, sharedWith } from '../state/snapshot.ts';
import type { State } from '../state/state.ts';
import { duringReset, resetIn } from './cluster-reset.ts';
import { History } from './history.ts';
import { Pace } from './pace.ts';

/** What is in memory anyway: what is the same in the past is not kept twice, nor read. */
export interface Nearby {
  readonly near: () => State;
  readonly known: () => Layout | undefined;
}

/**
 * A state on its way through an older stretch of the log, shared by its readers there. It moves forward only; what it has passed it shows from its
 * history.
 */
export class Replay {
  readonly #stored: Stored;
  #history: History;
  /** What it passes shares with this state what is the same there. */
  readonly #nearby: Nearby;
  /** The end of the last entry that is wholly in it: reading goes on from there. */
  #boundary: Offset;
  /** Where the last snapshot before stands, as far as is known here. */
  #snapshotOffset: Offset;

  #layout: Layout;

  private constructor(stored: Stored, begin: Layout, nearby: Nearby) {
    const { state } = begin;
    this.#stored = stored;
    this.#nearby = nearby;
    this.#layout = begin;
    this.#history = new History(state, HISTORY);
    this.#boundary = state.offset;
    this.#snapshotOffset = state.offset;
  }

  /** Begins at the newest snapshot at or before an offset. */
  static async before(offset: Offset, stored: Stored, nearby: Nearby): Promise<Replay> {
    return new Replay(stored, await newestSnapshot(stored, { atMost: offset, near: nearby.near(), known: nearby.known() }), nearby);
  }

  /** The state right after an offset, of which nothing else is asked. Throws 410 when the log no longer reaches back so far. */
  static async stateAt(offset: Offset, stored: Stored, nearby: Nearby): Promise<State> {
    const replay = await Replay.before(offset, stored, nearby);
    await replay.forward(offset);
    return replay.at(offset)!;
  }

  get bytes(): number {
    return this.#history.bytes;
  }

  get offset(): Offset {
    return this.#history.state.offset;
  }

  /** The state right after an offset; undefined when it has not come so far, or no longer keeps it. */
  at(offset: Offset): State | undefined {
    return this.#history.at(offset);
  }

  /** The changes after an offset that it has passed, oldest first (at most `limit`); undefined when it no longer keeps them. */
  changesAfter(offset: Offset, limit = Number.POSITIVE_INFINITY): readonly Change[] | undefined {
    return this.#history.after(offset, { limit });
  }

  /** Whether it has come to an offset and still keeps what followed it. */
  covers(offset: Offset): boolean {
    return offset <= this.offset && this.changesAfter(offset, 0) !== undefined;
  }

  /** Folds the log up to an offset, and goes back where the cluster was reset. Throws 410 when the log no longer reaches back so far. */
  async forward(offset: Offset): Promise<void> {
    if (offset > this.offset)
      await this.#fold(
        offset,
        () => false,
        (entry) => this.#reset(entry, offset),
      );
    if (offset > this.offset) throw tooOld();
  }

  /** Folds some more of the log and gives the changes: at least one, and no more than its history keeps for other readers that come by. Throws 410 when there is none, or what comes next is a reset: then
   * what is known is of no use any more. */
  async more(): Promise<readonly Change[]> {
    const all: Change[] = [];
    let bytes = 0;
    const enough = (changes: readonly Change[]) => {
      for (const change of changes) bytes += heldBy(change);
      all.push(...changes);
      return all.length >= MORE_EVENTS || bytes >= MORE_BYTES;
    };
    await this.#fold(Number.MAX_SAFE_INTEGER, enough, async () => false);
    if (all.length === 0) throw tooOld();
    return all;
  }

  /**
   * Folds the entry that comes next to its end, so that it need not be read again for each of its changes, and gives the first; of a reset, that it was one. Throws 410 when there is
   * none.
   */
  async restOfEntry(): Promise<Change> {
    let first: Change | undefined;
    const enough = (changes: readonly Change[]) => {
      first ??= changes[0];
      return this.offset === this.#boundary;
    };
    await this.#fold(Number.MAX_SAFE_INTEGER, enough, async (entry) => {
      [first] = evolve((await this.#targetOf(entry)).movedTo(entry.offset - 1), entry.events, entry).changes;
      return false;
    });
    if (!first) throw tooOld();
    return first;
  }

  /** `reset`: whether to go on behind a reset. */
  async #fold(upTo: Offset, enough: (changes: readonly Change[]) => boolean, reset: (entry: LogEntry) => Promise<boolean>): Promise<void> {
    const { clock } = this.#stored.env;
    const pace = new Pace(clock);
    // What was folded before it may have taken all of a turn.
    await clock.turn();
    for await (const entry of entriesAfter(this.#stored, this.#boundary)) {
      const end = Math.min(lastOffset(entry), upTo);
      if (entry.offset > this.offset && resetIn(entry) !== undefined && !(await reset(entry))) return;
      while (this.offset < end) {
        const first = this.offset + 1 - entry.offset;
        const events = entry.events.slice(first, Math.min(first + EVENTS_AT_ONCE, end + 1 - entry.offset));
        const evolved = evolve(
          this.#history.state,
          events.map((event) => this.#shared(event)),
          entry,
        );
        this.#history.push(evolved);
        const { changes } = evolved;
        if (this.offset === lastOffset(entry)) this.#boundary = this.offset;
        const turn = pace.worked(changes.length);
        if (enough(changes)) return;
        if (turn) await turn;
      }
      if (this.offset === lastOffset(entry)) this.#boundary = this.offset;
      if (this.#boundary - this.#snapshotOffset >= MAX_SPACING) await this.#leaveSnapshot();
      if (this.offset >= upTo) return;
    }
  }

  /** What is passed by then is of another state, which the history does not lead to. */
  async #reset(entry: LogEntry, upTo: Offset): Promise<true> {
    this.#history = new History(duringReset(await this.#targetOf(entry), entry, upTo), HISTORY);
    return true;
  }

  /** The state that a reset goes back to. */
  async #targetOf(entry: LogEntry): Promise<State> {
    const to = resetIn(entry)!;
    return this.#history.at(to) ?? (await Replay.stateAt(to, this.#stored, this.#nearby));
  }

  #shared(event: LogEvent): LogEvent {
    return event.type === 'ADDED' ? { ...event, object: sharedWith(this.#nearby.near(), event.key, event.object) } : event;
  }

  /** A reader that had to come so far without meeting a snapshot leaves one: the next need not. Nothing is lost when it cannot be written. */
  async #leaveSnapshot(): Promise<void> {
    const { log, cluster } = this.#stored;
    try {
      const passed = (await log.snapshots(cluster)).findLast(({ offset }) => offset <= this.#boundary);
      if (passed) this.#snapshotOffset = Math.max(this.#snapshotOffset, passed.offset);
      if (this.#boundary - this.#snapshotOffset < MAX_SPACING) return;
      this.#snapshotOffset = this.#boundary;
      if (this.offset === this.#boundary) this.#layout = await saveSnapshot(this.#stored, this.#history.state, this.#layout);
    } catch (error) {
      if (!(error instanceof LogUnavailable)) throw error;
    }
  }
}

/** How much a replay keeps of what it has passed. */
const HISTORY = { limit: 10_000, bytes: 16 * 1024 * 1024 };
/** How many events of one entry are folded at once: with objects of the largest size, no more than that. */
const EVENTS_AT_ONCE = 16;
/** How much is folded for a reader who goes on from there: reading begins anew each time, and the readers that come after find it in the history. */
const MORE_EVENTS = 5_000;
const MORE_BYTES = 4 * 1024 * 1024;

/** The entries after an offset. Throws 410 when the log no longer reaches back so far: old entries are deleted. */
export async function* entriesAfter({ log, cluster }: Pick<Stored, 'log' | 'cluster'>, offset: Offset): AsyncGenerator<LogEntry> {
  let end = offset;
  try {
    for await (const entry of log.read(cluster, { after: offset })) {
      if (entry.offset > end + 1) throw tooOld();
      yield entry;
      end = lastOffset(entry);
    }
  } catch (error) {
    throw error instanceof EntriesMissing ? tooOld() : error;
  }
}

// As kube-apiserver says it when etcd was compacted.
const tooOld = () => expired('The resourceVersion for the provided watch is too old.');

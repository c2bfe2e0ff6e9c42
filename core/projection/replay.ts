import { EntriesMissing } from '../log/entry.ts';
import { type LogEntry, LogUnavailable, lastOffset, type Offset } from '../log/log.ts';
import { MAX_SPACING } from '../log/snapshots.ts';
import { expired } from '../status.ts';
import { heldBy } from './history.ts';
import { Pace } from './pace.ts';
import type { Projection } from './projection.ts';
import { newestSnapshot, type Stored, takeSnapshot } from './snapshot.ts';
import type { Change, State } from './state.ts';

/**
 * A projection on its way through an older stretch of the log, shared by those who read there. It moves forward only, and what it has passed
 * it shows from its history. Whoever moves it sees to it that a state that it gave before is used by then.
 */
export class Replay {
  readonly #stored: Stored;
  readonly #projection: Projection;
  /** The end of the last entry that is wholly in the projection: reading goes on from there. */
  #boundary: Offset;
  /** Where the last snapshot before stands, as far as is known here. */
  #snapshotOffset: Offset;

  private constructor(stored: Stored, projection: Projection) {
    this.#stored = stored;
    this.#projection = projection;
    this.#boundary = projection.offset;
    this.#snapshotOffset = projection.offset;
  }

  /** Begins at the newest snapshot at or before an offset. */
  static async before(offset: Offset, stored: Stored): Promise<Replay> {
    return new Replay(stored, await newestSnapshot({ ...stored, projection: { ...stored.projection, ...HISTORY } }, offset));
  }

  get offset(): Offset {
    return this.#projection.offset;
  }

  /** The state right after an offset, good until the next `await`; undefined when it has not come so far, or no longer keeps it. */
  at(offset: Offset): State | undefined {
    return this.#projection.at(offset);
  }

  /** The changes after an offset that it has passed, oldest first (at most `limit`); undefined when it no longer keeps them. */
  changesAfter(offset: Offset, limit?: number): readonly Change[] | undefined {
    return this.#projection.changesAfter(offset, limit);
  }

  /** Whether it has come to an offset and still keeps what followed it. */
  covers(offset: Offset): boolean {
    return offset <= this.offset && this.changesAfter(offset, 0) !== undefined;
  }

  /** Folds the log up to an offset. Throws 410 when the log no longer reaches back so far. */
  async forward(offset: Offset): Promise<void> {
    if (offset > this.offset) await this.#fold(offset, () => false);
    if (offset > this.offset) throw tooOld(offset);
  }

  /** Folds some more of the log and gives the changes: at least one, and no more than its history keeps for others who come by. Throws 410 when there is none. */
  async more(): Promise<readonly Change[]> {
    const all: Change[] = [];
    let bytes = 0;
    await this.#fold(Number.MAX_SAFE_INTEGER, (changes) => {
      for (const change of changes) bytes += heldBy(change);
      all.push(...changes);
      return all.length >= MORE_EVENTS || bytes >= MORE_BYTES;
    });
    if (all.length === 0) throw tooOld(this.offset);
    return all;
  }

  async #fold(upTo: Offset, enough: (changes: readonly Change[]) => boolean): Promise<void> {
    const pace = new Pace(this.#stored.env.clock);
    for await (const entry of entriesAfter(this.#stored, this.#boundary)) {
      const end = Math.min(lastOffset(entry), upTo);
      while (this.offset < end) {
        const changes = this.#projection.apply(entry, Math.min(this.offset + EVENTS_AT_ONCE, end));
        if (this.offset === lastOffset(entry)) this.#boundary = this.offset;
        const turn = pace.worked(changes.length);
        if (enough(changes)) return;
        if (turn) await turn;
      }
      if (this.#boundary - this.#snapshotOffset >= MAX_SPACING) await this.#leaveSnapshot();
      if (this.offset >= upTo) return;
    }
  }

  /** Whoever had to come so far without meeting a snapshot leaves one: the next need not. Nothing is lost when it cannot be written. */
  async #leaveSnapshot(): Promise<void> {
    const { log, cluster, env } = this.#stored;
    try {
      const passed = (await log.snapshots(cluster)).findLast(({ offset }) => offset <= this.#boundary);
      if (passed) this.#snapshotOffset = Math.max(this.#snapshotOffset, passed.offset);
      if (this.#boundary - this.#snapshotOffset < MAX_SPACING) return;
      this.#snapshotOffset = this.#boundary;
      if (this.offset === this.#boundary) await log.saveSnapshot(cluster, await takeSnapshot(this.#projection, () => env.clock.turn()));
    } catch (error) {
      if (!(error instanceof LogUnavailable)) throw error;
    }
  }
}

/** How much a replay keeps of what it has passed. */
const HISTORY = { historyLimit: 10_000, historyBytes: 16 * 1024 * 1024 };
/** How many events of one entry are folded at once: with objects of the largest size, no more than that. */
const EVENTS_AT_ONCE = 16;
/** How much is folded for a reader who goes on from there: reading begins anew each time, and those who come after find it in the history. */
const MORE_EVENTS = 5_000;
const MORE_BYTES = 4 * 1024 * 1024;

/** The entries after an offset. Throws 410 when the log no longer reaches back so far: old entries are deleted. */
export async function* entriesAfter({ log, cluster }: Pick<Stored, 'log' | 'cluster'>, offset: Offset): AsyncGenerator<LogEntry> {
  let end = offset;
  try {
    for await (const entry of log.read(cluster, { after: offset })) {
      if (entry.offset > end + 1) throw tooOld(offset);
      yield entry;
      end = lastOffset(entry);
    }
  } catch (error) {
    throw error instanceof EntriesMissing ? tooOld(offset) : error;
  }
}

const tooOld = (offset: Offset) => expired(`The resourceVersion for the provided watch is too old: ${offset}`);

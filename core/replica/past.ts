import type { ClusterInstant } from '../instant.ts';
import { expired, StatusError } from '../kube/status.ts';
import type { Offset } from '../log/event.ts';
import { lastOffset } from '../log/log.ts';
import { MAX_SPACING } from '../log/snapshots.ts';
import type { Change } from '../state/change.ts';
import type { Stored } from '../state/snapshot.ts';
import type { State } from '../state/state.ts';
import { Pace } from './pace.ts';
import { entriesAfter, type Nearby, Replay } from './replay.ts';

/**
 * The past of one cluster that its history no longer keeps, folded from snapshots and the log. A few replays serve all readers, one
 * reader at a time: readers of the same past, or near it, share the work and the memory.
 */
export class Past {
  readonly #stored: Stored;
  readonly #near: Nearby;
  /** The one that was used last comes last. */
  #replays: Replay[] = [];
  readonly #offsets = new Map<number, Promise<Offset>>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(stored: Stored, near: Nearby) {
    this.#stored = stored;
    this.#near = near;
  }

  /** About how much memory what was folded takes, besides what it shares with the present. */
  get bytes(): number {
    return this.#replays.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** The state right after an offset. Throws 410 when the log no longer reaches back so far. */
  at(offset: Offset): Promise<State> {
    return this.#inTurn(async () => {
      try {
        return (await this.#replayAt(offset)).at(offset)!;
      } catch (error) {
        // As kube-apiserver says it of a list.
        throw isExpired(error) ? expired('The resourceVersion for the provided list is too old.') : error;
      }
    });
  }

  /** The changes after an offset, oldest first: at least one, at most `limit`. Throws 410 when the log no longer reaches back so far. */
  changesAfter(offset: Offset, limit: number): Promise<readonly Change[]> {
    return this.#inTurn(async () => {
      const replay = await this.#replayAt(offset);
      if (replay.offset > offset) return replay.changesAfter(offset, limit)!;
      return (await this.#keptUnlessItFails(replay, () => replay.more())).slice(0, limit);
    });
  }

  /** The change at an offset that the log has passed. Throws 410 when the log no longer reaches back so far. */
  changeAt(offset: Offset): Promise<Change> {
    return this.#inTurn(async () => {
      const replay = await this.#replayAt(offset - 1);
      if (replay.offset >= offset) return replay.changesAfter(offset - 1, 1)![0]!;
      return this.#keptUnlessItFails(replay, () => replay.restOfEntry());
    });
  }

  /** The last offset appended at or before a time (ms since the epoch) that the log has passed; 0 when the cluster began later. */
  offsetAt(time: ClusterInstant): Promise<Offset> {
    const known = this.#offsets.get(time) ?? this.#inTurn(() => this.#walkTo(time));
    this.#offsets.delete(time);
    this.#offsets.set(time, known);
    if (this.#offsets.size > MAX_OFFSETS) this.#offsets.delete(this.#offsets.keys().next().value!);
    known.catch(() => this.#offsets.delete(time));
    return known;
  }

  async #walkTo(time: ClusterInstant): Promise<Offset> {
    const pace = new Pace(this.#stored.env.clock);
    const before = (await this.#stored.log.snapshots(this.#stored.cluster)).findLast((snapshot) => snapshot.time <= time);
    let offset = before?.offset ?? 0;
    for await (const entry of entriesAfter(this.#stored, offset)) {
      if (entry.time > time) break;
      offset = lastOffset(entry);
      await pace.worked(entry.events.length);
    }
    return offset;
  }

  /** A replay that has come to an offset: one that has passed it lately, one that is on its way there, or a new one. */
  async #replayAt(offset: Offset): Promise<Replay> {
    const near = this.#replays.filter((replay) => replay.offset < offset && offset - replay.offset <= MAX_SPACING).sort((a, b) => b.offset - a.offset);
    let replay = this.#replays.find((candidate) => candidate.covers(offset)) ?? near[0];
    const isNew = !replay;
    if (!replay) {
      // Room is made first: each holds the whole state of a cluster.
      if (this.#replays.length === MAX_REPLAYS) this.#replays.shift();
      replay = await Replay.before(offset, this.#stored, this.#near);
    }
    this.#replays = [...this.#replays.filter((other) => other !== replay), replay];
    const found = replay;
    try {
      await this.#keptUnlessItFails(found, () => found.forward(offset));
    } catch (error) {
      // One from before may have come no further than to where the log begins by now.
      if (isNew || !isExpired(error)) throw error;
      return this.#replayAt(offset);
    }
    return found;
  }

  async #keptUnlessItFails<T>(replay: Replay, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#replays = this.#replays.filter((other) => other !== replay);
      throw error;
    }
  }

  /** One reader after the other, each in a turn of its own: by then the reader before has used the state that it was given. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(() => this.#stored.env.clock.turn()).then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}

const isExpired = (error: unknown) => error instanceof StatusError && error.code === 410;

const MAX_REPLAYS = 2;
const MAX_OFFSETS = 16;

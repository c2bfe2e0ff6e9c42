import { type GroupResource, parseKey } from '../kube/object.ts';
import type { Offset } from '../log/event.ts';
import type { Change } from '../state/change.ts';
import { type Evolved, withChanges } from '../state/evolve.ts';
import { heldBy } from '../state/held-by.ts';
import type { State } from '../state/state.ts';

export interface HistoryOptions {
  /** How many of the newest changes are kept at least (10,000 unless told). */
  readonly limit?: number;
  /** How many bytes of objects that are no longer current the kept changes may hold on to (32 MiB unless told); fewer changes are kept when they would be more. */
  readonly bytes?: number;
}

/**
 * A state and the changes that led to it. Bounded in number and in bytes: every version of a large object that a change replaced stays in memory
 * as long as the change does. Up to twice as much is kept before it is cut, so that forgetting costs nothing per event.
 */
export class History {
  readonly #limit: number;
  readonly #limitBytes: number;
  /** How many changes there are at most, about, between checkpoints. */
  readonly #spacing: number;
  #state: State;
  #changes: Change[] = [];
  /** The same by resource, so that a reader of one does not walk over the others. */
  #byResource = new Map<GroupResource, Change[]>();
  /** Where the history began, and of each resource the last of its changes that is no longer kept: of one that rarely changes, all are there for long. */
  readonly #begun: Offset;
  readonly #forgotten = new Map<GroupResource, Offset>();
  /** What each change holds on to, in bytes. */
  #held: number[] = [];
  #bytes = 0;
  /** The same of what is kept of single resources beyond that. */
  #bytesOfRare = 0;
  /** The state at some of the offsets, the first of them before all changes: one in between is a few changes after one of these. */
  #checkpoints: State[];
  #bytesSinceCheckpoint = 0;
  /** The states that were asked for last, in that order: a reader of one mostly asks for it again. */
  readonly #asked = new Map<Offset, State>();

  constructor(state: State, { limit = 10_000, bytes = 32 * 1024 * 1024 }: HistoryOptions = {}) {
    this.#limit = limit;
    this.#limitBytes = bytes;
    this.#spacing = Math.min(CHECKPOINT_CHANGES, limit >> 1);
    this.#state = state;
    this.#checkpoints = [state];
    this.#begun = state.offset;
  }

  /** The newest state. */
  get state(): State {
    return this.#state;
  }

  /** The state before all changes that are kept. */
  get first(): State {
    return this.#checkpoints[0]!;
  }

  /** The changes after this offset are kept. */
  get start(): Offset {
    return this.first.offset;
  }

  /** How many bytes of replaced and deleted objects are kept. */
  get bytes(): number {
    return this.#bytes + this.#bytesOfRare;
  }

  /** Takes in what came after the newest state. */
  push({ state, changes }: Evolved): void {
    if (state.offset - changes.length !== this.#state.offset) throw new Error(`what ends at offset ${state.offset} does not follow ${this.#state.offset}`);
    for (const change of changes) {
      const held = heldBy(change);
      this.#changes.push(change);
      this.#changesOf(parseKey(change.key).resource).push(change);
      this.#held.push(held);
      this.#bytes += held;
      this.#bytesSinceCheckpoint += held;
    }
    this.#state = state;
    const last = this.#checkpoints.at(-1)!;
    if (state.offset - last.offset >= this.#spacing || this.#bytesSinceCheckpoint * CHECKPOINTS > this.#limitBytes) {
      this.#checkpoints.push(state);
      this.#bytesSinceCheckpoint = 0;
    }
    if (this.#changes.length > 2 * this.#limit || this.#bytes > 2 * this.#limitBytes) this.#cut();
  }

  /** The changes after an offset (of one resource, when given), oldest first, at most `limit`; undefined when they are no longer all kept. */
  after(offset: Offset, { resource, limit = Number.POSITIVE_INFINITY }: { resource?: GroupResource; limit?: number } = {}): readonly Change[] | undefined {
    if (offset < (resource === undefined ? this.start : (this.#forgotten.get(resource) ?? this.#begun))) return undefined;
    if (resource === undefined) return this.#changes.slice(offset - this.start, offset - this.start + limit);
    const changes = this.#byResource.get(resource) ?? [];
    const first = firstAfter(changes, offset);
    return changes.slice(first, first + limit);
  }

  /** The state right after an offset; undefined when it is not there yet, or the changes that led to it are no longer kept. */
  at(offset: Offset): State | undefined {
    if (offset === this.#state.offset) return this.#state;
    if (offset > this.#state.offset || offset < this.start) return undefined;
    const before = this.#checkpoints.findLast((state) => state.offset <= offset)!;
    if (before.offset === offset) return before;
    const state = this.#asked.get(offset) ?? withChanges(before, this.#changes.slice(before.offset - this.start, offset - this.start));
    this.#asked.delete(offset);
    this.#asked.set(offset, state);
    if (this.#asked.size > MAX_ASKED) this.#asked.delete(this.#asked.keys().next().value!);
    return state;
  }

  #changesOf(resource: GroupResource): Change[] {
    let changes = this.#byResource.get(resource);
    if (!changes) {
      changes = [];
      this.#byResource.set(resource, changes);
    }
    return changes;
  }

  #cut(): void {
    let first = Math.max(0, this.#changes.length - this.#limit);
    for (let i = 0; i < first; i++) this.#bytes -= this.#held[i]!;
    while (this.#bytes > this.#limitBytes) this.#bytes -= this.#held[first++]!;
    const begin = this.at(this.start + first)!;
    this.#changes = this.#changes.slice(first);
    this.#bytesOfRare = 0;
    for (const [resource, changes] of this.#byResource) this.#byResource.set(resource, this.#recent(resource, changes, begin.offset));
    this.#held = this.#held.slice(first);
    this.#checkpoints = [begin, ...this.#checkpoints.filter(({ offset }) => offset > begin.offset)];
    for (const offset of this.#asked.keys()) if (offset < begin.offset) this.#asked.delete(offset);
  }

  /**
   * Of one resource's changes those that are kept with all others, after `begin`, and some of those before, as far as it has few: who waits for what rarely changes does not fall behind because of
   * what changes often.
   */
  #recent(resource: GroupResource, changes: readonly Change[], begin: Offset): Change[] {
    let first = firstAfter(changes, begin);
    for (; first > 0 && changes.length - first < this.#limit / RARE; first--) {
      const held = heldBy(changes[first - 1]!);
      if ((this.#bytesOfRare + held) * RARE > this.#limitBytes) break;
      this.#bytesOfRare += held;
    }
    if (first > 0) this.#forgotten.set(resource, changes[first - 1]!.offset);
    return changes.slice(first);
  }
}

/** Where the changes after an offset begin. */
function firstAfter(changes: readonly Change[], offset: Offset): number {
  let [low, high] = [0, changes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (changes[middle]!.offset <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A state at an offset in between is folded from at most so many changes. */
const CHECKPOINT_CHANGES = 256;
const MAX_ASKED = 4;
/** A resource has few changes when they are less than this part of those that are kept; and they take less than this part of the bytes. */
const RARE = 10;
/** Into how many parts large changes divide the bytes that may be kept. */
const CHECKPOINTS = 16;

import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { ClusterInstant } from '../instant.ts';
import type { GroupResource, Key, KubeObject } from '../kube/object.ts';
import { chunkName } from '../log/chunk-name.ts';
import { type Chunk, MAX_CHUNK_BYTES } from '../log/log.ts';
import { own, ownershipIn } from '../managed-fields/ownership.ts';
import { type Own, type Ownership, readOwnership, type Shape, type StoredShape, storedShape } from '../managed-fields/shapes.ts';
import type { EventObject } from '../schema/generated/kinds.ts';
import { lastWrite } from './last-write.ts';
import { endsPiece } from './piece-end.ts';
import type { State } from './state.ts';
import type { Unread } from './unread.ts';

/**
 * How a state is divided into the chunks of a snapshot. A chunk is a stretch of one resource's objects in the order of their keys, as a zstd frame of a JSON array of
 * rows: a key, the object, and who owns its fields (a shape, or the place of one among those that the chunk has named before, and what is the object's own). Where one ends is a matter of the object that it ends with, so that a change moves no border but its own: it makes another chunk of
 * the one that it is in, and leaves all others as they are (docs/decisions/0017-snapshots.md).
 */
export interface Layout {
  readonly state: State;
  readonly ranges: ReadonlyMap<GroupResource, readonly Range[]>;
}

/** A stretch of one resource's objects. */
export interface Range {
  /** `namespace/name` of the first and of the last of them. */
  readonly first: string;
  readonly last: string;
  /** One, but where a single object is larger than a chunk may be. */
  readonly chunks: readonly Chunk[];
  /** What is in it, where it was restored without a look at that. */
  readonly unread?: Unread;
}

/** A layout, and what is in the chunks of it that are new. */
export interface Encoded extends Layout {
  readonly bytes: ReadonlyMap<string, Uint8Array>;
}

/**
 * Divides a state as an earlier one was divided, but for what has changed since: only that is encoded. Without an earlier one it is all of it. `turn` is awaited between
 * chunks, so that a large cluster does not hold up its host.
 */
export async function encodeState(state: State, turn: () => Promise<void>, before?: Layout): Promise<Encoded> {
  const ranges = new Map<GroupResource, readonly Range[]>();
  const bytes = new Map<string, Uint8Array>();
  for (const resource of [...state.resources].sort()) {
    if (before && state.isUnreadAsIn(before.state, resource)) {
      ranges.set(resource, before.ranges.get(resource)!);
      continue;
    }
    const out: Range[] = [];
    for (const part of divided(state, resource, before)) {
      if (!(part instanceof Stretch)) out.push(part);
      else {
        out.push(part.encode(bytes));
        await turn();
      }
    }
    ranges.set(resource, out);
  }
  return { state, ranges, bytes };
}

/** A resource's ranges in their order: those that are as they were, and stretches of objects that are divided anew. */
function* divided(state: State, resource: GroupResource, before: Layout | undefined): Generator<Range | Stretch> {
  const known = before?.ranges.get(resource) ?? [];
  const changed = changedRanges(known, known.length > 0 ? before!.state.differences(state, resource) : []);
  const isAsItWas = (range: number) => range < known.length && !changed.has(range);
  let after: string | undefined;
  for (let range = 0; ; ) {
    for (; isAsItWas(range); range++) {
      yield known[range]!;
      after = known[range]!.last;
    }
    if (known.length > 0 && range === known.length) return;
    let stretch = new Stretch(resource, state.time);
    let goesOn = false;
    for (const [path, object] of state.objectsFrom(resource, after)) {
      if (path === after) continue;
      while (range < known.length - 1 && path > known[range]!.last) range++;
      // A stretch that has not ended where a range did takes in what is in the next one, all of it: it may end in the middle.
      goesOn = stretch.isEmpty && isAsItWas(range) && path === known[range]!.first;
      if (goesOn) break;
      after = path;
      stretch.add(path, object);
      if (!stretch.isOver) continue;
      yield stretch;
      stretch = new Stretch(resource, state.time);
    }
    if (!stretch.isEmpty) yield stretch;
    if (!goesOn) return;
  }
}

/** The numbers of the ranges that keys are in, both in order. What is behind the last range is in the last. */
function changedRanges(ranges: readonly Range[], keys: readonly string[]): ReadonlySet<number> {
  const changed = new Set<number>();
  let range = 0;
  for (const key of keys) {
    while (range < ranges.length - 1 && key > ranges[range]!.last) range++;
    changed.add(range);
  }
  return changed;
}

/** Objects on their way into a chunk. */
class Stretch {
  readonly #resource: GroupResource;
  readonly #time: ClusterInstant;
  readonly #texts: string[] = [];
  readonly #shapes = new Map<Shape, number>();
  #first = '';
  #last = '';
  #size = 0;
  /** When the oldest of its Events was last written. */
  #written = Number.POSITIVE_INFINITY;
  isOver = false;

  /** `time`: of the state that the objects are of. */
  constructor(resource: GroupResource, time: ClusterInstant) {
    this.#resource = resource;
    this.#time = time;
  }

  get isEmpty(): boolean {
    return this.#texts.length === 0;
  }

  add(path: string, object: KubeObject): void {
    const text = JSON.stringify([`${this.#resource}/${path}`, object]);
    if (this.isEmpty) this.#first = path;
    this.#last = path;
    const ownership = ownershipIn(object);
    this.#texts.push(ownership ? `${text.slice(0, -1)},${this.#ownershipText(ownership)}]` : text);
    // Of the object alone: what its ownership takes depends on those before it.
    this.#size += text.length;
    if (this.#resource === 'events') this.#written = Math.min(this.#written, lastWrite(object as EventObject, this.#time));
    // Pods compress to a 25th of their text, Events to a 13th; smaller chunks make a larger manifest.
    this.isOver = endsPiece(path, text, this.#size);
  }

  #ownershipText([shape, ...own]: Ownership): string {
    const place = this.#shapes.get(shape);
    if (place === undefined) this.#shapes.set(shape, this.#shapes.size);
    return JSON.stringify([place ?? storedShape(shape), ...own]).slice(1, -1);
  }

  /** Puts what is in it to the other chunks, and says which they are. */
  encode(bytes: Map<string, Uint8Array>): Range {
    const frame = zstdCompressSync(`[${this.#texts.join(',')}]`, compression);
    const chunks: Chunk[] = [];
    for (let at = 0; at < frame.length; at += MAX_CHUNK_BYTES) {
      const part = frame.subarray(at, at + MAX_CHUNK_BYTES);
      const name = chunkName(part);
      bytes.set(name, part);
      const continues = at + MAX_CHUNK_BYTES < frame.length;
      const counted = at === 0 && { objects: this.#texts.length, ...(Number.isFinite(this.#written) && { written: this.#written }) };
      chunks.push({ name, resource: this.#resource, first: this.#first, size: part.length, ...(continues && { continues }), ...counted });
    }
    return { first: this.#first, last: this.#last, chunks };
  }
}

// Higher levels take longer, and make no less of so short texts.
const compression = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** What `encode` made of some objects, from the bytes of a range's chunks. `shared`: the object with what another one has in common with it. */
export function decodeRange(bytes: readonly Uint8Array[], shared: (key: Key, object: KubeObject) => KubeObject): (readonly [Key, KubeObject])[] {
  const rows: Row[] = JSON.parse(zstdDecompressSync(Buffer.concat(bytes)).toString());
  const shapes: Shape[] = [];
  return rows.map(([key, object, shape, ...values]) => {
    if (shape === undefined) return [key, shared(key, object)];
    const ownership: Ownership = typeof shape === 'number' ? [shapes[shape]!, ...values] : readOwnership(shape, values)!;
    if (typeof shape !== 'number') shapes.push(ownership[0]);
    return [key, own(shared(key, object), ownership)];
  });
}

type Row = [key: Key, object: KubeObject, shape?: StoredShape | number, ...own: Own[]];

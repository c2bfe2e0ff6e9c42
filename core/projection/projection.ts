import { type LogEntry, lastOffset, type Offset } from '../log/log.ts';
import { type GroupResource, type Key, type KubeObject, parseKey } from '../object.ts';
import { Bucket } from './bucket.ts';
import { evolve } from './evolve.ts';
import { History } from './history.ts';
import { IndexSet } from './index-set.ts';
import { changeOf, Overlay } from './overlay.ts';
import type { Change, IndexName, State } from './state.ts';

export interface ProjectionOptions {
  /** How many of the newest changes to keep for watches and views of the past; older ones are read from the log again. */
  readonly historyLimit?: number;
  /** How many bytes of replaced and deleted objects these may keep in memory. */
  readonly historyBytes?: number;
  /** Deep-freezes every object, so that a change in place throws. For tests. */
  readonly freeze?: boolean;
}

/** The live state of a cluster, folded from its log. Only `apply` and `restore` change it. */
export class Projection implements State {
  readonly #freeze: boolean;
  readonly #history: History;
  readonly #buckets = new Map<GroupResource, Bucket>();
  readonly #index = new IndexSet();
  #offset: Offset = 0;
  #time = 0;
  #aheadMinutes = 0;
  /** The views of the past that were asked for last, in that order: what changes here is laid over them, so that they stay as they are. */
  readonly #views = new Map<Offset, Overlay>();

  constructor({ historyLimit = 10_000, historyBytes = 32 * 1024 * 1024, freeze = false }: ProjectionOptions = {}) {
    this.#history = new History({ limit: historyLimit, bytes: historyBytes });
    this.#freeze = freeze;
  }

  get offset(): Offset {
    return this.#offset;
  }

  /** When the last entry was appended, ms since the epoch; never goes back. */
  get time(): number {
    return this.#time;
  }

  /** By how many whole minutes that was ahead of the wall clock of the entry's writer. */
  get aheadMinutes(): number {
    return this.#aheadMinutes;
  }

  /** How many bytes of replaced and deleted objects the kept changes hold. */
  get historyBytes(): number {
    return this.#history.bytes;
  }

  get size(): number {
    let size = 0;
    for (const bucket of this.#buckets.values()) size += bucket.size;
    return size;
  }

  /**
   * Folds the next entry, or its events up to the offset `upTo`. What is known of it already is passed over, without a change. Throws when
   * entries are missing before it.
   */
  apply(entry: LogEntry, upTo: Offset = lastOffset(entry)): readonly Change[] {
    if (entry.offset > this.#offset + 1) throw new Error(`the entry at ${entry.offset} does not follow offset ${this.#offset}`);
    const last = Math.min(upTo, lastOffset(entry));
    if (last <= this.#offset) return [];
    const changes: Change[] = [];
    for (let offset = this.#offset + 1; offset <= last; offset++) {
      const event = entry.events[offset - entry.offset]!;
      const previous = this.#at(event.key);
      const object = evolve(previous, event, offset);
      for (const view of this.#views.values()) view.keep(event.key, previous);
      this.#put(event.key, previous, event.type === 'DELETED' ? undefined : object);
      if (this.#freeze) deepFreeze(object);
      changes.push(changeOf(event, { offset, object, previous, time: entry.time }));
    }
    this.#offset = last;
    this.#time = Math.max(this.#time, entry.time);
    this.#aheadMinutes = entry.aheadMinutes ?? 0;
    this.#history.push(changes);
    // A view holds on to what has changed since: no longer than the history does.
    for (const offset of this.#views.keys()) if (offset < this.#history.start) this.#views.delete(offset);
    return changes;
  }

  /** Fills an empty projection with the objects of a snapshot, as they were right after `offset`. It is not to be read before that is done. */
  async restore({ offset, time, aheadMinutes = 0, parts }: Restored): Promise<void> {
    if (this.#offset !== 0) throw new Error('only an empty projection can be restored');
    for await (const objects of parts) {
      for (const [key, object] of objects) {
        this.#put(key, undefined, object);
        if (this.#freeze) deepFreeze(object);
      }
    }
    this.#offset = offset;
    this.#history.restart(offset);
    this.#time = time;
    this.#aheadMinutes = aheadMinutes;
  }

  get<T extends KubeObject = KubeObject>(resource: GroupResource, namespace: string | undefined, name: string): T | undefined {
    return this.#buckets.get(resource)?.get(`${namespace ?? ''}/${name}`) as T | undefined;
  }

  list<T extends KubeObject = KubeObject>(resource: GroupResource, namespace?: string): readonly T[] {
    return (this.#buckets.get(resource)?.list(namespace) ?? []) as readonly T[];
  }

  keys(index: IndexName, value: string): readonly Key[] {
    return [...this.#index.keys(index, value)];
  }

  by<T extends KubeObject = KubeObject>(index: IndexName, value: string): readonly T[] {
    const out: T[] = [];
    for (const key of this.#index.keys(index, value)) out.push(this.#at(key) as T);
    return out;
  }

  /** Every object with its key, for a snapshot. */
  *entries(): Generator<readonly [Key, KubeObject]> {
    for (const [resource, bucket] of this.#buckets) {
      for (const object of bucket.list()) yield [`${resource}/${object.metadata.namespace ?? ''}/${object.metadata.name}`, object];
    }
  }

  /** The changes after an offset, oldest first (at most `limit`); undefined when they are no longer all kept here. */
  changesAfter(offset: Offset, limit?: number): readonly Change[] | undefined {
    return this.#history.after(offset, limit);
  }

  /**
   * The state right after an earlier offset, good until the next `await`; undefined when the changes since are no longer kept here. The last few
   * views are kept, for who looks at one mostly looks again.
   */
  at(offset: Offset): State | undefined {
    if (offset === this.#offset) return this;
    if (offset > this.#offset) return undefined;
    const view = this.#views.get(offset) ?? this.#viewAt(offset);
    if (!view) return undefined;
    this.#views.delete(offset);
    this.#views.set(offset, view);
    if (this.#views.size > MAX_VIEWS) this.#views.delete(this.#views.keys().next().value!);
    return view;
  }

  #viewAt(offset: Offset): Overlay | undefined {
    const since = this.changesAfter(offset);
    if (!since) return undefined;
    const past = new Overlay(this, offset);
    // What stood at a key before its first change is what remains.
    for (const { key, previous } of since) past.keep(key, previous);
    return past;
  }

  #at(key: Key): KubeObject | undefined {
    const { resource, namespace, name } = parseKey(key);
    return this.get(resource, namespace, name);
  }

  #put(key: Key, previous: KubeObject | undefined, object: KubeObject | undefined): void {
    const slash = key.indexOf('/');
    const resource = key.slice(0, slash);
    let bucket = this.#buckets.get(resource);
    if (!bucket) {
      bucket = new Bucket();
      this.#buckets.set(resource, bucket);
    }
    if (object) bucket.set(key.slice(slash + 1), object);
    else bucket.delete(key.slice(slash + 1));
    this.#index.replace(key, previous, object);
  }
}

/** Each costs a look at every event, and the objects that have changed since. */
const MAX_VIEWS = 4;

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
}

/** What a snapshot has of a projection. */
interface Restored {
  readonly offset: Offset;
  readonly time: number;
  readonly aheadMinutes?: number | undefined;
  readonly parts: AsyncIterable<Iterable<readonly [Key, KubeObject]>>;
}

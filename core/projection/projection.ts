import { type LogEntry, lastOffset, type Offset } from '../log/log.ts';
import { type GroupResource, type Key, type KubeObject, parseKey } from '../object.ts';
import { Bucket } from './bucket.ts';
import { evolve } from './evolve.ts';
import { IndexSet } from './index-set.ts';
import { changeOf, Overlay } from './overlay.ts';
import type { Change, IndexName, State } from './state.ts';

export interface ProjectionOptions {
  /** How many of the newest changes to keep for watches and views of the past; older ones are read from the log again. */
  readonly historyLimit?: number;
  /** Deep-freezes every object, so that a change in place throws. For tests. */
  readonly freeze?: boolean;
}

/** The live state of a cluster, folded from its log. Only `apply` and `restore` change it. */
export class Projection implements State {
  readonly #historyLimit: number;
  readonly #freeze: boolean;
  readonly #buckets = new Map<GroupResource, Bucket>();
  readonly #index = new IndexSet();
  #offset: Offset = 0;
  #time = 0;
  #aheadMinutes = 0;
  #history: Change[] = [];
  /** The changes after this offset are in `#history`. */
  #historyStart: Offset = 0;

  constructor({ historyLimit = 10_000, freeze = false }: ProjectionOptions = {}) {
    this.#historyLimit = historyLimit;
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

  get size(): number {
    let size = 0;
    for (const bucket of this.#buckets.values()) size += bucket.size;
    return size;
  }

  /** Folds the next entry. What is known of it already is passed over, without a change. Throws when entries are missing before it. */
  apply(entry: LogEntry): readonly Change[] {
    if (entry.offset > this.#offset + 1) throw new Error(`the entry at ${entry.offset} does not follow offset ${this.#offset}`);
    if (lastOffset(entry) <= this.#offset) return [];
    const changes: Change[] = [];
    for (let offset = this.#offset + 1; offset <= lastOffset(entry); offset++) {
      const event = entry.events[offset - entry.offset]!;
      const previous = this.#at(event.key);
      const object = evolve(previous, event, offset);
      this.#put(event.key, previous, event.type === 'DELETED' ? undefined : object);
      if (this.#freeze) deepFreeze(object);
      changes.push(changeOf(event, { offset, object, previous, time: entry.time }));
    }
    this.#offset = lastOffset(entry);
    this.#time = Math.max(this.#time, entry.time);
    this.#aheadMinutes = entry.aheadMinutes ?? 0;
    this.#remember(changes);
    return changes;
  }

  /** Fills an empty projection with the objects of a snapshot, as they were right after `offset`. */
  restore({ offset, time, aheadMinutes = 0, objects }: Restored): void {
    if (this.#offset !== 0) throw new Error('only an empty projection can be restored');
    for (const [key, object] of objects) {
      this.#put(key, undefined, object);
      if (this.#freeze) deepFreeze(object);
    }
    this.#offset = offset;
    this.#historyStart = offset;
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
  changesAfter(offset: Offset, limit = Number.POSITIVE_INFINITY): readonly Change[] | undefined {
    if (offset < this.#historyStart) return undefined;
    const start = offset - this.#historyStart;
    return this.#history.slice(start, start + limit);
  }

  /** The state right after an earlier offset, good until the next `await`; undefined when the changes since are no longer kept here. */
  at(offset: Offset): State | undefined {
    if (offset === this.#offset) return this;
    if (offset > this.#offset) return undefined;
    const since = this.changesAfter(offset);
    if (!since) return undefined;
    const past = new Overlay(this, offset);
    // Newest first: what remains at a key is what stood there before its first change.
    for (let i = since.length - 1; i >= 0; i--) past.put(since[i]!.key, since[i]!.previous);
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

  #remember(changes: readonly Change[]): void {
    for (const change of changes) this.#history.push(change);
    // Cut in large steps, so that forgetting costs nothing per event.
    if (this.#history.length > 2 * this.#historyLimit) {
      this.#history = this.#history.slice(-this.#historyLimit);
      this.#historyStart = this.#offset - this.#history.length;
    }
  }
}

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
  readonly objects: Iterable<readonly [Key, KubeObject]>;
}

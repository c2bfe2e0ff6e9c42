import type { Key, KubeObject } from '../object.ts';
import { type IndexName, indexes } from './state.ts';

/** The indexes over a set of objects: index → value → keys. */
export class IndexSet {
  readonly #values: Record<IndexName, Map<string, Set<Key>>>;

  constructor() {
    this.#values = Object.fromEntries(names.map((name) => [name, new Map()])) as Record<IndexName, Map<string, Set<Key>>>;
  }

  keys(index: IndexName, value: string): ReadonlySet<Key> {
    return this.#values[index].get(value) ?? none;
  }

  /** Moves `key` from where `before` stands to where `after` stands. */
  replace(key: Key, before: KubeObject | undefined, after: KubeObject | undefined): void {
    for (const name of names) {
      const had = before ? indexes[name](key, before) : [];
      const has = after ? indexes[name](key, after) : [];
      if (had.length === has.length && had.every((value, i) => value === has[i])) continue;
      for (const value of had) this.#remove(name, value, key);
      for (const value of has) this.#add(name, value, key);
    }
  }

  #add(name: IndexName, value: string, key: Key): void {
    const keys = this.#values[name].get(value);
    if (keys) keys.add(key);
    else this.#values[name].set(value, new Set([key]));
  }

  #remove(name: IndexName, value: string, key: Key): void {
    const keys = this.#values[name].get(value);
    if (!keys) return;
    keys.delete(key);
    if (keys.size === 0) this.#values[name].delete(value);
  }
}

const names = Object.keys(indexes) as IndexName[];
const none: ReadonlySet<Key> = new Set();

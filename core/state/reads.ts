import { type GroupResource, type Key, keyOf, parseKey } from '../kube/object.ts';
import type { ReadSet } from '../log/proposals.ts';
import type { Change } from './change.ts';
import { type Index, type IndexName, indexes } from './indexes.ts';
import { isAmong, type View } from './view.ts';

/**
 * What a decision has read of a state: objects, also absent ones; lists; values of indexes; views. As long as no change touches that, the decision would be the
 * same again.
 */
export class Reads {
  readonly #keys = new Set<Key>();
  /** `pods` for all of them, `pods/default/` for those of a namespace. */
  readonly #lists = new Set<string>();
  readonly #indexes = new Map<Index<never>, Set<string>>();
  readonly #views = new Set<View<unknown>>();
  #everything = false;

  object(resource: GroupResource, namespace: string | undefined, name: string): void {
    this.#keys.add(keyOf(resource, namespace, name));
  }

  list(resource: GroupResource, namespace: string | undefined): void {
    this.#lists.add(namespace === undefined ? resource : `${resource}/${namespace}/`);
  }

  index(index: Index<never>, value: string): void {
    const values = this.#indexes.get(index);
    if (values) values.add(value);
    else this.#indexes.set(index, new Set([value]));
  }

  view(view: View<unknown>): void {
    this.#views.add(view);
  }

  everything(): void {
    this.#everything = true;
  }

  /** The same for another process, or a little more than it; undefined when that cannot be said. */
  get set(): ReadSet | undefined {
    const lists = new Set(this.#lists);
    const named: Record<string, readonly string[]> = {};
    for (const [index, values] of this.#indexes) {
      const name = indexNames.find((name) => indexes[name] === index);
      if (name) named[name] = [...values];
      else if (!addAll(lists, index)) return undefined;
    }
    // The other process may not have the code of a view, nor of an index of some controller: it holds for touched what any of their resources does.
    for (const view of this.#views) if (!addAll(lists, view)) return undefined;
    return this.#everything ? undefined : { keys: [...this.#keys], lists: [...lists], indexes: named };
  }

  /** All of what several have noted. */
  static all(several: readonly Reads[]): Reads {
    const reads = new Reads();
    for (const other of several) {
      for (const key of other.#keys) reads.#keys.add(key);
      for (const list of other.#lists) reads.#lists.add(list);
      for (const [index, values] of other.#indexes) for (const value of values) reads.index(index, value);
      for (const view of other.#views) reads.#views.add(view);
      reads.#everything ||= other.#everything;
    }
    return reads;
  }

  static of({ keys, lists, indexes: named }: ReadSet): Reads {
    const reads = new Reads();
    for (const key of keys) reads.#keys.add(key);
    for (const list of lists) reads.#lists.add(list);
    for (const [name, values] of Object.entries(named)) {
      // A later release has one that is not known here.
      if (Object.hasOwn(indexes, name)) reads.#indexes.set(indexes[name as IndexName], new Set(values));
      else reads.#everything = true;
    }
    return reads;
  }

  touchedBy(changes: readonly Change[]): boolean {
    return changes.some((change) => this.#isTouchedBy(change));
  }

  #isTouchedBy({ key, object, previous }: Change): boolean {
    if (this.#everything || this.#keys.has(key)) return true;
    const { resource, namespace } = parseKey(key);
    if (this.#lists.has(resource) || this.#lists.has(`${resource}/${namespace}/`)) return true;
    for (const view of this.#views) if (isAmong(view.of, resource)) return true;
    for (const [index, values] of this.#indexes) {
      if (!isAmong(index.of, resource)) continue;
      // Also where it stood and stands under the same value: who asked for that was given the object.
      for (const version of previous ? [previous, object] : [object]) if (index.valuesOf(key, version as never).some((value) => values.has(value))) return true;
    }
    return false;
  }
}

function addAll(lists: Set<string>, { of }: Pick<View<unknown>, 'of'>): boolean {
  if (of === 'all' || 'allBut' in of) return false;
  for (const resource of of) lists.add(resource);
  return true;
}

const indexNames = Object.keys(indexes) as IndexName[];

import { type GroupResource, type Key, keyOf, parseKey } from '../kube/object.ts';
import type { ReadSet } from '../log/proposals.ts';
import type { KindOf } from '../schema/kind-of.ts';
import { type Change, isOf } from './change.ts';
import { type Index, type Indexed, type IndexName, indexes } from './indexes.ts';
import { isAmong, type View } from './view.ts';

/**
 * What a decision has read of a state: objects, also absent ones; lists; values of indexes; views. As long as no change touches that, the decision would be the
 * same again, or, where it keeps within a limit, it is as right as it was.
 */
export class Reads {
  readonly #keys = new Set<Key>();
  /** `pods` for all of them, `pods/default/` for those of a namespace. */
  readonly #lists = new Set<string>();
  readonly #indexes = new Map<Index<never>, Set<string>>();
  readonly #limits = new Map<Limit, Set<string>>();
  readonly #conditions = new Set<Condition>();
  readonly #views = new Set<View<unknown>>();
  #everything = false;

  object(resource: GroupResource, namespace: string | undefined, name: string): void {
    this.#keys.add(keyOf(resource, namespace, name));
  }

  list(resource: GroupResource, namespace: string | undefined): void {
    this.#lists.add(namespace === undefined ? resource : `${resource}/${namespace}/`);
  }

  index(index: Index<never>, value: string): void {
    addTo(this.#indexes, index, value);
  }

  limit(limit: Limit, value: string): void {
    addTo(this.#limits, limit, value);
  }

  condition(condition: Condition): void {
    this.#conditions.add(condition);
  }

  view(view: View<unknown>): void {
    this.#views.add(view);
  }

  everything(): void {
    this.#everything = true;
  }

  /** All of it, one by one. */
  *notes(): Generator<Note> {
    for (const key of this.#keys) yield { at: { name: key } };
    for (const list of this.#lists) yield { at: { name: list } };
    for (const [index, values] of this.#indexes) for (const value of values) yield { at: { index, value } };
    for (const [limit, values] of this.#limits) {
      const index: Index<never> = indexes[limit.of];
      for (const value of values) yield { at: { index, value }, isTouchedBy: (change) => takesOf(limit, change).includes(value) };
    }
    for (const { of, isBrokenBy, among } of this.#conditions) {
      const isTouchedBy = (change: Change) => isOf(change, of) && isBrokenBy(change as never);
      if ('index' in among) yield { at: { index: indexes[among.index], value: among.value }, isTouchedBy };
      else if (among.namespaces === 'all') yield { at: { name: of }, isTouchedBy };
      else for (const namespace of among.namespaces) yield { at: { name: `${of}/${namespace}/` }, isTouchedBy };
    }
    for (const { of } of this.#views) {
      if (of === 'all' || 'allBut' in of) yield { at: 'anywhere', isTouchedBy: ({ key }) => isAmong(of, parseKey(key).resource) };
      else for (const resource of of) yield { at: { name: resource } };
    }
    if (this.#everything) yield { at: 'anywhere' };
  }

  /** The same for another process, or a little more than it; undefined when that cannot be said. */
  get set(): ReadSet | undefined {
    const lists = new Set(this.#lists);
    const named = new Map<IndexName, Set<string>>();
    for (const [index, values] of this.#indexes) {
      const name = indexNames.find((name) => indexes[name] === index);
      if (name) for (const value of values) addTo(named, name, value);
      else if (!addAll(lists, index)) return undefined;
    }
    // Nor does it have the code of a limit: it holds for touched what any change under its values does.
    for (const [{ of }, values] of this.#limits) for (const value of values) addTo(named, of, value);
    for (const { of, among } of this.#conditions) {
      if ('index' in among) addTo(named, among.index, among.value);
      else if (among.namespaces === 'all') lists.add(of);
      else for (const namespace of among.namespaces) lists.add(`${of}/${namespace}/`);
    }
    // The other process may not have the code of a view, nor of an index of some controller: it holds for touched what any of their resources does.
    for (const view of this.#views) if (!addAll(lists, view)) return undefined;
    if (this.#everything) return undefined;
    return { keys: [...this.#keys], lists: [...lists], indexes: Object.fromEntries([...named].map(([name, values]) => [name, [...values]])) };
  }

  /** All of what several have noted. */
  static all(several: readonly Reads[]): Reads {
    const reads = new Reads();
    for (const other of several) {
      for (const key of other.#keys) reads.#keys.add(key);
      for (const list of other.#lists) reads.#lists.add(list);
      for (const [index, values] of other.#indexes) for (const value of values) reads.index(index, value);
      for (const [limit, values] of other.#limits) for (const value of values) reads.limit(limit, value);
      for (const condition of other.#conditions) reads.#conditions.add(condition);
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

  #isTouchedBy(change: Change): boolean {
    const { key } = change;
    if (this.#everything || this.#keys.has(key)) return true;
    if (listsOf(change).some((list) => this.#lists.has(list))) return true;
    const { resource } = parseKey(key);
    for (const view of this.#views) if (isAmong(view.of, resource)) return true;
    for (const [index, values] of this.#indexes) {
      if (isAmong(index.of, resource) && valuesIn(index, change).some((value) => values.has(value))) return true;
    }
    for (const condition of this.#conditions) if (condition.of === resource && condition.isBrokenBy(change as never)) return true;
    for (const [limit, values] of this.#limits) if (takesOf(limit, change).some((value) => values.has(value))) return true;
    return false;
  }
}

/** One thing that was read, and where a change has to be to touch it. */
export interface Note {
  readonly at: { readonly name: Key | string } | { readonly index: Index<never>; readonly value: string } | 'anywhere';
  /** Of the changes there, those that do; undefined: all. */
  readonly isTouchedBy?: ((change: Change) => boolean) | undefined;
}

/** The lists that a change is in. */
export function listsOf({ key }: Change): readonly string[] {
  const { resource, namespace } = parseKey(key);
  return [resource, `${resource}/${namespace}/`];
}

/** The values of an index under which a change is: also where an object stood and stands under the same one, as a decision that asked for that was given the object. */
export const valuesIn = (index: Index<never>, { key, object, previous }: Change): readonly string[] =>
  (previous ? [previous, object] : [object]).flatMap((version) => index.valuesOf(key, version as never));

/** Under which values a change takes more of a limit. */
function takesOf({ of, takesMore }: Limit, { type, key, object, previous }: Change): readonly string[] {
  const index: Index<never> = indexes[of];
  if (type === 'DELETED' || !isAmong(index.of, parseKey(key).resource) || !takesMore(object as never, previous as never)) return [];
  return index.valuesOf(key, object as never);
}

/**
 * Something of which there is only so much, such as the room of a node, taken by the objects under a value of an index. What a decision takes of it stays right as
 * long as no other object takes more: what is given back may have made for a better decision, not for a wrong one.
 */
export interface Limit<N extends IndexName = IndexName> {
  readonly of: N;
  /** Whether an object takes more than it did before (undefined: it was not there). */
  readonly takesMore: (object: Indexed<(typeof indexes)[N]>, previous: Indexed<(typeof indexes)[N]> | undefined) => boolean;
}

/** What has to stay so among the objects of a resource for a decision to be right, such as that no pod of a kind comes into a zone. */
export interface Condition<R extends GroupResource = GroupResource> {
  readonly of: R;
  readonly isBrokenBy: (change: Change<KindOf<R>>) => boolean;
  /** Among which of them those are that can break it, for a process that does not have its code: those of some namespaces, or under some value of an index. */
  readonly among: { readonly namespaces: readonly string[] | 'all' } | { readonly index: IndexName; readonly value: string };
}

function addTo<K>(sets: Map<K, Set<string>>, key: K, value: string): void {
  const values = sets.get(key);
  if (values) values.add(value);
  else sets.set(key, new Set([value]));
}

function addAll(lists: Set<string>, { of }: Pick<View<unknown>, 'of'>): boolean {
  if (of === 'all' || 'allBut' in of) return false;
  for (const resource of of) lists.add(resource);
  return true;
}

const indexNames = Object.keys(indexes) as IndexName[];

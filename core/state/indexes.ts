import { type GroupResource, type Key, type KubeObject, parseKey } from '../kube/object.ts';
import type { KindOf } from '../schema/kind-of.ts';
import type { Change } from './change.ts';
import { emptyTree, type Tree } from './tree.ts';
import type { AllBut, Of, View } from './view.ts';

/** The keys of objects under the values that they have in some respect, as a view. */
export interface Index<T extends KubeObject = KubeObject> extends View<Tree<Keys>> {
  /** Under what values an object stands, derived from its key and itself alone. */
  readonly valuesOf: (key: Key, object: T) => readonly string[];
}

/** What stands under one value: mostly one key alone. With several, each with its object's name, which says once more what the key ends with. */
export type Keys = Key | Tree<string>;

/** The objects that stand in an index. */
export type Indexed<I> = I extends Index<infer T> ? T : never;

export function index(of: 'all' | AllBut, valuesOf: Index['valuesOf']): Index;
export function index<R extends GroupResource>(of: readonly R[], valuesOf: Index<KindOf<R>>['valuesOf']): Index<KindOf<R>>;
export function index(of: Of, valuesOf: Index['valuesOf']): Index {
  return { of, valuesOf, initial: emptyTree(), evolve: (tree, changes) => evolveIndex(tree, changes, valuesOf) };
}

/** The keys under which an index has `value`, in their order. */
export function keysUnder(tree: Tree<Keys>, value: string): Key[] {
  const keys = tree.get(value);
  if (keys === undefined) return [];
  return typeof keys === 'string' ? [keys] : keys.keysArray();
}

/** The same, one after the other. */
export const keysOf = (keys: Keys): Iterable<Key> => (typeof keys === 'string' ? [keys] : keys.keys());

/** Events own nothing and are owned by nothing, as the garbage collector sees it (graph_builder.go, DefaultIgnoredResources); nor is there an index that would have to read them all. */
const ALL_BUT_EVENTS: AllBut = { allBut: ['events'] };

/** What every cluster is indexed by. */
export const indexes = {
  /** The one object with this uid, unless it is an Event. */
  uid: index(ALL_BUT_EVENTS, (_key, object) => (object.metadata.uid ? [object.metadata.uid] : [])),
  /** The dependents of the owner with this uid (of every resource but Events). */
  owner: index(ALL_BUT_EVENTS, (_key, object) => object.metadata.ownerReferences?.map((ref) => ref.uid) ?? []),
  /** The pods bound to the node with this name; those bound to none stand under ''. */
  node: index(['pods'], (_key, object) => [object.spec?.nodeName ?? '']),
  /** The pods that keep others away, under ''. */
  antiAffinity: index(['pods'], (_key, { spec }) => (spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.length ? [''] : [])),
  /** Everything in the namespace with this name (of every resource but Events). */
  namespace: index(ALL_BUT_EVENTS, (_key, object) => (object.metadata.namespace ? [object.metadata.namespace] : [])),
} satisfies Record<string, Index<never>>;

export type IndexName = keyof typeof indexes;

function evolveIndex(tree: Tree<Keys>, changes: readonly Change[], valuesOf: Index['valuesOf']): Tree<Keys> {
  let next: Tree<Keys> | undefined;
  const own = new Set<Keys>();
  for (const { type, key, object, previous } of changes) {
    const had = previous ? valuesOf(key, previous) : [];
    const has = type === 'DELETED' ? [] : valuesOf(key, object);
    if (had.length === has.length && had.every((value, i) => value === has[i])) continue;
    next ??= tree.clone();
    for (const value of had) removeKey(next, value, key, own);
    for (const value of has) addKey(next, value, { key, name: object.metadata.name }, own);
  }
  return next ?? tree;
}

/** Puts a key under a value. `own`: the trees that were made for this batch, and may be changed. */
export function addKey(tree: Tree<Keys>, value: string, { key, name }: { key: Key; name: string }, own: Set<Keys>): void {
  const keys = tree.get(value);
  if (keys === undefined || keys === key) {
    tree.set(value, key);
    return;
  }
  const several = changeable(keys, own);
  several.set(key, name);
  if (several !== keys) tree.set(value, several);
}

/** Takes a key from under a value. */
export function removeKey(tree: Tree<Keys>, value: string, key: Key, own: Set<Keys>): void {
  const keys = tree.get(value);
  if (keys === undefined) return;
  if (typeof keys === 'string') {
    if (keys === key) tree.delete(value);
    return;
  }
  const several = changeable(keys, own);
  several.delete(key);
  if (several.size === 0) tree.delete(value);
  else if (several !== keys) tree.set(value, several);
}

function changeable(keys: Keys, own: Set<Keys>): Tree<string> {
  if (typeof keys !== 'string' && own.has(keys)) return keys;
  const tree = typeof keys === 'string' ? emptyTree<string>() : keys.clone();
  if (typeof keys === 'string') tree.set(keys, parseKey(keys).name);
  own.add(tree);
  return tree;
}

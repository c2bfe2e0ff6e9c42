import type { GroupResource, Key, KubeObject } from '../kube/object.ts';
import type { Change } from './change.ts';
import { emptyTree, type Tree, valuesWithPrefix } from './tree.ts';
import type { View } from './view.ts';

/** The keys of objects under the values that they have in some respect, as a view. */
export interface Index extends View<Tree<Key>> {
  /** Under what values an object stands, derived from its key and itself alone. */
  readonly valuesOf: (key: Key, object: KubeObject) => readonly string[];
}

export function index(of: readonly GroupResource[] | 'all', valuesOf: Index['valuesOf']): Index {
  return { of, valuesOf, initial: emptyTree(), evolve: (tree, changes) => evolveIndex(tree, changes, valuesOf) };
}

/** The keys under which an index has `value`, in their order. */
export const keysUnder = (tree: Tree<Key>, value: string): Key[] => valuesWithPrefix(tree, prefixOf(value));

/** What every cluster is indexed by. */
export const indexes = {
  /** The one object with this uid. */
  uid: index('all', (_key, object) => (object.metadata.uid ? [object.metadata.uid] : [])),
  /** The dependents of the owner with this uid (of every resource). */
  owner: index('all', (_key, object) => object.metadata.ownerReferences?.map((ref) => ref.uid) ?? []),
  /** The pods bound to the node with this name; those bound to none stand under ''. */
  node: index(['pods'], (_key, object) => [(object.spec?.nodeName as string | undefined) ?? '']),
  /** Everything in the namespace with this name (of every resource). */
  namespace: index('all', (_key, object) => (object.metadata.namespace ? [object.metadata.namespace] : [])),
} satisfies Record<string, Index>;

export type IndexName = keyof typeof indexes;

function evolveIndex(tree: Tree<Key>, changes: readonly Change[], valuesOf: Index['valuesOf']): Tree<Key> {
  let next: Tree<Key> | undefined;
  for (const { type, key, object, previous } of changes) {
    const had = previous ? valuesOf(key, previous) : [];
    const has = type === 'DELETED' ? [] : valuesOf(key, object);
    if (had.length === has.length && had.every((value, i) => value === has[i])) continue;
    next ??= tree.clone();
    for (const value of had) next.delete(prefixOf(value) + key);
    for (const value of has) next.set(prefixOf(value) + key, key);
  }
  return next ?? tree;
}

/** Its length stands before a value, so that no value, whatever is in it, reads as the beginning of another. */
const prefixOf = (value: string) => `${value.length}:${value}/`;

import BTree from 'sorted-btree';

/**
 * A sorted map from strings that is copied in one step: a copy shares all nodes with the original, and setting or deleting in it copies the few on the
 * way (docs/decisions/0014-state-is-a-value.md has what it was measured against). Keys are ordered by their UTF-16 code units.
 */
export type Tree<T> = BTree.default<string, T>;

export const emptyTree = <T>(): Tree<T> => new BTree.default<string, T>(undefined, compareText);

export const compareText = (a: string, b: string) => (a < b ? -1 : a === b ? 0 : 1);

/** The values whose keys begin with `prefix`, which must end with an ASCII character other than DEL. */
export function valuesWithPrefix<T>(tree: Tree<T>, prefix: string): T[] {
  const out: T[] = [];
  tree.forRange(prefix, successor(prefix), false, (_key, value) => {
    out.push(value);
  });
  return out;
}

/** The first text after all that begin with `prefix`. */
const successor = (prefix: string) => prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);

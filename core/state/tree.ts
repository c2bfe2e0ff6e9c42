import BTree from 'sorted-btree';

/**
 * A sorted map from strings that is copied in one step: a copy shares all nodes with the original, and setting or deleting in it copies the few on the
 * way (docs/decisions/0014-state-is-a-value.md has what it was measured against). Keys are ordered by their UTF-16 code units.
 */
export type Tree<T> = BTree.default<string, T>;

export const emptyTree = <T>(): Tree<T> => new BTree.default<string, T>(undefined, compareText);

export const compareText = (a: string, b: string) => (a < b ? -1 : a === b ? 0 : 1);

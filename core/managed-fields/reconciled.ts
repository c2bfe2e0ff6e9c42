import { FieldSet } from './field-set.ts';
import type { MergeType } from './merge-type.ts';
import { nameOf, type PathElement } from './path-element.ts';

/** A set by the type as it is now: who owned parts of what has become atomic owns the whole (typed/reconcile_schema.go). */
export function reconciled(set: FieldSet, { map, list }: MergeType): FieldSet {
  if (map ? map.isDeduced : !list) return set;
  const isAtomic = map ? map.isAtomic : list!.isAtomic;
  if (isAtomic) return set.isLeaf || set.isEmpty ? set : FieldSet.leaf;
  let differs = false;
  const entries = set.elements.map((element, i): [PathElement, FieldSet] => {
    const child = set.children[i]!;
    const name = nameOf(element);
    const type = map ? (name === undefined ? undefined : map.typeOf(name)) : list!.element;
    const after = type ? reconciled(child, type) : child;
    if (after !== child) differs = true;
    return [element, after];
  });
  return differs ? FieldSet.from(set.isMember, entries) : set;
}

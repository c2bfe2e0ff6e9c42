import { type Atoms, asList, asMap, handle, isEmptyMap } from './atoms.ts';
import { FieldSet } from './field-set.ts';
import { GrowingSet } from './growing-set.ts';
import { elementsOf, Repeated } from './list-elements.ts';
import type { ListType, MapType, MergeType } from './merge-type.ts';

/** The fields that a value has: every leaf, and what stands for more than its leaves (typed/tofieldset.go). Throws a `ListElementError`. */
export function fieldSetOf(value: unknown, type: MergeType): FieldSet {
  const set = nodeOf(value, type, false);
  // An object as such has no owner.
  return set.isMember ? FieldSet.empty : set;
}

/** `isMember`: whether the value itself is in the set; what is a leaf always is. */
const nodeOf = (value: unknown, type: MergeType, isMember: boolean): FieldSet => handle(type, value, new Fields(value, isMember));

class Fields implements Atoms<FieldSet> {
  readonly #value: unknown;
  readonly #isMember: boolean;

  constructor(value: unknown, isMember: boolean) {
    this.#value = value;
    this.#isMember = isMember;
  }

  scalar(): FieldSet {
    return FieldSet.leaf;
  }

  list(type: ListType): FieldSet {
    if (type.isAtomic) return FieldSet.leaf;
    let set = GrowingSet.ofElements;
    for (const [element, item] of elementsOf(type, asList(this.#value) ?? []))
      set = set.with(element, item instanceof Repeated ? FieldSet.leaf : nodeOf(item, type.element, true));
    return set.done(this.#isMember) ?? FieldSet.empty;
  }

  map(type: MapType): FieldSet {
    if (type.isAtomic) return FieldSet.leaf;
    const map = asMap(this.#value) ?? {};
    let set = GrowingSet.ofFields;
    for (const name of Object.keys(map)) {
      const value = map[name];
      const of = type.typeOf(name);
      if (value === undefined || !of) continue;
      const inner = asMap(value);
      const child = nodeOf(value, of, value === null || (inner !== undefined && isEmptyMap(inner)) || !type.isNamed(name));
      if (!child.isEmpty) set = set.with(name, child);
    }
    return set.done(this.#isMember) ?? FieldSet.empty;
  }
}

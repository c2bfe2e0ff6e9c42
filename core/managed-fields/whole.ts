import { formOf, isEmptyMap } from './atoms.ts';
import { FieldSet } from './field-set.ts';
import { GrowingSet } from './growing-set.ts';
import { elementsOf, Repeated } from './list-elements.ts';
import type { MapType, MergeType } from './merge-type.ts';

/** All fields of a value that came, or went, as a whole, itself among them (what typed/compare.go finds of a value beside none). Throws a `ListElementError`. */
export function whole(value: unknown, type: MergeType): FieldSet {
  const form = formOf(type, value);
  if (form === 'map') return wholeMap(value, type.map!);
  if (form === 'scalar' || type.list!.isAtomic || !Array.isArray(value) || value.length === 0) return FieldSet.leaf;
  const { element: of } = type.list!;
  let set = GrowingSet.ofElements;
  for (const [element, item] of elementsOf(type.list!, value)) set = set.with(element, item instanceof Repeated ? FieldSet.leaf : whole(item, of));
  return set.done(true)!;
}

function wholeMap(value: unknown, type: MapType): FieldSet {
  const map = value as Readonly<Record<string, unknown>>;
  if (type.isAtomic || typeof value !== 'object' || value === null || Array.isArray(value) || isEmptyMap(map)) return FieldSet.leaf;
  let set = GrowingSet.ofFields;
  for (const name in map) {
    const own = map[name];
    const field = own === undefined ? undefined : type.typeOf(name);
    if (field) set = set.with(name, whole(own, field));
  }
  // What Go writes of a struct though it has nothing there.
  for (const [name, zero] of type.zeros) if (!Object.hasOwn(map, name) || map[name] === undefined) set = set.with(name, whole(zero, type.typeOf(name)!));
  return set.done(true)!;
}

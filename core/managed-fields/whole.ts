import { formOf, isEmptyMap } from './atoms.ts';
import { FieldSet } from './field-set.ts';
import { kept, mapNode } from './kept-once.ts';
import { elementsOf } from './list-elements.ts';
import type { MapType, MergeType } from './merge-type.ts';
import type { PathElement } from './path-element.ts';

/** All fields of a value that came, or went, as a whole, itself among them (what typed/compare.go finds of a value beside none). Throws a `ListElementError`. */
export function whole(value: unknown, type: MergeType): FieldSet {
  const form = formOf(type, value);
  if (form === 'map') return wholeMap(value, type.map!);
  if (form === 'scalar' || type.list!.isAtomic || !Array.isArray(value) || value.length === 0) return FieldSet.leaf;
  const { element: of } = type.list!;
  const entries: [PathElement, FieldSet][] = [];
  for (const [element, items] of elementsOf(type.list!, value)) entries.push([element, items.length > 1 ? FieldSet.leaf : whole(items[0], of)]);
  const set = FieldSet.from(true, entries);
  return kept(set);
}

function wholeMap(value: unknown, type: MapType): FieldSet {
  const map = value as Readonly<Record<string, unknown>>;
  if (type.isAtomic || typeof value !== 'object' || value === null || Array.isArray(value) || isEmptyMap(map)) return FieldSet.leaf;
  const names: string[] = [];
  const children: FieldSet[] = [];
  const add = (name: string, own: unknown) => {
    const field = own === undefined ? undefined : type.typeOf(name);
    if (!field) return;
    names.push(name);
    children.push(whole(own, field));
  };
  for (const name in map) add(name, map[name]);
  // What Go writes of a struct though it has nothing there.
  for (const [name, zero] of type.zeros) if (!Object.hasOwn(map, name) || map[name] === undefined) add(name, zero);
  return mapNode(true, names, children);
}

import { type Atoms, asList, asMap, handle, isEmptyMap } from './atoms.ts';
import { FieldSet } from './field-set.ts';
import { elementsOf, Repeated } from './list-elements.ts';
import type { ListType, MapType, MergeType } from './merge-type.ts';
import { fieldElement, type PathElement } from './path-element.ts';

/** The fields that a value has: every leaf, and what stands for more than its leaves (typed/tofieldset.go). Throws a `ListElementError`. */
export function fieldSetOf(value: unknown, type: MergeType): FieldSet {
  const node = nodeOf(value, type);
  return node.isMember ? FieldSet.from(false, entriesOf(node)) : node;
}

const nodeOf = (value: unknown, type: MergeType): FieldSet => handle(type, value, new Fields(value));

class Fields implements Atoms<FieldSet> {
  readonly #value: unknown;

  constructor(value: unknown) {
    this.#value = value;
  }

  scalar(): FieldSet {
    return FieldSet.leaf;
  }

  list(type: ListType): FieldSet {
    if (type.isAtomic) return FieldSet.leaf;
    const entries = [...elementsOf(type, asList(this.#value) ?? [])];
    return FieldSet.from(
      false,
      entries.map(([element, item]) => [element, item instanceof Repeated ? FieldSet.leaf : asMember(nodeOf(item, type.element))]),
    );
  }

  map(type: MapType): FieldSet {
    if (type.isAtomic) return FieldSet.leaf;
    const map = asMap(this.#value) ?? {};
    const entries: [PathElement, FieldSet][] = [];
    for (const name of Object.keys(map)) {
      const value = map[name];
      const of = type.typeOf(name);
      if (value === undefined || !of) continue;
      const node = nodeOf(value, of);
      const inner = asMap(value);
      const child = value === null || (inner && isEmptyMap(inner)) || !type.isNamed(name) ? asMember(node) : node;
      if (!child.isEmpty) entries.push([fieldElement(name), child]);
    }
    return FieldSet.from(false, entries);
  }
}

const asMember = (node: FieldSet): FieldSet => (node.isMember ? node : FieldSet.from(true, entriesOf(node)));

const entriesOf = ({ elements, children }: FieldSet) => elements.map((element, i): [PathElement, FieldSet] => [element, children[i]!]);

import type { Fields } from '../kube/fields.ts';
import { same } from '../kube/object.ts';
import { type Atoms, asList, asMap, formOf, handle, isEmptyMap, isOpen } from './atoms.ts';
import { differenceBelow, FieldSet, union } from './field-set.ts';
import { kept, mapNode } from './kept-once.ts';
import { elementsOf } from './list-elements.ts';
import type { ListType, MapType, MergeType } from './merge-type.ts';
import type { PathElement } from './path-element.ts';
import { whole } from './whole.ts';

/** What a value has that another one had not, has otherwise, and has no more. No field is in two of them. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

/**
 * What changed from one value of a type to another (sigs.k8s.io/structured-merge-diff, typed/compare.go). What both share is not looked into. Throws a
 * `ListElementError` where an element of a list cannot be told.
 */
export function compare(before: unknown, after: unknown, type: MergeType): Comparison {
  const nodes = compareValues(before, after, type);
  return { added: rootOf(nodes.added), modified: rootOf(nodes.modified), removed: rootOf(nodes.removed) };
}

/** The same, but for some fields and all that is below them. */
export function without({ added, modified, removed }: Comparison, fields: FieldSet): Comparison {
  return { added: differenceBelow(added, fields), modified: differenceBelow(modified, fields), removed: differenceBelow(removed, fields) };
}

/** What is in a value that was not there, or not so. */
export const changed = ({ added, modified }: Comparison): FieldSet => union(modified, added);

/** Nobody owns an object as such. */
const rootOf = (node: FieldSet | undefined) => (node === undefined ? FieldSet.empty : node.isMember ? FieldSet.from(false, entriesOf(node)) : node);

const entriesOf = ({ elements, children }: FieldSet) => elements.map((element, i): [PathElement, FieldSet] => [element, children[i]!]);

/** At one path, what of it and of what is below it is in each of the sets; none: nothing. */
interface Nodes {
  readonly added?: FieldSet | undefined;
  readonly modified?: FieldSet | undefined;
  readonly removed?: FieldSet | undefined;
}

const nothing: Nodes = {};
const addedLeaf: Nodes = { added: FieldSet.leaf };
const modifiedLeaf: Nodes = { modified: FieldSet.leaf };
const removedLeaf: Nodes = { removed: FieldSet.leaf };

/** `undefined` is a value that is not there; null one that is. */
function compareValues(before: unknown, after: unknown, type: MergeType): Nodes {
  if (before === after) return nothing;
  if (before === undefined) return { added: whole(after, type) };
  if (after === undefined) return { removed: whole(before, type) };
  const pair = new Pair(before, after);
  const isSameForm = formOf(type, before) === formOf(type, after) && isOpen(type, before) === isOpen(type, after);
  const nodes = handle(type, after, pair);
  return isSameForm ? nodes : both(handle(type, before, pair), nodes);
}

class Pair implements Atoms<Nodes> {
  readonly #before: unknown;
  readonly #after: unknown;

  constructor(before: unknown, after: unknown) {
    this.#before = before;
    this.#after = after;
  }

  scalar(): Nodes {
    return this.#leaf();
  }

  list(type: ListType): Nodes {
    const [before, after] = [asList(this.#before), asList(this.#after)];
    // What is empty on both sides is a leaf: that keeps empty and null apart.
    if (type.isAtomic || (!before?.length && !after?.length)) return this.#leaf();
    return compareLists(before ?? [], after ?? [], type).nodes();
  }

  map(type: MapType): Nodes {
    const [before, after] = [asMap(this.#before), asMap(this.#after)];
    if (type.isAtomic || ((!before || isEmptyMap(before)) && (!after || isEmptyMap(after)))) return this.#leaf();
    const into = new GatheredFields();
    if (after) {
      for (const name in after) {
        const [was, is] = [ownOrZero(before, type, name), after[name]];
        if (was !== is && is !== undefined) into.add(name, compareFields(was, is, type, name));
      }
    }
    if (before) {
      for (const name in before) {
        if (before[name] !== undefined && own(after, name) === undefined) into.add(name, compareFields(before[name], ownOrZero(after, type, name), type, name));
      }
    }
    return into.nodes();
  }

  #leaf(): Nodes {
    return same(this.#before, this.#after) ? nothing : modifiedLeaf;
  }
}

const own = (map: Fields | undefined, name: string): unknown => (map && Object.hasOwn(map, name) ? map[name] : undefined);

/** What a struct that is there has in a field: where it has nothing, and Go always writes the field, its zero. */
function ownOrZero(struct: Fields | undefined, type: MapType, name: string): unknown {
  const value = own(struct, name);
  return value === undefined && struct ? type.zeros.get(name) : value;
}

// A type that does not have the field comes from elsewhere than from a decoder: it is taken as it is.
const compareFields = (before: unknown, after: unknown, type: MapType, name: string): Nodes => {
  const field = type.typeOf(name);
  return field ? compareValues(before, after, field) : nothing;
};

function compareLists(before: readonly unknown[], after: readonly unknown[], type: ListType): Gathering {
  const into = new Gathering();
  const [was, is] = [elementsOf(type, before), elementsOf(type, after)];
  for (const [element, items] of was) into.add(element, compareItems(items, is.get(element) ?? [], type.element));
  for (const [element, items] of is) if (!was.has(element)) into.add(element, compareItems([], items, type.element));
  return into;
}

/** The items of one key. Those that are repeated are one field together, of which nothing is known but whether it is the same. */
function compareItems(before: readonly unknown[], after: readonly unknown[], type: MergeType): Nodes {
  if (before.length <= 1 && after.length <= 1) return compareValues(before[0], after[0], type);
  if (before.length >= 2 && after.length >= 2) return same(before, after) ? nothing : modifiedLeaf;
  if (before.length >= 2) return after.length === 0 ? removedLeaf : both(compareValues(undefined, after[0], type), removedLeaf);
  return before.length === 0 ? addedLeaf : both(compareValues(before[0], undefined, type), addedLeaf);
}

function both(a: Nodes, b: Nodes): Nodes {
  return { added: either(a.added, b.added), modified: either(a.modified, b.modified), removed: either(a.removed, b.removed) };
}

const either = (a: FieldSet | undefined, b: FieldSet | undefined) => (a && b ? union(a, b) : (a ?? b));

/** What is found below a map. */
class GatheredFields {
  readonly #added = new Named();
  readonly #modified = new Named();
  readonly #removed = new Named();

  add(name: string, { added, modified, removed }: Nodes): void {
    if (added) this.#added.add(name, added);
    if (modified) this.#modified.add(name, modified);
    if (removed) this.#removed.add(name, removed);
  }

  nodes(): Nodes {
    return { added: this.#added.node, modified: this.#modified.node, removed: this.#removed.node };
  }
}

class Named {
  readonly #names: string[] = [];
  readonly #sets: FieldSet[] = [];

  add(name: string, set: FieldSet): void {
    this.#names.push(name);
    this.#sets.push(set);
  }

  get node(): FieldSet | undefined {
    return this.#names.length > 0 ? mapNode(false, this.#names, this.#sets) : undefined;
  }
}

/** What is found below a list. */
class Gathering {
  readonly #added: [PathElement, FieldSet][] = [];
  readonly #modified: [PathElement, FieldSet][] = [];
  readonly #removed: [PathElement, FieldSet][] = [];

  add(element: PathElement, { added, modified, removed }: Nodes): void {
    if (added) this.#added.push([element, added]);
    if (modified) this.#modified.push([element, modified]);
    if (removed) this.#removed.push([element, removed]);
  }

  nodes(): Nodes {
    return {
      added: this.#added.length > 0 ? kept(FieldSet.from(false, this.#added)) : undefined,
      modified: this.#modified.length > 0 ? kept(FieldSet.from(false, this.#modified)) : undefined,
      removed: this.#removed.length > 0 ? kept(FieldSet.from(false, this.#removed)) : undefined,
    };
  }
}

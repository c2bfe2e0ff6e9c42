import type { Fields } from '../kube/fields.ts';
import { same } from '../kube/object.ts';
import { type Atoms, asList, asMap, formOf, handle, isEmptyMap, isOpen } from './atoms.ts';
import { FieldSet } from './field-set.ts';
import { GrowingSet } from './growing-set.ts';
import { elementsOf, Repeated } from './list-elements.ts';
import type { ListType, MapType, MergeType } from './merge-type.ts';
import type { PathElement } from './path-element.ts';
import { differenceBelow, union } from './set-operations.ts';
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

/** An object as such has no owner. */
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
  if (before === undefined) return addedWhole(whole(after, type));
  if (after === undefined) return { removed: whole(before, type) };
  if (type.scalar && isScalar(before) && isScalar(after)) return modifiedLeaf;
  const pair = new Pair(before, after);
  const isSameForm = formOf(type, before) === formOf(type, after) && isOpen(type, before) === isOpen(type, after);
  const nodes = handle(type, after, pair);
  return isSameForm ? nodes : both(handle(type, before, pair), nodes);
}

const addedWhole = (set: FieldSet): Nodes => (set === FieldSet.leaf ? addedLeaf : { added: set });

const isScalar = (value: unknown): boolean => typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

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
    const into = new Gathered(GrowingSet.ofFields);
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

function compareLists(before: readonly unknown[], after: readonly unknown[], type: ListType): Gathered {
  const into = new Gathered(GrowingSet.ofElements);
  const [was, is] = [elementsOf(type, before), elementsOf(type, after)];
  for (const [element, item] of was) into.add(element, compareItems(item, is.get(element), type.element));
  for (const [element, item] of is) if (!was.has(element)) into.add(element, compareItems(undefined, item, type.element));
  return into;
}

/** What two lists have of one key. Items that are repeated are one field together, of which nothing is known but whether it is the same. */
function compareItems(before: unknown, after: unknown, type: MergeType): Nodes {
  if (before instanceof Repeated) {
    if (after instanceof Repeated) return same(before.items, after.items) ? nothing : modifiedLeaf;
    return after === undefined ? removedLeaf : both(compareValues(undefined, after, type), removedLeaf);
  }
  if (after instanceof Repeated) return before === undefined ? addedLeaf : both(compareValues(before, undefined, type), addedLeaf);
  return compareValues(before, after, type);
}

function both(a: Nodes, b: Nodes): Nodes {
  return { added: either(a.added, b.added), modified: either(a.modified, b.modified), removed: either(a.removed, b.removed) };
}

const either = (a: FieldSet | undefined, b: FieldSet | undefined) => (a && b ? union(a, b) : (a ?? b));

/** What is found below a map or a list. */
class Gathered {
  #added: GrowingSet;
  #modified: GrowingSet;
  #removed: GrowingSet;

  constructor(nothing: GrowingSet) {
    this.#added = nothing;
    this.#modified = nothing;
    this.#removed = nothing;
  }

  /** What is at and below one of its elements; of a map, one of its fields. */
  add(element: string, { added, modified, removed }: Nodes): void {
    if (added) this.#added = this.#added.with(element, added);
    if (modified) this.#modified = this.#modified.with(element, modified);
    if (removed) this.#removed = this.#removed.with(element, removed);
  }

  nodes(): Nodes {
    return { added: this.#added.done(false), modified: this.#modified.done(false), removed: this.#removed.done(false) };
  }
}

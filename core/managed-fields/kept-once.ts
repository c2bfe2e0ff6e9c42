import { type Elements, elementsIn } from './elements.ts';
import { FieldSet } from './field-set.ts';
import { isOneObjects } from './own-key.ts';

/**
 * Sets of which there is one for all that have the same in it, so that to compare them, and to keep them, costs nothing. There are as many as there are templates; should
 * there be too many, what is there already stays as it is, and what comes shares among itself.
 */
export function keptOnce(isMember: boolean, { id: of, list: elements }: Elements, children: readonly FieldSet[], holes = 0): FieldSet {
  if (elements.length === 0) return isMember ? FieldSet.leaf : FieldSet.empty;
  let key = isMember ? '.' : '';
  for (const { id } of children) {
    // What is below it is not kept once: it has what one object alone has.
    if (id === 0) return new FieldSet(isMember, elements, children);
    key += ` ${id}`;
  }
  key += ` of ${of}`;
  const known = sets.get(key);
  if (known) return known;
  if (sets.size >= MOST_SETS) sets.clear();
  const one = new FieldSet(isMember, elements, children);
  one.id = ++lastId;
  one.holes = holes;
  sets.set(key, one);
  return one;
}

/** A set as it is kept once; one with what one object alone has stays as it is. */
export function kept(set: FieldSet): FieldSet {
  if (set.id > 0 || set.elements.some(isOneObjects)) return set;
  const children = set.children.map(kept);
  return keptOnce(set.isMember, elementsIn(set.elements), children);
}

/** An operation whose results, of sets that are kept once, are kept too. */
export function remembered(operation: (a: FieldSet, b: FieldSet) => FieldSet): (a: FieldSet, b: FieldSet) => FieldSet {
  const results = new Map<FieldSet, Map<FieldSet, FieldSet>>();
  let count = 0;
  return (a, b) => {
    if (a.id === 0 || b.id === 0) return operation(a, b);
    const known = results.get(a)?.get(b);
    if (known) return known;
    const result = kept(operation(a, b));
    if (++count > MOST_RESULTS) {
      results.clear();
      count = 1;
    }
    const ofA = results.get(a);
    if (ofA) ofA.set(b, result);
    else results.set(a, new Map([[b, result]]));
    return result;
  };
}

const MOST_RESULTS = 20_000;

const sets = new Map<string, FieldSet>();
let lastId = 1;
const MOST_SETS = 20_000;

FieldSet.leaf.id = lastId;

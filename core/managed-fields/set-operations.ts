import { FieldSet } from './field-set.ts';
import { remembered } from './kept-once.ts';
import { compareElements, type PathElement } from './path-element.ts';

/** What is in one of them, or in both. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || b.isEmpty) return a;
  if (a.isEmpty) return b;
  return unionOf(a, b);
}

/** What is in both. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return a;
  if (a.isEmpty || b.isEmpty) return FieldSet.empty;
  return intersectionOf(a, b);
}

/** What is in `a` and not in `b`. A field goes without those below it. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return FieldSet.empty;
  if (a.isEmpty || b.isEmpty) return a;
  return differenceOf(a, b);
}

/** What is in `a`, but for the fields of `b` and all that is below them. */
export function differenceBelow(a: FieldSet, b: FieldSet): FieldSet {
  if (b.isMember) return FieldSet.empty;
  if (a.isEmpty || b.isEmpty) return a;
  return differenceBelowOf(a, b);
}

// Nodes that are kept once are told apart by their identity, so that it is remembered, node by node, what comes of two: of a set with something that one object
// alone has, only the way there is made anew.
const unionOf = remembered((a, b) => merged(a, b, union, { isMember: a.isMember || b.isMember, keepsB: true }));
const intersectionOf = remembered((a, b) => merged(a, b, intersection, { isMember: a.isMember && b.isMember, keepsA: false }));
const differenceOf = remembered((a, b) => merged(a, b, difference, { isMember: a.isMember && !b.isMember }));
const differenceBelowOf = remembered((a, b) => merged(a, b, differenceBelow, { isMember: a.isMember }));

interface Merging {
  readonly isMember: boolean;
  /** What stands in one of them alone. */
  readonly keepsA?: boolean;
  readonly keepsB?: boolean;
}

/** Lays two nodes side by side, element by element. */
function merged(a: FieldSet, b: FieldSet, both: (a: FieldSet, b: FieldSet) => FieldSet, { isMember, keepsA = true, keepsB = false }: Merging): FieldSet {
  const elements: PathElement[] = [];
  const children: FieldSet[] = [];
  let isA = isMember === a.isMember;
  let isB = isMember === b.isMember;
  let [i, j] = [0, 0];
  while (i < a.elements.length || j < b.elements.length) {
    const order = i === a.elements.length ? 1 : j === b.elements.length ? -1 : compareElements(a.elements[i]!, b.elements[j]!);
    const element = order <= 0 ? a.elements[i]! : b.elements[j]!;
    const left = order <= 0 ? a.children[i++] : undefined;
    const right = order >= 0 ? b.children[j++] : undefined;
    const child = left && right ? both(left, right) : left ? (keepsA ? left : undefined) : keepsB ? right : undefined;
    if (child !== left) isA = false;
    if (child !== right) isB = false;
    if (child === undefined || child.isEmpty) {
      isA &&= left === undefined;
      isB &&= right === undefined;
      continue;
    }
    elements.push(element);
    children.push(child);
  }
  if (isA) return a;
  if (isB) return b;
  if (elements.length === 0) return isMember ? FieldSet.leaf : FieldSet.empty;
  return new FieldSet(isMember, elements, children);
}

import { compareElements, type PathElement } from './path-element.ts';

/**
 * A set of fields, as a trie of their paths: the form of `fieldsV1` (sigs.k8s.io/structured-merge-diff, fieldpath/set.go). A value: what an operation leaves as it was is
 * shared, and a set that comes out the same is the same one, so that most writes of an object make hardly anything new.
 */
export class FieldSet {
  /** Whether the field that this node stands for is in the set itself: the `.` of `fieldsV1`. */
  readonly isMember: boolean;
  /** In their order. */
  readonly elements: readonly PathElement[];
  /** What is in the set at and below each of them; never nothing. */
  readonly children: readonly FieldSet[];
  /** Of a set that is kept once for all objects (shapes.ts), and how many keys of one object alone it leaves open; 0: of any other. */
  id = 0;
  holes = 0;

  constructor(isMember: boolean, elements: readonly PathElement[], children: readonly FieldSet[]) {
    this.isMember = isMember;
    this.elements = elements;
    this.children = children;
  }

  /** Nothing. */
  static readonly empty = new FieldSet(false, [], []);
  /** A field alone. */
  static readonly leaf = new FieldSet(true, [], []);

  /** The fields with these paths. */
  static of(...paths: readonly (readonly PathElement[])[]): FieldSet {
    const below = Map.groupBy(
      paths.filter(({ length }) => length > 0),
      ([first]) => first!,
    );
    return FieldSet.from(
      paths.some(({ length }) => length === 0),
      [...below].map(([first, those]) => [first, FieldSet.of(...those.map(([, ...rest]) => rest))]),
    );
  }

  /** A node of what stands under its elements, in any order. */
  static from(isMember: boolean, entries: [PathElement, FieldSet][]): FieldSet {
    if (entries.length === 0) return isMember ? FieldSet.leaf : FieldSet.empty;
    if (entries.length > 1) entries.sort(([a], [b]) => compareElements(a, b));
    const elements: PathElement[] = [];
    const children: FieldSet[] = [];
    for (const [element, child] of entries) {
      elements.push(element);
      children.push(child);
    }
    return new FieldSet(isMember, elements, children);
  }

  get isEmpty(): boolean {
    return !this.isMember && this.elements.length === 0;
  }

  get isLeaf(): boolean {
    return this.isMember && this.elements.length === 0;
  }

  /** What is in the set at and below an element. */
  at(element: PathElement): FieldSet | undefined {
    const { elements } = this;
    let [from, to] = [0, elements.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      const order = compareElements(elements[middle]!, element);
      if (order === 0) return this.children[middle];
      if (order < 0) from = middle + 1;
      else to = middle;
    }
    return undefined;
  }

  has(path: readonly PathElement[]): boolean {
    let set: FieldSet | undefined = this;
    for (const element of path) set = set?.at(element);
    return set?.isMember ?? false;
  }

  /** The paths of all fields: those at a node before those below it, as Go's Set.Iterate has them. */
  *paths(prefix: readonly PathElement[] = []): Generator<readonly PathElement[]> {
    for (const [i, element] of this.elements.entries()) if (this.children[i]!.isMember) yield [...prefix, element];
    for (const [i, element] of this.elements.entries()) yield* this.children[i]!.paths([...prefix, element]);
  }
}

/** Whether two sets hold the same. */
export function sameFields(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true;
  return (
    a.isMember === b.isMember &&
    a.elements.length === b.elements.length &&
    a.elements.every((element, i) => element === b.elements[i] && sameFields(a.children[i]!, b.children[i]!))
  );
}

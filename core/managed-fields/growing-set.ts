import { elementsIn } from './elements.ts';
import { FieldSet } from './field-set.ts';
import { keptOnce } from './kept-once.ts';
import { isOneObjects } from './own-key.ts';
import { fieldElement, type PathElement } from './path-element.ts';

/**
 * A node of a set on its way: the elements that it has so far, in the order in which they came, and what is below them. Objects of one kind have their fields in few orders, so
 * that nearly all sets were made before: what came after the same ones is remembered, and the way to a set that is known makes nothing.
 */
export class GrowingSet {
  readonly #isOfFields: boolean;
  readonly #before: GrowingSet | undefined;
  readonly #element: string;
  readonly #child: FieldSet;
  /** Whether it has nothing that is one object's alone: then it is remembered, and so is what follows. */
  readonly #isKept: boolean;
  #next: Map<string, Map<FieldSet, GrowingSet>> | undefined;
  /** What followed last: mostly that follows again. */
  #last: GrowingSet | undefined;
  #done: FieldSet | undefined;
  #doneWithItself: FieldSet | undefined;

  private constructor(isOfFields: boolean, before: GrowingSet | undefined, { element, child, isKept }: { element: string; child: FieldSet; isKept: boolean }) {
    this.#isOfFields = isOfFields;
    this.#before = before;
    this.#element = element;
    this.#child = child;
    this.#isKept = isKept;
  }

  /** Nothing yet; what comes are names of fields, not elements. */
  static ofFields = GrowingSet.#start(true);
  static ofElements = GrowingSet.#start(false);

  static #start(isOfFields: boolean): GrowingSet {
    return new GrowingSet(isOfFields, undefined, { element: '', child: FieldSet.empty, isKept: true });
  }

  /** With one element, or name, more. */
  with(element: string, child: FieldSet): GrowingSet {
    const last = this.#last;
    if (last && last.#child === child && last.#element === element) return last;
    const isKept = this.#isKept && child.id > 0 && (this.#isOfFields || !isOneObjects(element));
    if (!isKept) return new GrowingSet(this.#isOfFields, this, { element, child, isKept });
    this.#next ??= new Map();
    let byChild = this.#next.get(element);
    if (!byChild) {
      byChild = new Map();
      this.#next.set(element, byChild);
    }
    let next = byChild.get(child);
    if (!next) {
      next = new GrowingSet(this.#isOfFields, this, { element, child, isKept });
      if (++GrowingSet.#count > MOST) GrowingSet.#forget();
      byChild.set(child, next);
    }
    this.#last = next;
    return next;
  }

  /** The set, with the field itself or without; undefined for one without anything in it. */
  done(isMember: boolean): FieldSet | undefined {
    if (!this.#before) return isMember ? FieldSet.leaf : undefined;
    const known = isMember ? this.#doneWithItself : this.#done;
    if (known) return known;
    const entries: [PathElement, FieldSet][] = [];
    for (let at: GrowingSet = this; at.#before; at = at.#before) entries.push([at.#isOfFields ? fieldElement(at.#element) : at.#element, at.#child]);
    const set = FieldSet.from(isMember, entries);
    if (!this.#isKept) return set;
    const one = keptOnce(isMember, elementsIn(set.elements), set.children);
    if (isMember) this.#doneWithItself = one;
    else this.#done = one;
    return one;
  }

  static #count = 0;

  static #forget(): void {
    GrowingSet.#count = 0;
    GrowingSet.ofFields = GrowingSet.#start(true);
    GrowingSet.ofElements = GrowingSet.#start(false);
  }
}

const MOST = 50_000;

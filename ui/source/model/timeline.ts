import type { Slim } from './kinds.ts';

/** One change of one object: what it was, and what it is from this offset on. */
export interface Step<T> {
  readonly offset: number;
  readonly key: string;
  readonly before: T | undefined;
  readonly after: T | undefined;
}

/**
 * The objects of one resource over a stretch of the log, and where one looks. Going from one offset to another costs what changed between them, and asks nobody: a step back puts back what was.
 */
export class Timeline<T extends Slim> {
  /** As they are at the offset that is looked at. */
  readonly objects = new Map<string, T>();
  readonly steps: Step<T>[] = [];
  /** From here on all is known. */
  from: number;
  /** How many steps have been gone. */
  #gone = 0;
  /** As they are at the end of what is known. */
  readonly #newest = new Map<string, T>();
  readonly #most: number;

  constructor(from: number, objects: Iterable<T>, { most = 120_000 } = {}) {
    this.from = from;
    this.#most = most;
    this.begin(objects);
  }

  /** What is there where it begins. */
  begin(objects: Iterable<T>): void {
    for (const object of objects) {
      this.objects.set(keyOf(object), object);
      this.#newest.set(keyOf(object), object);
    }
  }

  /** What became of an object. Whether one looks at the end is the caller's to say (`goTo`). */
  add(offset: number, key: string, after: T | undefined): void {
    const before = this.#newest.get(key);
    if (before === after) return;
    if (after) this.#newest.set(key, after);
    else this.#newest.delete(key);
    this.steps.push({ offset, key, before, after });
    if (this.steps.length > this.#most) this.#forget(this.steps.length >> 2);
  }

  /** Puts in front what happened before: the steps from an earlier offset up to where this begins. One that began without some of what was there (Events) has that, too, from then on. */
  precede(earlier: Timeline<T>): void {
    this.#complete(earlier.#newest);
    const steps = earlier.steps.filter(({ offset }) => offset <= this.from);
    this.steps.unshift(...steps);
    this.#gone += steps.length;
    this.from = earlier.from;
  }

  /** What was there where this begins, and is not known of yet. */
  #complete(there: ReadonlyMap<string, T>): void {
    const { steps, objects } = this;
    const firsts = new Map<string, number>();
    for (let i = steps.length - 1; i >= 0; i--) firsts.set(steps[i]!.key, i);
    for (const [key, object] of there) {
      const first = firsts.get(key);
      if (first === undefined ? this.#newest.has(key) : steps[first]!.before !== undefined) continue;
      if (first === undefined) this.#newest.set(key, object);
      else steps[first] = { ...steps[first]!, before: object };
      if (first === undefined || first >= this.#gone) objects.set(key, object);
    }
  }

  /** Everything as a list that was read anew has it, as one moment. */
  replace(offset: number, objects: Iterable<T>): void {
    const gone = new Set(this.#newest.keys());
    for (const object of objects) {
      const key = keyOf(object);
      gone.delete(key);
      if (this.#newest.get(key)?.metadata.resourceVersion !== object.metadata.resourceVersion) this.add(offset, key, object);
    }
    for (const key of gone) this.add(offset, key, undefined);
  }

  /** Looks at another offset. Returns whether anything is different there. */
  goTo(offset: number): boolean {
    const { steps, objects } = this;
    const start = this.#gone;
    while (this.#gone < steps.length && steps[this.#gone]!.offset <= offset) put(objects, steps[this.#gone]!.key, steps[this.#gone++]!.after);
    while (this.#gone > 0 && steps[this.#gone - 1]!.offset > offset) put(objects, steps[--this.#gone]!.key, steps[this.#gone]!.before);
    return this.#gone !== start;
  }

  /** The oldest steps go; one who looks at them is taken to where it begins then. */
  #forget(count: number): void {
    if (this.#gone < count) this.goTo(this.steps[count - 1]!.offset);
    this.from = this.steps[count - 1]!.offset;
    this.steps.splice(0, count);
    this.#gone = Math.max(0, this.#gone - count);
  }
}

function put<T>(objects: Map<string, T>, key: string, object: T | undefined): void {
  if (object) objects.set(key, object);
  else objects.delete(key);
}

/** `shop/web`, or the name alone. */
export const keyOf = ({ metadata: { namespace, name } }: Slim): string => (namespace ? `${namespace}/${name}` : name);

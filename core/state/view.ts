import type { GroupResource } from '../kube/object.ts';
import type { KindOf } from '../schema/kind-of.ts';
import { type Change, isOf } from './change.ts';
import { heldBy } from './held-by.ts';

/**
 * Something derived from the state that is kept up as the state evolves: an index, what a node has room for, the rules of RBAC. It is declared beside the
 * code that needs it and read with `state.view(…)`, on the newest state, a draft or the past alike. A value is never changed once it was returned.
 */
export interface View<T, R extends GroupResource = GroupResource> {
  /** The resources that it is derived from: no other change concerns it. */
  readonly of: Of<R>;
  /** It tells only of what was written since the snapshot that a state was read from, where that has objects of `of` unread (unread.ts): it is derived without a look at those. */
  readonly sinceSnapshot?: true;
  /** Its value for a cluster without objects. */
  readonly initial: T;
  /** Its value after some changes of those resources, oldest first. They come in batches, so that what is copied is copied once for all of them. */
  evolve(value: T, changes: readonly Change<KindOf<R>>[]): T;
}

/** Some resources: those that are named, all, or all but some. */
export type Of<R extends GroupResource = GroupResource> = readonly R[] | 'all' | AllBut;

export interface AllBut {
  readonly allBut: readonly GroupResource[];
}

/** Whether a resource is one of them. */
export const isAmong = (of: Of, resource: GroupResource): boolean =>
  of === 'all' ? true : 'allBut' in of ? !of.allBut.includes(resource) : of.includes(resource);

/**
 * The values of views at one state, folded when they are asked for. Until then a state knows the one that it follows and what changed: one that is not
 * asked costs a reference, however many views there are.
 */
export class Derived {
  readonly #values = new Map<View<unknown>, Value>();
  #before: Derived | undefined;
  #changes: readonly Change[];
  /** How many changes lie behind the last state that follows no other. */
  #pending: number;
  /** How many bytes of replaced objects those hold on to, about. */
  #held: number;

  private constructor(before: Derived | undefined, changes: readonly Change[]) {
    this.#before = before;
    this.#changes = changes;
    this.#pending = before ? before.#pending + changes.length : 0;
    this.#held = changes.reduce((bytes, change) => bytes + heldBy(change), before ? before.#held : 0);
  }

  /** Of a state that follows no other. */
  static from(): Derived {
    return new Derived(undefined, []);
  }

  /** After more changes; `objects`: how many there are, which says what it costs to derive a view from the beginning. */
  next(changes: readonly Change[], objects: number): Derived {
    if (changes.length === 0) return this;
    if (this.#pending > MAX_PENDING || this.#held > MAX_HELD) this.#settle(objects);
    return new Derived(this, changes);
  }

  /** The value of a view; `additions`: all objects that it is derived from, each as if it had just been added. */
  get<T>(view: View<T>, additions: () => readonly Change[]): T {
    const known = this.#values.get(view as View<unknown>);
    if (known) {
      known.unread = 0;
      return known.value as T;
    }
    // What this one follows keeps what it comes to: the next draft on the same state begins there.
    if (this.#before) this.#before.#fold(view as View<unknown>);
    const folded = this.#fold(view as View<unknown>) ?? this.#put(view as View<unknown>, view.evolve(view.initial, additions()), 0);
    return folded.value as T;
  }

  /** Folds all that is pending, in one batch; undefined when the view was not asked for before. */
  #fold(view: View<unknown>, unread = 0): Value | undefined {
    const pending: (readonly Change[])[] = [];
    let from: Derived | undefined = this;
    for (; from && !from.#values.has(view); from = from.#before) pending.push(from.#changes);
    if (!from) return undefined;
    const before = from.#values.get(view)!;
    if (pending.length === 0) return before;
    const changes = concerning(view.of, pending);
    return this.#put(view, changes.length > 0 ? view.evolve(before.value, changes) : before.value, unread);
  }

  #put(view: View<unknown>, value: unknown, unread: number): Value {
    const entry = { value, unread };
    this.#values.set(view, entry);
    return entry;
  }

  /** Lets go of what it follows: views are folded up to here, and those that have not been asked for in a long while are forgotten, which is cheaper. */
  #settle(objects: number): void {
    const unread = new Map<View<unknown>, number>();
    for (let from: Derived | undefined = this; from; from = from.#before) {
      for (const [view, value] of from.#values) if (!unread.has(view)) unread.set(view, value.unread + (from === this ? 0 : this.#pending));
    }
    for (const [view, changes] of unread) if (!this.#values.has(view) && changes <= Math.max(MIN_UNREAD, objects)) this.#fold(view, changes);
    this.#before = undefined;
    this.#changes = [];
    this.#pending = 0;
    this.#held = 0;
  }
}

interface Value {
  readonly value: unknown;
  /** How many changes, about, have come since it was last asked for. */
  unread: number;
}

/** So many changes, and what they replaced, are held on to at most for views that are not asked for. */
const MAX_PENDING = 256;
const MAX_HELD = 4 * 1024 * 1024;
const MIN_UNREAD = 1_000;

/** The changes that concern a view, oldest first, of those that are given newest batch first. */
function concerning(of: Of, newestFirst: readonly (readonly Change[])[]): readonly Change[] {
  const out: Change[] = [];
  const isConcerned = (change: Change) =>
    of === 'all' || ('allBut' in of ? !of.allBut.some((resource) => isOf(change, resource)) : of.some((resource) => isOf(change, resource)));
  for (let i = newestFirst.length - 1; i >= 0; i--) {
    for (const change of newestFirst[i]!) if (isConcerned(change)) out.push(change);
  }
  return out;
}

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
  /** Most states are asked for few views, or none. */
  #values: Map<View<unknown>, Value> | undefined;
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
    const known = this.#values?.get(view as View<unknown>);
    if (known) {
      known.unread = 0;
      return known.value as T;
    }
    // What this one follows keeps what it comes to: the next draft on the same state begins there.
    if (this.#before) this.#before.#fold(view as View<unknown>);
    const folded = this.#fold(view as View<unknown>) ?? this.#put(view as View<unknown>, { value: view.evolve(view.initial, additions()), unread: 0 });
    return folded.value as T;
  }

  /** Folds all that is pending, in one batch; undefined when the view was not asked for before. Where nothing of it concerns the view, the value is that of an earlier state. */
  #fold(view: View<unknown>): Value | undefined {
    let known: Value | undefined;
    let isConcerned = false;
    for (let from: Derived | undefined = this; from; from = from.#before) {
      known = from.#values?.get(view);
      if (known) break;
      isConcerned ||= from.#changes.some((change) => concerns(change, view.of));
    }
    if (!known || known === this.#values?.get(view)) return known;
    known.unread = 0;
    return this.#put(view, isConcerned ? { value: view.evolve(known.value, this.#concerning(view)), unread: 0 } : known);
  }

  /** The changes since the view was last folded that concern it, oldest first. */
  #concerning(view: View<unknown>): readonly Change[] {
    const pending: (readonly Change[])[] = [];
    for (let from: Derived | undefined = this; from && !from.#values?.has(view); from = from.#before) pending.push(from.#changes);
    const out: Change[] = [];
    for (let i = pending.length - 1; i >= 0; i--) {
      for (const change of pending[i]!) if (concerns(change, view.of)) out.push(change);
    }
    return out;
  }

  #put(view: View<unknown>, value: Value): Value {
    this.#values ??= new Map();
    this.#values.set(view, value);
    return value;
  }

  /** Lets go of what it follows: views are folded up to here, and those that have not been asked for in a long while are forgotten, which is cheaper. */
  #settle(objects: number): void {
    const newest = new Map<View<unknown>, { readonly value: Value; readonly isOwn: boolean }>();
    const changed = new Set<GroupResource>();
    for (let from: Derived | undefined = this; from; from = from.#before) {
      const isOwn = from === this;
      from.#values?.forEach((value, view) => {
        if (!newest.has(view)) newest.set(view, { value, isOwn });
      });
      for (const { key } of from.#changes) changed.add(key.slice(0, key.indexOf('/')));
    }
    for (const [view, { value, isOwn }] of newest) {
      if (isOwn) continue;
      const unread = value.unread + this.#pending;
      if (unread > Math.max(MIN_UNREAD, objects)) continue;
      const isConcerned = [...changed].some((resource) => isAmong(view.of, resource));
      const changes = isConcerned ? this.#concerning(view) : [];
      this.#put(view, { value: changes.length > 0 ? view.evolve(value.value, changes) : value.value, unread });
    }
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

const concerns = (change: Change, of: Of): boolean =>
  of === 'all' || ('allBut' in of ? !of.allBut.some((resource) => isOf(change, resource)) : of.some((resource) => isOf(change, resource)));

import type { GroupResource } from '../kube/object.ts';
import type { Change } from './change.ts';

/**
 * Something derived from the state that is kept up as the state evolves: an index, what a node has room for, the rules of RBAC. It is declared beside the
 * code that needs it and read with `state.view(…)`, on the newest state, a draft or the past alike. A value is never changed once it was returned.
 */
export interface View<T> {
  /** The resources that it is derived from: no other change concerns it. */
  readonly of: readonly GroupResource[] | 'all';
  /** Its value for a cluster without objects. */
  readonly initial: T;
  /** Its value after some changes of those resources, oldest first. They come in batches, so that what is copied is copied once for all of them. */
  readonly evolve: (value: T, changes: readonly Change[]) => T;
}

/**
 * A view's value at one state, folded when it is asked for. Until then it knows the value that it follows from, so that a view that nobody reads costs
 * no more than a reference per entry.
 */
export class Folded<T> {
  readonly #view: View<T>;
  #value: T | undefined;
  #after: { readonly from: Folded<T>; readonly changes: readonly Change[] } | undefined;
  /** How many changes have to be folded, at most, when it is asked for. */
  readonly #pending: number;

  private constructor(view: View<T>, value: T | undefined, after: { from: Folded<T>; changes: readonly Change[] } | undefined, pending: number) {
    this.#view = view;
    this.#value = value;
    this.#after = after;
    this.#pending = pending;
  }

  /** From all that there is: each object as if it had just been added. */
  static from<T>(view: View<T>, additions: readonly Change[]): Folded<T> {
    return new Folded(view, view.evolve(view.initial, additions), undefined, 0);
  }

  /** After more changes; undefined when by now it is cheaper to begin anew. */
  next(changes: readonly Change[], objects: number): Folded<T> | undefined {
    if (changes.length === 0) return this;
    const pending = (this.#after ? this.#pending : 0) + changes.length;
    if (pending > Math.max(MAX_PENDING, objects)) return undefined;
    return new Folded<T>(this.#view, undefined, { from: this, changes }, pending);
  }

  get value(): T {
    if (this.#after) {
      // What this one follows keeps what it comes to: the next draft on the same state begins there.
      this.#after.from.#fold();
      this.#fold();
    }
    return this.#value as T;
  }

  /** Folds all that is pending, in one batch. */
  #fold(): void {
    const pending: (readonly Change[])[] = [];
    let from: Folded<T> = this;
    for (; from.#after; from = from.#after.from) pending.push(from.#after.changes);
    if (pending.length === 0) return;
    this.#value = this.#view.evolve(from.#value as T, pending.length === 1 ? pending[0]! : pending.reverse().flat());
    this.#after = undefined;
  }
}

const MAX_PENDING = 1_000;

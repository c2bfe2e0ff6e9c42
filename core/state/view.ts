import type { GroupResource } from '../object.ts';
import type { Change } from './change.ts';
import type { State } from './state.ts';

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

  /** From all that there is, each object as if it had just been added. */
  static from<T>(view: View<T>, state: State): Folded<T> {
    return new Folded(view, view.evolve(view.initial, additionsOf(state, view.of)), undefined, 0);
  }

  /** After more changes; undefined when by now it is cheaper to begin anew. */
  next(changes: readonly Change[], objects: number): Folded<T> | undefined {
    if (changes.length === 0) return this;
    const pending = (this.#after ? this.#pending : 0) + changes.length;
    if (pending > Math.max(MAX_PENDING, objects)) return undefined;
    return new Folded<T>(this.#view, undefined, { from: this, changes }, pending);
  }

  get value(): T {
    const behind: Folded<T>[] = [];
    let from: Folded<T> = this;
    while (from.#after) {
      behind.push(from);
      from = from.#after.from;
    }
    // Those on the way keep what they come to: the next draft on the same state begins there.
    for (let i = behind.length - 1; i >= 0; i--) {
      const folded = behind[i]!;
      folded.#value = this.#view.evolve(from.#value as T, folded.#after!.changes);
      folded.#after = undefined;
      from = folded;
    }
    return this.#value as T;
  }
}

const MAX_PENDING = 1_000;

function additionsOf(state: State, of: View<unknown>['of']): Change[] {
  const out: Change[] = [];
  for (const resource of of === 'all' ? state.resources : of) {
    for (const [key, object] of state.entries(resource)) {
      out.push({ offset: Number(object.metadata.resourceVersion), type: 'ADDED', key, object, actor: '', time: state.time });
    }
  }
  return out;
}

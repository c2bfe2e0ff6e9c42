import type { Key } from '../kube/object.ts';
import type { LogEvent } from '../log/event.ts';
import type { Change } from '../state/change.ts';
import { Readers } from '../state/readers.ts';
import { Reads } from '../state/reads.ts';
import type { State } from '../state/state.ts';

/** An event that a pass wants to append, what it changes there, and for which primary object it was decided; none: for the pass as a whole. */
export interface Written {
  readonly event: LogEvent;
  readonly change: Change;
  readonly part: Key | undefined;
}

/**
 * What a pass has read, by primary object: when another writer changes what was read for one of them, that one alone is decided again (in the next pass), and what
 * was decided for the others stands.
 */
export class Parts {
  readonly #isObserved: boolean;
  /** Of the pass as a whole. */
  readonly #pass = new Reads();
  readonly #parts = new Map<Key, Reads>();

  /** Where there is no other writer, nothing is noted. */
  constructor({ isObserved }: State) {
    this.#isObserved = isObserved;
  }

  /** A draft of the pass, as one of its parts is to see it. */
  observed(draft: State, part: Key | undefined): State {
    return this.#isObserved ? draft.observed(this.#readsOf(part)) : draft;
  }

  /** All that was read. */
  get reads(): readonly Reads[] {
    return [this.#pass, ...this.#parts.values()];
  }

  /** The parts that some changes touch, and those that rest on what these have written. Undefined when the pass as a whole does. */
  touchedBy(changes: readonly Change[], written: readonly Written[]): ReadonlySet<Key> | undefined {
    const touched = new Set<Key>();
    for (let touching = changes; touching.length > 0; ) {
      if (this.#pass.touchedBy(touching)) return undefined;
      const more = this.#readers.touchedBy(touching).difference(touched);
      for (const part of more) touched.add(part);
      touching = written.filter(({ part }) => part !== undefined && more.has(part)).map(({ change }) => undone(change));
    }
    return touched;
  }

  /** When it is asked for, the pass is over, and nothing more is read. */
  get #readers(): Readers<Key> {
    this.#known ??= new Readers(this.#parts);
    return this.#known;
  }
  #known: Readers<Key> | undefined;

  #readsOf(part: Key | undefined): Reads {
    if (part === undefined) return this.#pass;
    const known = this.#parts.get(part);
    if (known) return known;
    const reads = new Reads();
    this.#parts.set(part, reads);
    return reads;
  }
}

/** What it is to the others that a change is not made after all. */
function undone(change: Change): Change {
  const { previous, ...rest } = change;
  if (!previous) return { ...rest, type: 'DELETED', previous: change.object };
  return change.type === 'DELETED' ? { ...rest, type: 'ADDED' } : { ...rest, object: previous, previous: change.object };
}

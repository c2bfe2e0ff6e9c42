import { parseKey } from '../kube/object.ts';
import type { Change } from './change.ts';
import type { Index } from './indexes.ts';
import { listsOf, type Note, type Reads, valuesIn } from './reads.ts';
import { isAmong } from './view.ts';

/** What many decisions have read, by what it is: those that a change touches are looked up, and not asked one after the other. */
export class Readers<T> {
  /** By the keys of objects, and by lists. */
  readonly #named = new Map<string, Reading<T>[]>();
  readonly #indexed = new Map<Index<never>, Map<string, Reading<T>[]>>();
  /** Of what any change may touch. */
  readonly #any: Reading<T>[] = [];

  constructor(all: Iterable<readonly [reader: T, reads: Reads]>) {
    for (const [reader, reads] of all) for (const note of reads.notes()) this.#add({ reader, isTouchedBy: note.isTouchedBy }, note);
  }

  /** The readers that some changes touch. */
  touchedBy(changes: readonly Change[]): Set<T> {
    const touched = new Set<T>();
    for (const change of changes) {
      for (const { reader, isTouchedBy } of this.#near(change)) if (!touched.has(reader) && (!isTouchedBy || isTouchedBy(change))) touched.add(reader);
    }
    return touched;
  }

  #add(reading: Reading<T>, { at }: Note): void {
    if (at === 'anywhere') this.#any.push(reading);
    else if ('name' in at) put(this.#named, at.name, reading);
    else {
      const values = this.#indexed.get(at.index) ?? new Map<string, Reading<T>[]>();
      this.#indexed.set(at.index, values);
      put(values, at.value, reading);
    }
  }

  /** What was read where a change is. */
  *#near(change: Change): Generator<Reading<T>> {
    for (const name of [change.key, ...listsOf(change)]) yield* this.#named.get(name) ?? [];
    const { resource } = parseKey(change.key);
    for (const [index, values] of this.#indexed) {
      if (isAmong(index.of, resource)) for (const value of valuesIn(index, change)) yield* values.get(value) ?? [];
    }
    yield* this.#any;
  }
}

interface Reading<T> extends Pick<Note, 'isTouchedBy'> {
  readonly reader: T;
}

function put<T>(map: Map<string, T[]>, key: string, one: T): void {
  const several = map.get(key);
  if (several) several.push(one);
  else map.set(key, [one]);
}

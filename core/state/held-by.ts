import { type Fields, fieldsOf, isFields } from '../kube/fields.ts';
import { Given } from '../managed-fields/given.ts';
import type { Change } from './change.ts';

/** What only the memory of a change keeps alive: the parts of the object before it that the object after it does not share. In bytes, about. */
export function heldBy(change: Change): number {
  const known = Weighed.of(change);
  if (known !== undefined) return known;
  const { type, object, previous } = change;
  const bytes = CHANGE + (type === 'DELETED' ? sizeOf(object) : previous ? unshared(fieldsOf(previous), fieldsOf(object)) : 0);
  new Weighed(change, bytes);
  return bytes;
}

/** It is asked for by all that keep changes. Each write makes a change: a private field costs it less than a place in a map. */
class Weighed extends Given {
  readonly #bytes: number;

  constructor(change: Change, bytes: number) {
    super(change);
    this.#bytes = bytes;
  }

  static of(change: Change): number | undefined {
    return #bytes in change ? change.#bytes : undefined;
  }
}

// Rounded sizes of V8: a change and its place; a value or a reference; a header and what it points to.
const CHANGE = 150;
const VALUE = 8;
const HEADER = 32;

// `for in` over plain objects allocates nothing: this runs for every change.
function unshared(before: Fields, after: Fields): number {
  let bytes = HEADER;
  for (const name in before) {
    const was = before[name];
    const is = after[name];
    bytes += VALUE;
    if (was === is) continue;
    bytes += isFields(was) && isFields(is) ? unshared(was, is) : sizeOf(was);
  }
  return bytes;
}

/** About how many bytes a value takes. */
export function sizeOf(value: unknown): number {
  if (typeof value === 'string') return HEADER + value.length;
  if (typeof value !== 'object' || value === null) return VALUE;
  let bytes = HEADER;
  if (Array.isArray(value)) for (let i = 0; i < value.length; i++) bytes += VALUE + sizeOf(value[i]);
  else for (const name in value) bytes += VALUE + name.length + sizeOf((value as Fields)[name]);
  return bytes;
}

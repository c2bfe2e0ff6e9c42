import { int64, uint64 } from './overflow.ts';
import { timestampAt } from './timestamp-range.ts';
import { Duration, Failure, hasNone, ListValue, noSuchOverload, OpaqueValue, type Result, Timestamp, Uint, type Value } from './value.ts';

/** The operations on numbers; times and lists have some of them too. A value that has none of its own fails with the operator's name, as in cel-go. */
export function add(a: Value, b: Value): Result {
  if (typeof a === 'bigint') return typeof b === 'bigint' ? int64(a + b) : noSuchOverload();
  if (typeof a === 'number') return typeof b === 'number' ? a + b : noSuchOverload();
  if (typeof a === 'string') return typeof b === 'string' ? a + b : noSuchOverload();
  if (a instanceof ListValue) return joined(a, b);
  if (a instanceof Uint) return b instanceof Uint ? uint64(a.value + b.value) : noSuchOverload();
  if (a instanceof Uint8Array) return b instanceof Uint8Array ? joinedBytes(a, b) : noSuchOverload();
  if (a instanceof Duration) return b instanceof Timestamp ? moved(b, a.nanos) : b instanceof Duration ? lasting(a.nanos + b.nanos) : noSuchOverload();
  if (a instanceof Timestamp) return b instanceof Duration ? moved(a, b.nanos) : noSuchOverload();
  return a instanceof OpaqueValue && a.operate ? a.operate('+', b) : hasNone(a, '_+_');
}

export function subtract(a: Value, b: Value): Result {
  if (typeof a === 'bigint') return typeof b === 'bigint' ? int64(a - b) : noSuchOverload();
  if (typeof a === 'number') return typeof b === 'number' ? a - b : noSuchOverload();
  if (a instanceof Uint) return b instanceof Uint ? uint64(a.value - b.value) : noSuchOverload();
  if (a instanceof Duration) return b instanceof Duration ? lasting(a.nanos - b.nanos) : noSuchOverload();
  if (a instanceof Timestamp) return b instanceof Timestamp ? lasting(nanosOf(a) - nanosOf(b)) : b instanceof Duration ? movedBack(a, b) : noSuchOverload();
  return a instanceof OpaqueValue && a.operate ? a.operate('-', b) : hasNone(a, '_-_');
}

export function multiply(a: Value, b: Value): Result {
  if (typeof a === 'bigint') return typeof b === 'bigint' ? int64(a * b) : multiple(b, a);
  if (typeof a === 'number') return typeof b === 'number' ? a * b : multiple(b, a);
  if (a instanceof Uint) return b instanceof Uint ? uint64(a.value * b.value) : noSuchOverload();
  return a instanceof OpaqueValue && a.operate ? a.operate('*', b) : hasNone(a, '_*_');
}

const multiple = (value: Value, times: Value): Result => (value instanceof OpaqueValue && value.operate ? value.operate('*', times) : noSuchOverload());

export function divide(a: Value, b: Value): Result {
  if (typeof a === 'bigint') return typeof b !== 'bigint' ? noSuchOverload() : b === 0n ? new Failure('division by zero') : int64(a / b);
  if (typeof a === 'number') return typeof b === 'number' ? a / b : noSuchOverload();
  if (a instanceof Uint) return !(b instanceof Uint) ? noSuchOverload() : b.value === 0n ? new Failure('division by zero') : new Uint(a.value / b.value);
  return a instanceof OpaqueValue && a.operate ? a.operate('/', b) : hasNone(a, '_/_');
}

export function modulo(a: Value, b: Value): Result {
  if (typeof a === 'bigint') return typeof b !== 'bigint' ? noSuchOverload() : b === 0n ? new Failure('modulus by zero') : remainder(a, b);
  if (a instanceof Uint) return !(b instanceof Uint) ? noSuchOverload() : b.value === 0n ? new Failure('modulus by zero') : new Uint(a.value % b.value);
  return hasNone(a, '_%_');
}

export function negate(a: Value): Result {
  if (typeof a === 'bigint') return int64(-a);
  if (typeof a === 'number') return -a;
  if (a instanceof Duration) return lasting(-a.nanos);
  return typeof a === 'boolean' ? noSuchOverload() : hasNone(a, '-_');
}

/** The least int by -1 overflows in Go, though its remainder would be 0. */
const remainder = (a: bigint, b: bigint): Result => (b === -1n && a === -(2n ** 63n) ? new Failure('integer overflow') : a % b);

function joined(a: ListValue, b: Value): Result {
  if (a.plus) return a.plus(b);
  if (!(b instanceof ListValue)) return noSuchOverload();
  if (a.size === 0) return b;
  if (b.size === 0) return a;
  // A list that is joined to itself again and again costs next to nothing, until something looks at all of it.
  return a.size + b.size > MAX_ELEMENTS ? new Failure(`list of more than ${MAX_ELEMENTS} elements`) : new Joined(a, b);
}

const MAX_ELEMENTS = 10_000_000;

/** Two lists, one after the other. Neither is copied: what it costs does not depend on their sizes. */
class Joined extends ListValue {
  readonly #first: ListValue;
  readonly #second: ListValue;
  readonly size: number;

  constructor(first: ListValue, second: ListValue) {
    super();
    this.#first = first;
    this.#second = second;
    this.size = first.size + second.size;
  }

  at(index: number): Result {
    return index < this.#first.size ? this.#first.at(index) : this.#second.at(index - this.#first.size);
  }
}

function joinedBytes(a: Uint8Array, b: Uint8Array): Uint8Array {
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}

const SECOND = 1_000_000_000n;

const nanosOf = ({ seconds, nanos }: Timestamp): bigint => BigInt(seconds) * SECOND + BigInt(nanos);

function lasting(nanos: bigint): Result {
  const checked = int64(nanos);
  return checked instanceof Failure ? checked : new Duration(checked);
}

function movedBack(timestamp: Timestamp, duration: Duration): Result {
  const nanos = int64(-duration.nanos);
  return nanos instanceof Failure ? nanos : moved(timestamp, nanos);
}

function moved(timestamp: Timestamp, nanos: bigint): Result {
  const total = nanosOf(timestamp) + nanos;
  const rest = ((total % SECOND) + SECOND) % SECOND;
  return timestampAt(Number((total - rest) / SECOND), Number(rest), timestamp.offset);
}

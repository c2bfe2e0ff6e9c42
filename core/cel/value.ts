import type { Comparison } from './deep-comparison.ts';
import { BOOL, BYTES, DOUBLE, DURATION, DYN, INT, LIST, MAP, NULL, optionalOf, STRING, TIMESTAMP, TYPE, Type, UINT } from './type.ts';

/**
 * What an expression evaluates to, or what its functions take. A JavaScript value where there is one that says which type it is of:
 *
 * | CEL | here |
 * |---|---|
 * | int | `bigint`, of 64 bits (`int64` in overflow.ts makes sure) |
 * | double | `number` |
 * | string | `string`; its size and indexes count code points (`code-points.ts`), not units of UTF-16 |
 * | bool, null | `boolean`, `null` |
 * | bytes | `Uint8Array` |
 * | uint, timestamp, duration, optional | a class each, below |
 * | list, map | `ListValue`, `MapValue`: abstract, so that JSON is converted where it is touched, and not before |
 * | type | `Type` |
 * | what a library adds (a quantity, an IP address, an authorizer) | an `OpaqueValue` |
 */
export type Value = bigint | number | string | boolean | null | Uint8Array | Uint | Timestamp | Duration | Optional | ListValue | MapValue | Type | OpaqueValue;

/** An error is passed along as values are: `false && error` is false (cel-spec, "Logical Operators"). */
export type Result = Value | Failure;

/** An error of an evaluation, in cel-go's words. */
export class Failure {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** An unsigned integer of 64 bits. */
export class Uint {
  readonly value: bigint;

  constructor(value: bigint) {
    this.value = value;
  }
}

/** A moment: whole seconds since 1970-01-01T00:00:00Z and the nanoseconds after them, 0 to 999,999,999. */
export class Timestamp {
  readonly seconds: number;
  readonly nanos: number;
  /** The seconds east of UTC that it was written with, which matters to nothing but its text. */
  readonly offset: number;

  constructor(seconds: number, nanos: number, offset = 0) {
    this.seconds = seconds;
    this.nanos = nanos;
    this.offset = offset;
  }
}

/** A length of time, in nanoseconds: 64 bits, as in Go. */
export class Duration {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** `optional.of(value)`, or `optional.none()` when it has none. */
export class Optional {
  static readonly none = new Optional(undefined);
  readonly value: Value | undefined;

  constructor(value: Value | undefined) {
    this.value = value;
  }
}

/** A list. An element may be a `Failure`: a value of an object that is not what its schema says. */
export abstract class ListValue {
  /** What it was made of, where that is JSON. */
  readonly json?: unknown;
  abstract readonly size: number;

  /** The element at an index that is known to be in the list: 0 to size - 1. */
  abstract at(index: number): Result;

  /** Whether `optional.ofNonZeroValue` takes it for nothing. */
  get isZero(): boolean {
    return this.size === 0;
  }

  /** Of lists that are not just their elements in order (`x-kubernetes-list-type`): `==`, `in` and `+`. */
  equals?(other: Value, comparison: Comparison): boolean | Failure;
  contains?(value: Value): boolean | Failure;
  plus?(other: Value): Result;

  *[Symbol.iterator](): Generator<Result> {
    for (let i = 0; i < this.size; i++) yield this.at(i);
  }
}

/** A list of values that are there already: a literal, what a function returns. */
export class Elements extends ListValue {
  readonly elements: readonly Value[];

  constructor(elements: readonly Value[]) {
    super();
    this.elements = elements;
  }

  get size(): number {
    return this.elements.length;
  }

  at(index: number): Value {
    return this.elements[index]!;
  }
}

/** A map, or an object of a Kubernetes API, which is a map at run time whatever the checker knows of its fields. */
export abstract class MapValue {
  /** What it was made of, where that is JSON. */
  readonly json?: unknown;
  abstract readonly size: number;

  /** undefined: it has no such key. */
  abstract find(key: Value): Result | undefined;

  abstract keys(): Iterable<Value>;

  /** Whether `optional.ofNonZeroValue` takes it for nothing. */
  get isZero(): boolean {
    return this.size === 0;
  }

  /** Of maps with a schema, whose comparison may find out that they are not what it says. */
  equals?(other: Value, comparison: Comparison): boolean | Failure;
}

/** A map of values that are there already. Numbers of all types are one key when they are equal: `{1: 'a'}[1.0]`. */
export class Entries extends MapValue {
  readonly #entries = new Map<unknown, readonly [key: Value, value: Value]>();

  constructor(entries: Iterable<readonly [key: Value, value: Value]> = []) {
    super();
    for (const entry of entries) this.#entries.set(identityOf(entry[0]), entry);
  }

  get size(): number {
    return this.#entries.size;
  }

  find(key: Value): Value | undefined {
    return this.#entries.get(identityOf(key))?.[1];
  }

  *keys(): Generator<Value> {
    for (const [key] of this.#entries.values()) yield key;
  }

  /** For what makes it, and has shown it to nothing yet. */
  insert(key: Value, value: Value): void {
    this.#entries.set(identityOf(key), [key, value]);
  }
}

/** What a JavaScript Map tells keys apart by. */
export function identityOf(key: Value): unknown {
  if (key instanceof Uint) return key.value;
  if (typeof key === 'number' && Number.isInteger(key)) return BigInt(key);
  return key;
}

/** A value of a type that a library adds. */
export abstract class OpaqueValue {
  /** What it was made of, where that is JSON. */
  readonly json?: unknown;
  abstract readonly type: Type;

  /** Whether it is equal to a value of any type; a Failure where Kubernetes knows no such comparison (`no such overload`). */
  abstract equals(other: Value): boolean | Failure;

  /** What is selected from it by a name, where its type has fields; undefined: it has none of this name. */
  field?(name: Value): Result | undefined;

  /** What an operator makes of it and another value (cel-go's traits Adder, Subtractor, Multiplier, Divider), where its type has any; `3 * value` is asked as `value * 3`. */
  operate?(operator: '+' | '-' | '*' | '/', other: Value): Result;

  /** Below zero when it comes before another one, above when after, where its type has an order (traits.Comparer). */
  order?(other: Value): number | Failure;

  /** Whether `optional.ofNonZeroValue` takes it for nothing. */
  get isZero(): boolean {
    return false;
  }

  /** What `size()` costs are counted by, where Kubernetes counts them (`traits.Sizer`); otherwise it counts as 1. */
  get costSize(): number {
    return 1;
  }
}

/** The type of a value at run time: lists and maps are of anything. */
export function typeOf(value: Value): Type {
  switch (typeof value) {
    case 'bigint':
      return INT;
    case 'number':
      return DOUBLE;
    case 'string':
      return STRING;
    case 'boolean':
      return BOOL;
  }
  if (value === null) return NULL;
  if (value instanceof ListValue) return LIST;
  if (value instanceof MapValue) return MAP;
  if (value instanceof Uint) return UINT;
  if (value instanceof Uint8Array) return BYTES;
  if (value instanceof Timestamp) return TIMESTAMP;
  if (value instanceof Duration) return DURATION;
  if (value instanceof Optional) return optionalOf(DYN);
  if (value instanceof Type) return TYPE;
  return value.type;
}

/** cel-go's answer to an operation that is not defined for its other operand (types.MaybeNoSuchOverloadErr). */
export const noSuchOverload = (): Failure => new Failure('no such overload');

/** And when the value has no such operation at all. Of texts and times, which have functions of their own, it does not say which. */
export function hasNone(value: Value, operation: string): Failure {
  const receiver = typeof value === 'string' || value instanceof Timestamp || value instanceof Duration;
  return receiver ? noSuchOverload() : new Failure(`no such overload: ${operation}`);
}

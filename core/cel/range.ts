import type { Range } from './library.ts';

/** More than can be counted: additions and products stay there (checker/cost.go of cel-go, `addUint64NoOverflow`). */
export const UNBOUNDED = 2n ** 64n - 1n;

export const UNKNOWN_SIZE: Range = { min: 0n, max: UNBOUNDED };
export const ONE: Range = { min: 1n, max: 1n };
export const ZERO: Range = { min: 0n, max: 0n };

export const exactly = (n: bigint | number): Range => ({ min: BigInt(n), max: BigInt(n) });

export const plus = (a: Range, b: Range): Range => ({ min: saturated(a.min + b.min), max: saturated(a.max + b.max) });

export const times = (a: Range, b: Range): Range => ({ min: saturated(a.min * b.min), max: saturated(a.max * b.max) });

/** Every value of either. */
export const union = (a: Range, b: Range): Range => ({ min: a.min < b.min ? a.min : b.min, max: a.max > b.max ? a.max : b.max });

/** A part of it, rounded up: 0.1 a character of a string that is traversed. */
export const scaled = (a: Range, factor: number): Range => ({ min: scale(a.min, factor), max: scale(a.max, factor) });

const saturated = (n: bigint): bigint => (n > UNBOUNDED ? UNBOUNDED : n);

function scale(n: bigint, factor: number): bigint {
  const product = Math.ceil(Number(n) * factor);
  return product >= 2 ** 64 ? UNBOUNDED : BigInt(product);
}

/** What it costs to look at each character once, of one character (common/cost.go of cel-go). */
export const STRING_TRAVERSAL = 0.1;
/** What each character of a regular expression adds to the cost of applying it to a character. */
export const REGEX_LENGTH = 0.25;
export const LIST_CREATION = 10;
export const MAP_CREATION = 30;
export const STRUCT_CREATION = 40;

import { Failure, Uint } from './value.ts';

const MIN_INT = -(2n ** 63n);
const MAX_INT = 2n ** 63n - 1n;
const MAX_UINT = 2n ** 64n - 1n;

/** The number as an int, which has 64 bits. */
export const int64 = (n: bigint): bigint | Failure => (n >= MIN_INT && n <= MAX_INT ? n : new Failure('integer overflow'));

export const uint64 = (n: bigint): Uint | Failure => (n >= 0n && n <= MAX_UINT ? new Uint(n) : new Failure('unsigned integer overflow'));

import { equal } from '../equality.ts';
import { Failure, identityOf, type Result, Uint } from '../value.ts';

/**
 * Values that are known, to be asked whether one is among them. Scalars are found at once, however many there are; lists, maps and what libraries add are compared one by one.
 */
export class Membership {
  readonly #scalars = new Set<unknown>();
  readonly #others: Result[] = [];

  constructor(values: Iterable<Result> = []) {
    for (const value of values) this.add(value);
  }

  add(value: Result): void {
    if (isScalar(value)) this.#scalars.add(identityOf(value));
    else this.#others.push(value);
  }

  has(value: Result): boolean {
    // NaN is equal to nothing.
    if (isScalar(value)) return !Number.isNaN(value) && this.#scalars.has(identityOf(value));
    if (value instanceof Failure) return false;
    return this.#others.some((other) => !(other instanceof Failure) && equal(other, value) === true);
  }
}

type Scalar = string | number | bigint | boolean | null | Uint;

const isScalar = (value: Result): value is Scalar => value === null || typeof value !== 'object' || value instanceof Uint;

import { equal } from '../equality.ts';
import { Failure, identityOf, type Result, Uint, type Value } from '../value.ts';

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
    if (!isScalar(value) || isLarge(value)) this.#others.push(value);
  }

  has(value: Result): boolean {
    if (value instanceof Failure || Number.isNaN(value)) return false;
    if (isScalar(value)) return this.#scalars.has(identityOf(value)) || (isLarge(value) && this.#isAmongOthers(value));
    return this.#isAmongOthers(value);
  }

  #isAmongOthers(value: Value): boolean {
    return this.#others.some((other) => !(other instanceof Failure) && equal(other, value) === true);
  }
}

type Scalar = string | number | bigint | boolean | null | Uint;

const isScalar = (value: Result): value is Scalar =>
  value === null || value instanceof Uint || (typeof value !== 'object' && !(typeof value === 'number' && isLarge(value)));

/** A number that may be equal to another that is not the same: Go compares doubles with integers as doubles. */
function isLarge(value: Value): boolean {
  const number = value instanceof Uint ? value.value : value;
  return (typeof number === 'number' || typeof number === 'bigint') && (number >= 2 ** 53 || number <= -(2 ** 53));
}

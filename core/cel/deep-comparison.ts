import { CostLimitExceeded } from './cost-limit.ts';

/** Deeper values than any that JSON is decoded to are not compared: the comparison would run out of stack. */
const MAX_DEPTH = 1_000;

/** More than two values of a request have to be looked at. A list may hold one list twice, which does so too, and be paid for as one of two elements. */
const MOST_COMPARED = 2 ** 22;

/** How far a comparison has come. */
export class Comparison {
  readonly #depth: number;
  readonly #compared: { count: number };

  constructor(depth = 0, compared = { count: 0 }) {
    this.#depth = depth;
    this.#compared = compared;
  }

  get isTooDeep(): boolean {
    return this.#depth > MAX_DEPTH;
  }

  /** Of what is in the values. Ends the evaluation when it is more than any could pay for. */
  within(): Comparison {
    if (++this.#compared.count > MOST_COMPARED) throw new CostLimitExceeded();
    return new Comparison(this.#depth + 1, this.#compared);
  }
}

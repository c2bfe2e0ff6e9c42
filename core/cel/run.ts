import { CostLimitExceeded } from './cost-limit.ts';
import type { Result } from './value.ts';

/** One evaluation: the variables that it is about, and what it has cost. */
export class Run {
  readonly bindings: Bindings;
  /** The variables of macros, by the slots that the plan gives them. */
  readonly locals: (Result | typeof UNSET)[];
  cost = 0;
  #work = 0;
  readonly #limit: number;

  constructor(bindings: Bindings, slots: number, limit: number) {
    this.bindings = bindings;
    this.locals = slots === 0 ? NO_LOCALS : new Array(slots);
    this.#limit = limit;
  }

  /** What it has spent: what it costs, and what Kubernetes does not count. */
  get spent(): number {
    return this.cost + this.#work;
  }

  spend(cost: number): void {
    this.cost += cost;
    if (this.cost + this.#work > this.#limit) throw new CostLimitExceeded();
  }

  work(amount: number): void {
    this.#work += amount;
    this.spend(0);
  }
}

/** The values of variables. One may be a Failure: an object that is not what its schema says. */
export type Bindings = Readonly<Record<string, Result>>;

/** A step of a plan. */
export type Evaluate = (run: Run) => Result;

/** A variable whose value is computed when it is first asked for. */
export const UNSET = Symbol('unset');

const NO_LOCALS: never[] = [];

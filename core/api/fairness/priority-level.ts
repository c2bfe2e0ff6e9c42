import type { LevelLimits } from './level-limits.ts';

/**
 * The seats of one priority level of a cluster. Those that it may lend others use while it does not need them; they are given back one by one as soon as a request of the
 * borrower ends (kube-apiserver moves them every ten seconds, by what was wanted in those before).
 */
export class PriorityLevel {
  #limits: LevelLimits;
  /** Requests on its own seats. */
  #own = 0;
  #lent = 0;
  /** Whose seats it uses, one for each of its requests that has none of its own. */
  readonly #lenders: PriorityLevel[] = [];

  constructor(limits: LevelLimits) {
    this.#limits = limits;
  }

  limit(limits: LevelLimits): void {
    this.#limits = limits;
  }

  get #executing(): number {
    return this.#own + this.#lenders.length;
  }

  /** How much of what it has by right it uses. */
  get load(): number {
    return this.#executing / Math.max(1, this.#limits.nominal);
  }

  /** Takes a seat, of its own or of one of the others; says whether there was one. */
  take(others: Iterable<PriorityLevel>): boolean {
    if (this.#hasFree) {
      this.#own++;
      return true;
    }
    if (this.#lenders.length >= this.#limits.borrowing) return false;
    for (const other of others) {
      if (other === this || !other.#lends) continue;
      other.#lent++;
      this.#lenders.push(other);
      return true;
    }
    return false;
  }

  /** Gives a seat back: first what it has of others. */
  giveBack(): void {
    const lender = this.#lenders.pop();
    if (lender) lender.#lent--;
    else this.#own--;
  }

  get #hasFree(): boolean {
    return this.#own + this.#lent < this.#limits.nominal;
  }

  get #lends(): boolean {
    return this.#hasFree && this.#lent < this.#limits.lendable;
  }
}

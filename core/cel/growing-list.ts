import { Elements, Failure, ListValue, noSuchOverload, type Result, type Value } from './value.ts';

/** A list that grows as a macro goes on; nothing else has it before that is done. */
export class Growing extends ListValue {
  readonly #elements: Value[] = [];

  get size(): number {
    return this.#elements.length;
  }

  at(index: number): Value {
    return this.#elements[index]!;
  }

  override plus(other: Value): Result {
    if (!(other instanceof ListValue)) return noSuchOverload();
    for (let i = 0; i < other.size; i++) {
      const element = other.at(i);
      if (element instanceof Failure) return element;
      this.#elements.push(element);
    }
    return this;
  }

  grown(): ListValue {
    return new Elements(this.#elements);
  }
}

import { timeout } from '../../kube/status.ts';

/** One thing wrong with a value, as kube-openapi tells it (pkg/validation/errors). */
export interface ValueError {
  readonly code: 'type' | 'required' | 'tooLong' | 'enum' | 'maxItems' | 'maxProperties' | 'other';
  /** Where it is; undefined for what is told of no place. */
  readonly path: string | undefined;
  /** What is wrong: kube-openapi's text. Errors of one text are one. */
  readonly message: string;
  readonly value?: unknown;
  /** The limit that is exceeded, or the values that are allowed. */
  readonly valid?: unknown;
}

/**
 * What came of a validation. `matches` counts the checks that a value passed: of several alternatives that all failed, the errors of the one with most matches
 * are told (kube-openapi's Result).
 */
export class Result {
  matches: number;
  #errors: Map<string, ValueError> | undefined;

  constructor(matches = 0) {
    this.matches = matches;
  }

  get isValid(): boolean {
    return this.#errors === undefined;
  }

  get errors(): readonly ValueError[] {
    return this.#errors ? [...this.#errors.values()] : [];
  }

  add(error: ValueError): void {
    this.#errors ??= new Map();
    // What a client is told has an end long before.
    if (this.#errors.size < MAX_ERRORS && !this.#errors.has(error.message)) this.#errors.set(error.message, error);
  }

  merge(other: Result): void {
    this.matches += other.matches;
    if (other.#errors) for (const error of other.#errors.values()) this.add(error);
  }

  /** The same matches, and nothing wrong. */
  forgiven(): Result {
    return new Result(this.matches);
  }
}

const MAX_ERRORS = 1_000;

/**
 * How much a validation may do: a schema of thousands of alternatives, each held against each element of a long list, would take the process for minutes.
 * Kubernetes ends such a request by its time; here it ends by its steps, so that it ends the same way everywhere.
 */
export class Budget {
  #steps = 1_000_000;

  spend(steps = 1): void {
    this.#steps -= steps;
    if (this.#steps < 0) throw timeout('request did not complete within requested timeout - context deadline exceeded');
  }
}

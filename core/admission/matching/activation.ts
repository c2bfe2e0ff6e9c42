import type { Bindings } from '../../cel/run.ts';
import { Failure, MapValue, type Result, type Value } from '../../cel/value.ts';
import type { Expression, Expressions } from './expression.ts';
import { bindingsOf, type Input } from './input.ts';

/** What expressions of one policy may cost together, for one binding and one set of parameters; and what match conditions may (k8s.io/apiserver/pkg/apis/cel, config.go). */
export const BUDGET = 10_000_000;
export const BUDGET_OF_CONDITIONS = 2_500_000;

export type Outcome = { readonly value: Value } | { readonly error: string };

/** Ends all evaluations of an activation. */
export class OutOfBudget extends Error {
  override readonly name = 'OutOfBudget';

  constructor() {
    super('validation failed due to running out of cost budget, no further validation rules will be run');
  }
}

/** The evaluations of some expressions for one request, on one budget: variables are evaluated once, when the first of them asks (apiserver's plugin/cel, activation.go and composition.go). */
export class Activation {
  #remaining: number;
  readonly #bindings: Bindings;

  constructor(input: Input, { variables }: Expressions, budget: number) {
    this.#remaining = budget;
    this.#bindings = Object.defineProperties(bindingsOf(input), { variables: { value: new Variables(variables, (variable) => this.#ofVariable(variable)) } });
  }

  /** What is left to spend. */
  get remaining(): number {
    return this.#remaining;
  }

  /** Throws OutOfBudget. */
  evaluate({ text, compiled }: Expression): Outcome {
    if ('issues' in compiled) return { error: `compilation error: compilation failed: ${compiled.message}` };
    const evaluated = compiled.program.evaluate(this.#bindings, { costLimit: this.#remaining });
    this.#remaining -= evaluated.spent;
    if (this.#remaining < 0) throw new OutOfBudget();
    return 'error' in evaluated ? { error: `expression '${text}' resulted in error: ${evaluated.error}` } : evaluated;
  }

  #ofVariable({ name, expression: { compiled } }: NamedExpression): Result {
    if ('issues' in compiled) return new Failure(`composited variable ${JSON.stringify(name)} fails to compile: compilation failed: ${compiled.message}`);
    const evaluated = compiled.program.evaluate(this.#bindings, { costLimit: Math.max(0, this.#remaining) });
    this.#remaining -= evaluated.spent;
    return 'error' in evaluated ? new Failure(`composited variable ${JSON.stringify(name)} fails to evaluate: ${evaluated.error}`) : evaluated.value;
  }
}

interface NamedExpression {
  readonly name: string;
  readonly expression: Expression;
}

/** `variables`: the values of those that have been asked for. */
class Variables extends MapValue {
  readonly #expressions: ReadonlyMap<string, Expression>;
  readonly #evaluate: (variable: NamedExpression) => Result;
  readonly #values = new Map<string, Result>();

  constructor(expressions: ReadonlyMap<string, Expression>, evaluate: (variable: NamedExpression) => Result) {
    super();
    this.#expressions = expressions;
    this.#evaluate = evaluate;
  }

  get size(): number {
    return this.#expressions.size;
  }

  find(key: Value): Result | undefined {
    const name = String(key);
    let value = this.#values.get(name);
    if (value !== undefined) return value;
    const expression = this.#expressions.get(name);
    if (!expression) return undefined;
    value = this.#evaluate({ name, expression });
    this.#values.set(name, value);
    return value;
  }

  keys(): Iterable<string> {
    return this.#expressions.keys();
  }
}

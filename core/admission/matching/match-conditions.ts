import type { MatchCondition } from '../../schema/generated/kinds.ts';
import { Activation, BUDGET_OF_CONDITIONS, OutOfBudget } from './activation.ts';
import type { Expression, Expressions } from './expression.ts';
import type { Input } from './input.ts';

/** What conditions say of a request: whether it is one that is looked at, or why that is not known and the request is to be refused. */
export type ConditionsOutcome = { readonly matches: boolean } | { readonly error: string };

/** The conditions of a policy or a webhook (apiserver's pkg/admission/plugin/webhook/matchconditions, matcher.go). */
export class MatchConditions {
  readonly #expressions: Expressions;
  readonly #conditions: readonly Expression[];
  readonly #ignoresErrors: boolean;

  constructor(
    conditions: readonly MatchCondition[],
    { expressions, failurePolicy }: { readonly expressions: Expressions; readonly failurePolicy: string | undefined },
  ) {
    this.#expressions = expressions;
    this.#conditions = conditions.map(({ expression }) => expressions.expression(expression, { authorizer: true }));
    this.#ignoresErrors = failurePolicy === 'Ignore';
  }

  /** One that is false decides, whatever is wrong with others; what is wrong is for the failure policy. */
  evaluate(input: Input): ConditionsOutcome {
    if (this.#conditions.length === 0) return { matches: true };
    try {
      return this.#evaluate(input);
    } catch (error) {
      if (!(error instanceof OutOfBudget)) throw error;
      return this.#failed([error.message]);
    }
  }

  #evaluate(input: Input): ConditionsOutcome {
    const activation = new Activation({ ...input, namespace: undefined }, this.#expressions, BUDGET_OF_CONDITIONS);
    const outcomes = this.#conditions.map((condition) => activation.evaluate(condition));
    if (outcomes.some((outcome) => 'value' in outcome && outcome.value === false)) return { matches: false };
    const errors = outcomes.flatMap((outcome) => ('error' in outcome ? [outcome.error] : []));
    return errors.length > 0 ? this.#failed(errors) : { matches: true };
  }

  #failed(errors: readonly string[]): ConditionsOutcome {
    if (this.#ignoresErrors) return { matches: false };
    const [first, ...others] = new Set(errors);
    return { error: others.length > 0 ? `[${[first, ...others].join(', ')}]` : first! };
  }
}

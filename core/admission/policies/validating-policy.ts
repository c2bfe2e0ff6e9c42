import { typeOf } from '../../cel/value.ts';
import type { ParamKind, ValidatingAdmissionPolicy } from '../../schema/generated/kinds.ts';
import { Activation, BUDGET, type Outcome, OutOfBudget } from '../matching/activation.ts';
import { type Expression, Expressions } from '../matching/expression.ts';
import type { Input } from '../matching/input.ts';
import { MatchConditions } from '../matching/match-conditions.ts';

/** What a policy has found wrong with a request. */
export interface Violation {
  /** Of the validation; 0 for what concerns none. */
  readonly index: number;
  readonly message: string;
  /** Of the Status that refuses the request. */
  readonly reason: string | undefined;
}

export interface Validated {
  readonly violations: readonly Violation[];
  /** For the audit, by their keys. */
  readonly annotations: readonly { readonly key: string; readonly value: string }[];
  /** What kept annotations from being made, where the failure policy refuses the request for that. */
  readonly annotationErrors: readonly string[];
}

/** A ValidatingAdmissionPolicy, compiled: what it makes of requests (apiserver's policy/validating, validator.go). */
export class ValidatingPolicy {
  readonly paramKind: ParamKind | undefined;
  readonly ignoresErrors: boolean;
  readonly #expressions: Expressions;
  readonly #conditions: MatchConditions;
  readonly #validations: readonly Validation[];
  readonly #annotations: readonly { readonly key: string; readonly expression: Expression }[];

  constructor({ spec = {} }: ValidatingAdmissionPolicy) {
    const { paramKind, failurePolicy, variables, matchConditions = [], validations = [], auditAnnotations = [] } = spec;
    const expressions = new Expressions({ params: paramKind !== undefined, variables });
    this.paramKind = paramKind;
    this.ignoresErrors = failurePolicy === 'Ignore';
    this.#expressions = expressions;
    this.#conditions = new MatchConditions(matchConditions, { expressions, failurePolicy });
    this.#validations = validations.map(({ expression, message, messageExpression, reason }) => ({
      expression: expressions.expression(expression, { authorizer: true }),
      messageExpression: messageExpression ? expressions.expression(messageExpression, {}) : undefined,
      message: message?.trim() || `failed expression: ${expression.trim()}`,
      reason,
    }));
    this.#annotations = auditAnnotations.map(({ key, valueExpression }) => ({
      key,
      expression: expressions.expression(valueExpression, { authorizer: true }),
    }));
  }

  validate(input: Input): Validated {
    const conditions = this.#conditions.evaluate(input);
    if ('error' in conditions) return this.#failed(conditions.error);
    if (!conditions.matches) return nothing;
    try {
      const violations = this.#violations(input);
      return { ...this.#annotated(input), violations };
    } catch (error) {
      if (error instanceof OutOfBudget) return this.#failed(error.message);
      throw error;
    }
  }

  #violations(input: Input): Violation[] {
    const activation = new Activation(input, this.#expressions, BUDGET);
    const outcomes = this.#validations.map(({ expression }) => activation.evaluate(expression));
    const messages = this.#messages(input, activation.remaining);
    return this.#validations.flatMap(({ message, reason }, index) => {
      const outcome = outcomes[index]!;
      if ('error' in outcome) return this.#error(index, outcome.error);
      if (typeof messages === 'string') return this.#error(index, `failed messageExpression: ${messages}`);
      return outcome.value === true ? [] : [{ index, message: shortText(messages[index]) || message, reason }];
    });
  }

  /** What messages evaluate to, of what the validations left of the budget; a text: why they are not. */
  #messages(input: Input, budget: number): (Outcome | undefined)[] | string {
    if (!this.#validations.some(({ messageExpression }) => messageExpression)) return [];
    const activation = new Activation(input, this.#expressions, budget);
    try {
      return this.#validations.map(({ messageExpression }) => messageExpression && activation.evaluate(messageExpression));
    } catch (error) {
      if (error instanceof OutOfBudget) return error.message;
      throw error;
    }
  }

  #annotated(input: Input): Pick<Validated, 'annotations' | 'annotationErrors'> {
    if (this.#annotations.length === 0) return nothing;
    const activation = new Activation(input, this.#expressions, BUDGET);
    const annotations: { key: string; value: string }[] = [];
    const annotationErrors: string[] = [];
    for (const { key, expression } of this.#annotations) {
      const outcome = activation.evaluate(expression);
      if ('error' in outcome) {
        if (!this.ignoresErrors) annotationErrors.push(outcome.error);
      } else if (typeof outcome.value === 'string') {
        const value = outcome.value.trim();
        if (value) annotations.push({ key, value });
      } else if (outcome.value !== null) {
        annotationErrors.push(
          `valueExpression '${expression.text}' resulted in unsupported return type: ${typeOf(outcome.value)}. Return type must be either string or null.`,
        );
      }
    }
    return { annotations, annotationErrors };
  }

  #failed(message: string): Validated {
    return { ...nothing, violations: this.#error(0, message) };
  }

  #error(index: number, message: string): Violation[] {
    return this.ignoresErrors ? [] : [{ index, message, reason: undefined }];
  }
}

interface Validation {
  readonly expression: Expression;
  readonly messageExpression: Expression | undefined;
  /** Where no expression says another. */
  readonly message: string;
  readonly reason: string | undefined;
}

const nothing: Validated = { violations: [], annotations: [], annotationErrors: [] };

/** How long a message may be that an expression has made, in bytes (k8s.io/apiserver/pkg/apis/cel, `MaxEvaluatedMessageExpressionSizeBytes`). */
const MAX_MESSAGE = 5 * 1024;

/** The text of a message, when it is one that fits into a line. */
function shortText(outcome: Outcome | undefined): string | undefined {
  if (!outcome || 'error' in outcome || typeof outcome.value !== 'string') return undefined;
  const text = outcome.value.trim();
  return Buffer.byteLength(text) > MAX_MESSAGE || text.includes('\n') ? undefined : text;
}

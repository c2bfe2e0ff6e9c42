import type { Value } from '../../cel/value.ts';
import type { MutatingAdmissionPolicy, ParamKind } from '../../schema/generated/kinds.ts';
import { Activation, BUDGET, OutOfBudget } from '../matching/activation.ts';
import { type Expression, Expressions } from '../matching/expression.ts';
import type { Input } from '../matching/input.ts';
import { MatchConditions } from '../matching/match-conditions.ts';
import { type Mutate, MutationError, mutations } from './mutations.ts';

/** A MutatingAdmissionPolicy, compiled (apiserver's policy/mutating, compilation.go). */
export class MutatingPolicy {
  readonly paramKind: ParamKind | undefined;
  readonly ignoresErrors: boolean;
  /** Whether it is asked again when a plugin after it has changed the object. */
  readonly isReinvocable: boolean;
  readonly conditions: MatchConditions;
  readonly mutations: readonly CompiledMutation[];
  readonly #expressions: Expressions;

  constructor({ spec = {} }: MutatingAdmissionPolicy) {
    const { paramKind, failurePolicy, variables, matchConditions = [], mutations: given = [], reinvocationPolicy } = spec;
    const expressions = new Expressions({ params: paramKind !== undefined, variables });
    this.#expressions = expressions;
    this.paramKind = paramKind;
    this.ignoresErrors = failurePolicy === 'Ignore';
    this.isReinvocable = reinvocationPolicy === 'IfNeeded';
    this.conditions = new MatchConditions(matchConditions, { expressions, failurePolicy });
    this.mutations = given.flatMap(({ patchType, applyConfiguration, jsonPatch }) => {
      const expression = (patchType === 'JSONPatch' ? jsonPatch : applyConfiguration)?.expression;
      const mutate = mutations[patchType];
      return expression === undefined || !mutate ? [] : [{ mutate, expression: expressions.expression(expression, { authorizer: true, patches: true }) }];
    });
  }

  /** What the expression of one of its mutations evaluates to; each has a budget of its own. Throws a MutationError. */
  evaluate({ expression }: CompiledMutation, input: Input): Value {
    try {
      const outcome = new Activation(input, this.#expressions, BUDGET).evaluate(expression);
      if ('value' in outcome) return outcome.value;
      throw new MutationError(outcome.error);
    } catch (error) {
      throw error instanceof OutOfBudget ? new MutationError(error.message) : error;
    }
  }
}

export interface CompiledMutation {
  readonly mutate: Mutate;
  readonly expression: Expression;
}

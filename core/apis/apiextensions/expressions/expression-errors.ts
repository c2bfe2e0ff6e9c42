import type { FieldError } from '../../../kube/status.ts';
import { forbiddenField, internalError, invalidValue } from '../../../kube/validation/field.ts';
import type { JSONSchemaProps } from '../../../schema/generated/kinds.ts';
import { printedRule } from '../definition/hoisted.ts';
import { type CompiledRule, compiledRules } from './compiled-rules.ts';

/** The most that one expression may cost, for all that is known of the sizes of its values, and all of a schema together. */
const EXPRESSION_LIMIT = 10_000_000n;
const SCHEMA_LIMIT = 100_000_000n;

/** What the expressions of a schema may cost together (apiextensions' cel_validation.go). */
export class Costs {
  readonly errors: FieldError[] = [];
  #total = 0n;
  #dearest: { readonly path: string; readonly cost: bigint }[] = [];

  observe(path: string, cost: bigint): void {
    this.#total += cost;
    if (cost < SCHEMA_LIMIT / 100n) return;
    this.#dearest = [...this.#dearest, { path, cost }].sort((a, b) => (a.cost > b.cost ? -1 : a.cost < b.cost ? 1 : 0)).slice(0, 4);
  }

  /** What is wrong with them together. `path`: of the schema. */
  totalErrors(path: string): FieldError[] {
    if (this.#total <= SCHEMA_LIMIT) return [];
    return [
      ...this.#dearest.map((one) => forbiddenField(one.path, 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema')),
      forbiddenField(path, tooDear('x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema', this.#total, SCHEMA_LIMIT)),
    ];
  }
}

export interface RulesAt {
  readonly path: string;
  /** Of a whole object. */
  readonly root: boolean;
  /** How many values there may be of the schema; undefined: as many as fit. */
  readonly cardinality: bigint | undefined;
  /** The first schema around it whose values cannot be told from those before an update. */
  readonly uncorrelatable: string | undefined;
  /** What it may cost is not asked: it was accepted before. */
  readonly costsAreKept: boolean;
  readonly costs: Costs;
}

/** What is wrong with the expressions of a schema that is right otherwise. */
export function expressionErrors(schema: JSONSchemaProps, at: RulesAt): FieldError[] {
  const path = `${at.path}.x-kubernetes-validations`;
  const compiled = compiledRules(schema, at.root);
  if (!compiled) {
    const problem =
      'internal error: failed to construct type information for x-kubernetes-validations rules: unable to convert structural schema to CEL declarations';
    return [internalError(path, problem)];
  }
  return compiled.rules.flatMap((rule, i) => errorsOfRule(rule, `${path}[${i}]`, at, compiled.maxCardinality));
}

function errorsOfRule(
  compiled: CompiledRule,
  path: string,
  { cardinality, uncorrelatable, costsAreKept, costs }: RulesAt,
  maxCardinality: bigint,
): FieldError[] {
  const { rule, problem, message, usesOldSelf, maxCost } = compiled;
  const cost = saturated(maxCost * (cardinality ?? maxCardinality));
  const errors: FieldError[] = [];
  if (!costsAreKept && cost > EXPRESSION_LIMIT) errors.push(forbiddenField(`${path}.rule`, tooDear('estimated rule cost', cost, EXPRESSION_LIMIT)));
  costs.observe(`${path}.rule`, cost);
  if (problem !== undefined) errors.push(invalidValue(`${path}.rule`, printedRule(rule), problem));
  if (message && 'problem' in message) errors.push(invalidValue(`${path}.messageExpression`, printedRule(rule), message.problem));
  else if (message) {
    if (!costsAreKept && message.maxCost > EXPRESSION_LIMIT) {
      errors.push(forbiddenField(`${path}.messageExpression`, tooDear('estimated messageExpression cost', message.maxCost, EXPRESSION_LIMIT)));
    }
    costs.observe(`${path}.messageExpression`, message.maxCost);
  }
  if (usesOldSelf && uncorrelatable !== undefined)
    errors.push(invalidValue(`${path}.rule`, rule.rule, `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelatable}`));
  if (!usesOldSelf && rule.optionalOldSelf !== undefined)
    errors.push(invalidValue(`${path}.optionalOldSelf`, rule.optionalOldSelf, 'may not be set if oldSelf is not used in rule'));
  return errors;
}

const MOST = 2n ** 64n - 1n;

const saturated = (cost: bigint): bigint => (cost > MOST ? MOST : cost);

/** How many values there may be of what is in a schema, for each of its own (cel_validation.go, extractMaxElements). */
export function cardinalityWithin(
  { type, additionalProperties, maxProperties, maxItems }: JSONSchemaProps,
  cardinality: bigint | undefined,
): bigint | undefined {
  const most = type === 'object' && additionalProperties !== undefined ? maxProperties : type === 'array' ? maxItems : 1;
  return cardinality === undefined || most === undefined ? undefined : saturated(cardinality * BigInt(Math.max(0, most)));
}

function tooDear(what: string, cost: bigint, limit: bigint): string {
  const factor = Number(cost) / Number(limit);
  const times = factor > 100 ? 'more than 100x' : factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`;
  return `${what} exceeds budget by factor of ${times} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}

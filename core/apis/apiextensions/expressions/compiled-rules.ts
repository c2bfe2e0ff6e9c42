import { type Compiled, compile, type Program } from '../../../cel/compile.ts';
import type { Environment } from '../../../cel/environment.ts';
import { rulesOf } from '../../../cel/schema/rules.ts';
import type { Schema } from '../../../cel/schema/schema.ts';
import { MAX_REQUEST } from '../../../cel/schema/schema-type.ts';
import { BOOL, STRING, type Type } from '../../../cel/type.ts';
import type { JSONSchemaProps, ValidationRule } from '../../../schema/generated/kinds.ts';
import { fieldAtPath } from '../definition/schema/field-path.ts';

/** A rule of a schema, ready to be evaluated (apiextensions-apiserver's pkg/apiserver/schema/cel/compilation.go). */
export interface CompiledRule {
  readonly rule: ValidationRule;
  /** Why it cannot be evaluated. */
  readonly problem?: string;
  readonly program?: Program;
  /** It is about a change: without an earlier value it says nothing. */
  readonly usesOldSelf: boolean;
  /** What an evaluation may cost. */
  readonly maxCost: bigint;
  readonly message?: { readonly problem: string } | { readonly program: Program; readonly maxCost: bigint };
  /** The field that a failure is told of, below that of the schema. */
  readonly fieldPath?: string;
}

export interface CompiledRules {
  readonly rules: readonly CompiledRule[];
  /** How many values of the schema fit into one request. */
  readonly maxCardinality: bigint;
}

/** The rules of a schema itself; undefined when expressions do not get to see its values. `root`: it is of a whole object. */
export function compiledRules(schema: JSONSchemaProps, root: boolean): CompiledRules | undefined {
  const cache = root ? ofRoots : ofParts;
  let compiled = cache.get(schema);
  if (!compiled) {
    compiled = { rules: compileAll(schema, root) };
    cache.set(schema, compiled);
  }
  return compiled.rules;
}

const ofRoots = new WeakMap<JSONSchemaProps, { readonly rules: CompiledRules | undefined }>();
const ofParts = new WeakMap<JSONSchemaProps, { readonly rules: CompiledRules | undefined }>();

function compileAll(schema: JSONSchemaProps, root: boolean): CompiledRules | undefined {
  const plain = rulesOf(schema as Schema, { root });
  if (!plain) return undefined;
  let optional: typeof plain | undefined;
  const rules = (schema['x-kubernetes-validations'] ?? []).map((rule) => {
    if (rule.optionalOldSelf) optional ??= rulesOf(schema as Schema, { root, optionalOldSelf: true })!;
    return compileRule(rule, schema, (rule.optionalOldSelf ? optional! : plain).environment);
  });
  return { rules, maxCardinality: BigInt(Math.trunc(MAX_REQUEST / (plain.leastBytes + 1))) };
}

function compileRule(rule: ValidationRule, schema: JSONSchemaProps, within: Environment): CompiledRule {
  if ((rule.rule ?? '').trim() === '') return { rule, usesOldSelf: false, maxCost: 0n };
  const compiled = compiledAs(BOOL, rule.rule, within, { what: '', failed: 'compilation failed', wrongType: 'cel expression must evaluate to a bool' });
  if ('problem' in compiled) return { rule, problem: compiled.problem, usesOldSelf: compiled.usesOldSelf, maxCost: 0n };
  const { program, references } = compiled;
  const fieldPath = rule.fieldPath ? fieldAtPath(rule.fieldPath, schema) : undefined;
  return {
    rule,
    program,
    usesOldSelf: references.has('oldSelf'),
    maxCost: compiled.estimate().max,
    ...(rule.messageExpression && { message: compiledMessage(rule.messageExpression, within) }),
    ...(fieldPath && 'path' in fieldPath && { fieldPath: fieldPath.path }),
  };
}

function compiledMessage(expression: string, within: Environment): NonNullable<CompiledRule['message']> {
  const texts = { what: 'messageExpression ', failed: 'messageExpression compilation failed', wrongType: 'messageExpression must evaluate to a string' };
  const compiled = compiledAs(STRING, expression, within, texts);
  return 'problem' in compiled ? compiled : { program: compiled.program, maxCost: compiled.estimate().max };
}

interface Texts {
  readonly what: string;
  readonly failed: string;
  readonly wrongType: string;
}

function compiledAs(
  type: Type,
  expression: string,
  within: Environment,
  { what, failed, wrongType }: Texts,
): Compiled | { readonly problem: string; readonly usesOldSelf: boolean } {
  const compiled = compile(expression, within);
  if ('issues' in compiled) {
    const problem = compiled.program ? `${what || 'program '}instantiation failed: ${compiled.message}` : `${failed}: ${compiled.message}`;
    return { problem, usesOldSelf: false };
  }
  return compiled.type.kind === type.kind ? compiled : { problem: wrongType, usesOldSelf: false };
}

import { type Schema, withObjectMeta } from '../../../cel/schema/schema.ts';
import { schemaValue } from '../../../cel/schema/schema-value.ts';
import { Failure, Optional, type Result, type Value } from '../../../cel/value.ts';
import type { FieldError } from '../../../kube/status.ts';
import { duplicate, forbiddenField, invalidValue, required } from '../../../kube/validation/field.ts';
import { Correlation } from '../../../schema/custom/correlation.ts';
import { itemsOf, valuesOf } from '../../../schema/custom/schema-walk.ts';
import { NO_FIELD } from '../../../schema/custom/value-errors.ts';
import type { JSONSchemaProps, ValidationRule } from '../../../schema/generated/kinds.ts';
import { type CompiledRule, compiledRules } from './compiled-rules.ts';

/** What all rules may cost that are evaluated for one request (k8s.io/apiserver/pkg/apis/cel, RuntimeCELCostBudget). */
const BUDGET = 10_000_000;
/** The longest message that an expression may make, in bytes. */
const MAX_MESSAGE = 5 * 1024;

interface Values {
  readonly value: unknown;
  /** What it was, for rules about changes; undefined: nothing is known of that. */
  readonly before?: unknown;
  /** By which it is told what has not changed: that is forgiven. Absent for a new object. */
  readonly correlation?: Correlation;
}

interface Options {
  readonly path?: string;
  /** The schema is of a whole object. */
  readonly root?: boolean;
}

/**
 * What the rules of a schema say of a value (Kubernetes documentation, "Validation rules"; apiextensions-apiserver's pkg/apiserver/schema/cel/validation.go).
 */
export function ruleErrors({ value, before, correlation }: Values, schema: JSONSchemaProps, { path = '', root = false }: Options = {}): FieldError[] {
  const evaluation = new Evaluation();
  if (hasRules(schema)) evaluation.visit({ value, before, path, schema, root, ratchet: { current: correlation, parent: undefined } });
  return evaluation.errors;
}

/** Whether there are rules anywhere in a schema. */
export function hasRules(schema: JSONSchemaProps): boolean {
  let known = withRules.get(schema);
  if (known === undefined) {
    const items = itemsOf(schema);
    const values = valuesOf(schema);
    const inner = [...Object.values(schema.properties ?? {}), ...(items ? [items] : []), ...(values ? [values] : [])];
    known = Boolean(schema['x-kubernetes-validations']?.length) || inner.some(hasRules);
    withRules.set(schema, known);
  }
  return known;
}

const withRules = new WeakMap<JSONSchemaProps, boolean>();

/** What tells whether a value has changed: its own comparison, or else that of the nearest value around it that can be compared. */
interface Ratchet {
  readonly current: Correlation | undefined;
  readonly parent: Correlation | undefined;
}

interface Visit {
  readonly value: unknown;
  readonly before: unknown;
  readonly path: string;
  readonly schema: JSONSchemaProps;
  readonly root: boolean;
  readonly ratchet: Ratchet;
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** One value with all that is in it, as long as there is something left to spend. */
class Evaluation {
  readonly errors: FieldError[] = [];
  #left = BUDGET;

  visit(visit: Visit): void {
    const { value, before, schema, path, ratchet } = visit;
    if (value === null || value === undefined || !hasRules(schema)) return;
    this.#evaluate(visit);
    const inner = (of: JSONSchemaProps | undefined, at: string, given: unknown, earlier: unknown, next: Ratchet) => {
      if (of && this.#left >= 0)
        this.visit({ value: given, before: earlier, path: at, schema: of, root: of['x-kubernetes-embedded-resource'] ?? false, ratchet: next });
    };
    if (Array.isArray(value)) {
      const items = itemsOf(schema);
      // Which element was which is known of lists with keys alone.
      const elements = new Correlation(value, before, schema);
      for (let i = 0; items && i < value.length; i++) inner(items, `${path}[${i}]`, value[i], elements.item(i)?.before, indexed(ratchet, i));
    } else if (isFields(value)) {
      const values = valuesOf(schema);
      const earlier = isFields(before) ? before : {};
      const { properties } = schema;
      for (const name of values ? Object.keys(value) : []) inner(values, `${path}[${name}]`, value[name], own(earlier, name), keyed(ratchet, name));
      for (const name of properties ? Object.keys(value) : []) {
        if (Object.hasOwn(properties!, name))
          inner(properties![name], path === '' ? name : `${path}.${name}`, value[name], own(earlier, name), keyed(ratchet, name));
      }
    }
  }

  #evaluate({ value, before, schema, path, root, ratchet }: Visit): void {
    const rules = schema['x-kubernetes-validations']?.length ? compiledRules(schema, root)?.rules : undefined;
    if (!rules) return;
    const { type = '' } = schema;
    const at = path || NO_FIELD;
    const seen: Schema = root ? withObjectMeta(schema as Schema) : (schema as Schema);
    const self = schemaValue(value, seen);
    const oldSelf = before === undefined || before === null ? undefined : schemaValue(before, seen);
    for (const compiled of rules) {
      const error = (text: string) => this.errors.push(invalidValue(at, type, text));
      if (this.#left <= 0) {
        this.#end(error, OUT_OF_BUDGET);
        return;
      }
      if (compiled.problem !== undefined) error(`rule compile error: ${compiled.problem}`);
      const isOptional = compiled.rule.optionalOldSelf ?? false;
      if (!compiled.program || (compiled.usesOldSelf && oldSelf === undefined && !isOptional)) continue;
      const result = evaluated(compiled.program, self, isOptional ? optionalOf(oldSelf) : oldSelf);
      if (result.spent > this.#left) {
        this.#end(error, OUT_OF_BUDGET);
        return;
      }
      this.#left -= result.spent;
      const rule = ruleText(compiled.rule);
      if ('error' in result) {
        if (result.exceeded) {
          this.#end(error, `'${result.error}': no further validation rules will be run due to call cost exceeds limit for rule: ${rule}`);
          return;
        }
        const isOverload = result.error.startsWith('no such overload');
        error(
          isOverload
            ? `'${result.error}': call arguments did not match a supported operator, function or macro signature for rule: ${rule}`
            : `${result.error} evaluating rule: ${rule}`,
        );
      } else if (result.value !== true && (compiled.usesOldSelf || !isUnchanged(ratchet))) {
        if (!this.#fail(compiled, { at: fieldPathOf(path, compiled), value: type === 'object' || type === 'array' ? undefined : value, self, oldSelf, error }))
          return;
      }
    }
  }

  /** False: nothing more is evaluated. */
  #fail(compiled: CompiledRule, { at, value, self, oldSelf, error }: Failed): boolean {
    let detail = compiled.rule.message ? compiled.rule.message.trim() : `failed rule: ${ruleText(compiled.rule)}`;
    const { message } = compiled;
    if (message && 'program' in message) {
      const result = evaluated(message.program, self, oldSelf);
      const expression = JSON.stringify(compiled.rule.messageExpression);
      if (result.spent > this.#left) {
        this.#end(error, 'messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run');
        return false;
      }
      this.#left -= result.spent;
      if ('error' in result && result.exceeded) {
        this.#end(error, `no further validation rules will be run due to call cost exceeds limit for messageExpression: ${expression}`);
        return false;
      }
      const text = 'value' in result && typeof result.value === 'string' ? result.value.trim() : '';
      // What is no message is left to the other one.
      if (text !== '' && !text.includes('\n') && Buffer.byteLength(text) <= MAX_MESSAGE) detail = text;
    }
    this.errors.push(errorFor(compiled.rule.reason, at, value, detail));
    return true;
  }

  #end(error: (text: string) => void, text: string): void {
    error(text);
    this.#left = -1;
  }
}

const OUT_OF_BUDGET = 'validation failed due to running out of cost budget, no further validation rules will be run';

interface Failed {
  readonly at: string;
  /** undefined: it is not shown. */
  readonly value: unknown;
  readonly self: Result;
  readonly oldSelf: Result | undefined;
  readonly error: (text: string) => void;
}

const own = (fields: Fields, name: string): unknown => (Object.hasOwn(fields, name) ? fields[name] : undefined);

const optionalOf = (value: Result | undefined): Result => (value === undefined ? Optional.none : value instanceof Failure ? value : new Optional(value));

function evaluated(program: NonNullable<CompiledRule['program']>, self: Result, oldSelf: Result | undefined): ReturnType<typeof program.evaluate> {
  const failure = [self, oldSelf].find((value) => value instanceof Failure) as Failure | undefined;
  if (failure) return { error: failure.message, cost: 0, spent: 0 };
  return program.evaluate({ self: self as Value, ...(oldSelf !== undefined && { oldSelf: oldSelf as Value }) });
}

const isUnchanged = ({ current, parent }: Ratchet): boolean => (current ?? parent)?.isUnchanged() ?? false;

function keyed(ratchet: Ratchet, name: string): Ratchet {
  const { current, parent } = ratchet;
  if (!current) return ratchet;
  if (!parent && (name === 'apiVersion' || name === 'kind')) return { current: undefined, parent: undefined };
  return { current: current.field(name), parent: current };
}

const indexed = (ratchet: Ratchet, i: number): Ratchet => (ratchet.current ? { current: ratchet.current.item(i), parent: ratchet.current } : ratchet);

const fieldPathOf = (path: string, { fieldPath }: CompiledRule): string => [path, fieldPath ?? ''].filter((part) => part !== '').join('.') || NO_FIELD;

const ruleText = ({ rule, message }: ValidationRule): string => (message || rule).trim();

function errorFor(reason: string | undefined, path: string, value: unknown, detail: string): FieldError {
  switch (reason) {
    case 'FieldValueForbidden':
      return forbiddenField(path, detail);
    case 'FieldValueRequired':
      return required(path, detail);
    case 'FieldValueDuplicate':
      return value === undefined ? { reason: 'FieldValueDuplicate', field: path, message: 'Duplicate value' } : duplicate(path, value);
    default:
      return value === undefined ? { reason: 'FieldValueInvalid', field: path, message: `Invalid value: ${detail}` } : invalidValue(path, value, detail);
  }
}

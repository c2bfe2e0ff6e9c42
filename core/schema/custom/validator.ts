import { goText } from '../../kube/go-text.ts';
import { RegularExpression, regularExpression } from '../../kube/regular-expression.ts';
import { quoted } from '../../kube/validation/field.ts';
import type { JSONSchemaProps } from '../generated/kinds.ts';
import type { Correlation } from './correlation.ts';
import { formatCheck, supportedFormat } from './formats.ts';
import { isNearlyInteger } from './nearly-integer.ts';
import { numberErrors } from './number-rules.ts';
import { itemsOf, sortedEntries, valuesOf } from './schema-walk.ts';
import { canonicalText } from './sorted-keys.ts';
import { type Budget, Result } from './validation-result.ts';

/**
 * Validates values against a JSON schema as kube-openapi does (pkg/validation/validate), with its messages and its order. Of an update, what is wrong and did not
 * change is forgiven (Kubernetes documentation, "Validation ratcheting").
 */
export interface Validator {
  validate(value: unknown, at: Place): Result;
}

export interface Place {
  /** `spec.list[0]`; '' for the whole. */
  readonly path: string;
  /** What the value was before, when it is there to be compared. */
  readonly before: Correlation | undefined;
  readonly budget: Budget;
}

/** The validator of a schema; made at the first use, as those of the schemas inside of it are. */
export function validatorOf(schema: JSONSchemaProps): Validator {
  let validator = validators.get(schema);
  if (!validator) {
    validator = compile(schema);
    validators.set(schema, validator);
  }
  return validator;
}

const validators = new WeakMap<JSONSchemaProps, Validator>();

/** One of the checks that a schema is made of: undefined when it does not apply to such a value. */
type Check = (value: unknown, at: Place, of: Place) => Result | undefined;

function compile(schema: JSONSchemaProps): Validator {
  const types = schema['x-kubernetes-int-or-string'] ? ['integer', 'string'] : schema.type ? [schema.type] : [];
  const format = supportedFormat(schema);
  const checkType = typeCheck(types, format, schema.nullable ?? false);
  const checkEnum = enumCheck(schema.enum);
  const checks: readonly Check[] = [
    ...(types.length > 0 || format ? [checkType] : []),
    alternativesCheck(schema),
    stringCheck(schema),
    ...(format && formatCheck(format) ? [formatOf(format)] : []),
    numberCheck(schema, types, format),
    listCheck(schema),
    checkEnum,
    objectCheck(schema),
  ];
  const run = (value: unknown, at: Place): Result => {
    at.budget.spend();
    const result = new Result();
    if (value === null) {
      result.merge(checkType(value, at, at)!);
      result.merge(checkEnum(value, at, at)!);
      return result;
    }
    for (const check of checks) {
      const checked = check(value, at, at);
      if (!checked) continue;
      result.merge(checked);
      result.matches++;
    }
    result.matches++;
    return result;
  };
  return {
    validate(value, at) {
      const result = run(value, at);
      return result.isValid || !at.before?.isUnchanged() ? result : result.forgiven();
    },
  };
}

/** The type that Go's decoder gives a JSON value, and its format. */
function typeOf(value: unknown): readonly [type: string, format: string] {
  if (Array.isArray(value)) return ['array', ''];
  if (typeof value === 'number') return Number.isInteger(value) ? ['integer', 'int64'] : ['number', 'float64'];
  return [typeof value, ''];
}

/** A value of another type. A text as `value` is quoted. */
const invalidType = (path: string, wanted: string, value: unknown) =>
  ({
    code: 'type',
    path,
    value,
    message: `${path} in body must be of type ${wanted}${typeof value === 'string' ? `: ${quoted(value)}` : ''}`,
  }) as const;

function typeCheck(types: readonly string[], format: string | undefined, nullable: boolean): Check {
  const isNumeric = types.includes('number') || types.includes('integer');
  const wanted = types.join(',');
  return (value, { path }) => {
    const result = new Result();
    if (value === null) {
      if (types.length > 0 && !nullable) result.add(invalidType(path, wanted, 'null'));
      else result.matches++;
      return result;
    }
    const [type, valueFormat] = typeOf(value);
    const isText = type === 'string' || type === 'array';
    const fits =
      types.includes(type) || (type === 'integer' && types.includes('number')) || (type === 'number' && types.includes('integer') && isNearly(value));
    if (format && !isText && !fits && valueFormat !== format) result.add(invalidType(path, format, valueFormat));
    else if (format && isText && !isNumeric) result.matches++;
    else if (fits) result.matches++;
    else result.add(invalidType(path, wanted, type));
    return result;
  };
}

const isNearly = (value: unknown) => isNearlyInteger(value as number);

function stringCheck({ maxLength, minLength, pattern }: JSONSchemaProps): Check {
  return (value, { path, budget }) => {
    if (typeof value !== 'string') return undefined;
    const result = new Result();
    const length = maxLength === undefined && minLength === undefined ? 0 : lengthOf(value);
    if (maxLength !== undefined && length > maxLength) {
      result.add({ code: 'tooLong', path, valid: maxLength, message: `${path} in body should be at most ${maxLength} chars long` });
    } else if (minLength !== undefined && length < minLength) {
      result.add({ code: 'other', path, value, message: `${path} in body should be at least ${minLength} chars long` });
    } else if (pattern && !isFound(pattern, value, budget)) {
      result.add({ code: 'other', path, value, message: `${path} in body should match '${pattern}'` });
    }
    return result;
  };
}

/** A pattern that is none finds nothing: only a definition from before it was asked has one. */
function isFound(pattern: string, text: string, budget: Budget): boolean {
  const expression = regularExpression(pattern);
  if (!(expression instanceof RegularExpression)) return false;
  budget.spend((text.length * expression.size) / PATTERN_PACE);
  return expression.test(text);
}

/** How many characters a pattern of one instruction goes through in the time of a step, when it is at its slowest. */
const PATTERN_PACE = 200;

/** In characters as Go counts them. */
function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length++;
  return length;
}

const formatOf =
  (format: string): Check =>
  (value, { path }) => {
    if (typeof value !== 'string') return undefined;
    const result = new Result();
    if (!formatCheck(format)!(value)) result.add(invalidType(path, format, value));
    return result;
  };

function numberCheck(schema: JSONSchemaProps, types: readonly string[], format: string | undefined): Check {
  const type = types.length === 1 && (types[0] === 'integer' || types[0] === 'number') ? types[0] : '';
  return (value, { path }) => {
    if (typeof value !== 'number') return undefined;
    const result = new Result();
    for (const error of numberErrors(value, { schema, type, format: type ? (format ?? '') : '', path })) result.add(error);
    result.matches++;
    return result;
  };
}

function listCheck(schema: JSONSchemaProps): Check {
  const { minItems, maxItems } = schema;
  const items = itemsOf(schema);
  return (value, { path, before, budget }) => {
    if (!Array.isArray(value)) return undefined;
    const result = new Result();
    if (items)
      for (let i = 0; i < value.length; i++) result.merge(validatorOf(items).validate(value[i], { path: `${path}[${i}]`, before: before?.item(i), budget }));
    const { length } = value;
    if (minItems !== undefined && length < minItems)
      result.add({ code: 'other', path, value: length, message: `${path} in body should have at least ${minItems} items` });
    if (maxItems !== undefined && length > maxItems)
      result.add({ code: 'maxItems', path, value: length, valid: maxItems, message: `${path} in body should have at most ${maxItems} items` });
    result.matches++;
    return result;
  };
}

/** A fraction is held against the integers of an enum as Go converts it to one: cut off. */
const asInteger = (value: unknown): string => (typeof value === 'number' ? String(Math.trunc(value)) : '');

function enumCheck(allowed: readonly unknown[] = []): Check {
  if (allowed.length === 0) return () => NO_ENUM;
  const known = new Set(allowed.map((one) => canonicalText(one)));
  return (value, { path }) => {
    const result = new Result();
    if (value !== null && (known.has(canonicalText(value)) || known.has(asInteger(value)))) return result;
    result.add({ code: 'enum', path, value, valid: allowed, message: `${path} in body should be one of ${goText(allowed)}` });
    return result;
  };
}

const isFields = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

function objectCheck(schema: JSONSchemaProps): Check {
  const { minProperties, maxProperties, required = [], additionalProperties } = schema;
  const properties = sortedEntries(schema.properties ?? {});
  const others = valuesOf(schema);
  return (value, { path, before, budget }) => {
    if (!isFields(value)) return undefined;
    const result = new Result();
    const names = Object.keys(value);
    const isProperty = (name: string) => schema.properties !== undefined && Object.hasOwn(schema.properties, name);
    if (minProperties !== undefined && names.length < minProperties) {
      result.add({ code: 'other', path, value: names.length, message: `${path} in body should have at least ${minProperties} properties` });
    }
    if (maxProperties !== undefined && names.length > maxProperties) {
      const message = `${path} in body should have at most ${maxProperties} properties`;
      result.add({ code: 'maxProperties', path, value: names.length, valid: maxProperties, message });
    }
    const check = (name: string, at: string, of: JSONSchemaProps) =>
      result.merge(validatorOf(of).validate(value[name], { path: at, before: path === '' && isTypeMeta(name) ? undefined : before?.field(name), budget }));
    for (const name of additionalProperties === false || others ? names.filter((one) => !isProperty(one)).sort() : []) {
      if (others) check(name, `${path}.${name}`, others);
      else result.add({ code: 'other', path, value: name, message: `${path}.${name} in body is a forbidden property` });
    }
    for (const [name, property] of properties) if (Object.hasOwn(value, name)) check(name, path === '' ? name : `${path}.${name}`, property);
    for (const name of required) {
      if (!Object.hasOwn(value, name)) result.add({ code: 'required', path: `${path}.${name}`, message: `${path}.${name} in body is required` });
    }
    return result;
  };
}

const NO_ALTERNATIVES = new Result(1);
const NO_ENUM = new Result();

/** Changes of these are not seen: what was is shown in the version of what is to be. */
const isTypeMeta = (name: string) => name === 'apiVersion' || name === 'kind';

function alternativesCheck({ anyOf = [], oneOf = [], allOf = [], not }: JSONSchemaProps): Check {
  if (anyOf.length + oneOf.length + allOf.length === 0 && !not) return () => NO_ALTERNATIVES;
  return (value, at) => {
    const { path } = at;
    const result = new Result();
    const fails = (message: string) => result.add({ code: 'other', path: undefined, message: `${quoted(path)} ${message}` });
    // What it was before is known of the value as a whole, not of how it fares with one of its alternatives.
    const of = { ...at, before: at.before?.ofParts() };
    const validated = (schema: JSONSchemaProps) => validatorOf(schema).validate(value, of);
    if (anyOf.length > 0) {
      const { valid, best } = firstValid(anyOf, validated);
      if (!valid) fails('must validate at least one schema (anyOf)');
      result.merge((valid ?? best)!);
    }
    if (oneOf.length > 0) {
      const results = oneOf.map(validated);
      const valid = results.filter(({ isValid }) => isValid);
      if (valid.length === 1) result.merge(valid[0]!);
      else if (valid.length > 1) fails(`must validate one and only one schema (oneOf). Found ${valid.length} valid alternatives`);
      else {
        fails('must validate one and only one schema (oneOf). Found none valid');
        result.merge(bestOf(results));
      }
    }
    if (allOf.length > 0) {
      const results = allOf.map(validated);
      for (const one of results) result.merge(one);
      const valid = results.filter(({ isValid }) => isValid).length;
      if (valid < allOf.length) fails(`must validate all the schemas (allOf)${valid === 0 ? '. None validated' : ''}`);
    }
    if (not && validated(not).isValid) fails('must not validate the schema (not)');
    result.matches++;
    return result;
  };
}

/** The first alternative that a value fits; without any, the best. */
function firstValid(alternatives: readonly JSONSchemaProps[], validated: (schema: JSONSchemaProps) => Result): { valid?: Result; best?: Result } {
  const failures: Result[] = [];
  for (const alternative of alternatives) {
    const result = validated(alternative);
    if (result.isValid) return { valid: result };
    failures.push(result);
  }
  return { best: bestOf(failures) };
}

/** The first of those with most matches. */
const bestOf = (results: readonly Result[]): Result => results.reduce((best, result) => (result.matches > best.matches ? result : best));

import type { FieldError } from '../../../../kube/status.ts';
import { forbiddenField, invalidValue, notSupported } from '../../../../kube/validation/field.ts';
import { itemsOf, sortedEntries, valuesOf } from '../../../../schema/custom/schema-walk.ts';
import type { JSONSchemaProps } from '../../../../schema/generated/kinds.ts';
import { Costs, cardinalityWithin, expressionErrors, type RulesAt } from '../../expressions/expression-errors.ts';
import { listMapErrors, listTypeErrors, mapTypeErrors } from './list-and-map-types.ts';
import { ruleErrors } from './rules.ts';

/** What of a stored definition is looked at less strictly, because it was accepted before (apiextensions' validationOptions). */
export interface Strictness {
  readonly types: boolean;
  readonly atomicSets: boolean;
  readonly mapKeys: boolean;
  /** What expressions may cost. */
  readonly costs: boolean;
}

/** Where a schema stands. */
interface Place {
  readonly path: string;
  readonly isRoot: boolean;
  /** Within `metadata`, `kind` or `apiVersion`, of the object or of one embedded in it. */
  readonly inMeta: boolean;
  /** Why there may be no defaults; undefined: there may be. */
  readonly noDefaults: string | undefined;
  readonly strict: Strictness;
  /** What its expressions are told; undefined where there is no looking at them, as in alternatives. */
  readonly expressions: Omit<RulesAt, 'path' | 'root' | 'costsAreKept'> | undefined;
}

const TYPES: readonly string[] = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const META: readonly string[] = ['metadata', 'kind', 'apiVersion'];

/** What each part of a schema may say (apiextensions' ValidateCustomResourceDefinitionOpenAPISchema). */
export function schemaRuleErrors(schema: JSONSchemaProps, path: string, strict: Strictness, isStructural: boolean): FieldError[] {
  const costs = new Costs();
  const expressions = isStructural ? { costs, cardinality: 1n, uncorrelatable: undefined } : undefined;
  const errors = errorsOf(schema, { path, isRoot: true, inMeta: false, noDefaults: undefined, strict, expressions });
  return [...errors, ...costs.errors, ...costs.totalErrors(path)];
}

/** Those of expressions go to `Costs.errors`: they are looked at where all else is right. */
function errorsOf(schema: JSONSchemaProps, place: Place): FieldError[] {
  const { path, strict, expressions, isRoot } = place;
  const errors = ownAndInnerErrors(schema, place);
  if (errors.length === 0 && expressions && schema['x-kubernetes-validations']?.length) {
    const root = isRoot || (schema['x-kubernetes-embedded-resource'] ?? false);
    expressions.costs.errors.push(...expressionErrors(schema, { ...expressions, path, root, costsAreKept: !strict.costs }));
  }
  return errors;
}

function ownAndInnerErrors(schema: JSONSchemaProps, place: Place): FieldError[] {
  const { path, strict } = place;
  return [
    ...unsupportedErrors(schema, place),
    ...(schema.uniqueItems ? [forbiddenField(`${path}.uniqueItems`, 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic')] : []),
    ...innerErrors(schema, place),
    ...(schema['x-kubernetes-preserve-unknown-fields'] === false
      ? [invalidValue(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined')]
      : []),
    ...mapTypeErrors(schema, path),
    ...listTypeErrors(schema, path, strict.atomicSets),
    ...listMapErrors(schema, path, strict.mapKeys),
    ...ruleErrors(schema, path),
  ];
}

/** What Kubernetes does not support of JSON schemas (specStandardValidatorV3). */
function unsupportedErrors(schema: JSONSchemaProps, { path, inMeta, noDefaults, strict }: Place): FieldError[] {
  const unsupported = (field: keyof JSONSchemaProps, name: string = field) => forbiddenField(`${path}.${field}`, `${name} is not supported`);
  const { type, definitions, patternProperties } = schema;
  return [
    ...(strict.types && type && !TYPES.includes(type) ? [notSupported(`${path}.type`, type, TYPES)] : []),
    ...(schema.default !== undefined && noDefaults !== undefined ? [forbiddenField(`${path}.default`, `must not be set ${noDefaults}`)] : []),
    ...(schema.id ? [unsupported('id')] : []),
    ...(schema.additionalItems !== undefined ? [unsupported('additionalItems')] : []),
    ...(patternProperties && Object.keys(patternProperties).length > 0 ? [unsupported('patternProperties')] : []),
    ...(definitions && Object.keys(definitions).length > 0 ? [unsupported('definitions')] : []),
    ...(schema.dependencies ? [unsupported('dependencies')] : []),
    ...(schema.$ref !== undefined ? [unsupported('$ref')] : []),
    ...(type === 'null' ? [forbiddenField(`${path}.type`, 'type cannot be set to null, use nullable as an alternative')] : []),
    ...(Array.isArray(schema.items) && schema.items.length > 0 ? [forbiddenField(`${path}.items`, 'items must be a schema object and not an array')] : []),
    ...(inMeta && schema['x-kubernetes-embedded-resource']
      ? [forbiddenField(`${path}.x-kubernetes-embedded-resource`, 'must not be used inside of resource meta')]
      : []),
  ];
}

function innerErrors(schema: JSONSchemaProps, place: Place): FieldError[] {
  const { path } = place;
  const { properties = {}, additionalProperties, not, allOf = [], oneOf = [], anyOf = [], definitions = {}, dependencies = {}, items } = schema;
  const { expressions } = place;
  const within = { ...place, isRoot: false, expressions: expressions && { ...expressions, cardinality: cardinalityWithin(schema, expressions.cardinality) } };
  const unseen = { expressions: undefined };
  const at = (inner: JSONSchemaProps | undefined, below: string, more: Partial<Place> = {}) =>
    inner ? errorsOf(inner, { ...within, ...more, path: `${path}.${below}` }) : [];
  const exclusive = Object.keys(properties).length > 0 && additionalProperties !== undefined && additionalProperties !== true;
  return [
    ...(exclusive ? [forbiddenField(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive')] : []),
    // Pruning without a value cannot tell which fields a default has.
    ...at(valuesOf(schema), 'additionalProperties', place.inMeta ? { noDefaults: 'inside additionalProperties applying to object metadata' } : {}),
    ...sortedEntries(properties).flatMap(([name, property]) => at(property, `properties[${name}]`, ofProperty(name, schema, place))),
    ...at(not, 'not', unseen),
    ...allOf.flatMap((one, i) => at(one, `allOf[${i}]`, unseen)),
    ...oneOf.flatMap((one, i) => at(one, `oneOf[${i}]`, unseen)),
    ...anyOf.flatMap((one, i) => at(one, `anyOf[${i}]`, unseen)),
    ...sortedEntries(definitions).flatMap(([name, one]) => at(one, `definitions[${name}]`, unseen)),
    ...at(itemsOf(schema), 'items', ofItems(schema, place, within.expressions)),
    ...(Array.isArray(items) ? items.flatMap((one, i) => at(one, `items[${i}]`)) : []),
    ...sortedEntries(dependencies).flatMap(([name, one]) => (Array.isArray(one) ? [] : at(one, `dependencies[${name}]`, unseen))),
  ];
}

/** Only of a list with keys it is known which element was which. */
function ofItems(schema: JSONSchemaProps, { path }: Place, expressions: Place['expressions']): Partial<Place> {
  if (!expressions || schema['x-kubernetes-list-type'] === 'map') return {};
  return { expressions: { ...expressions, uncorrelatable: expressions.uncorrelatable ?? path } };
}

function ofProperty(name: string, schema: JSONSchemaProps, { isRoot }: Place): Partial<Place> {
  if (!META.includes(name) || !(isRoot || schema['x-kubernetes-embedded-resource'])) return {};
  return { inMeta: true, ...(isRoot && { noDefaults: `in top-level ${name}` }) };
}

import { same } from '../../../../kube/object.ts';
import { regularExpression } from '../../../../kube/regular-expression.ts';
import type { FieldError } from '../../../../kube/status.ts';
import { forbiddenField, invalidValue, required } from '../../../../kube/validation/field.ts';
import { itemsOf, sortedEntries, valuesOf } from '../../../../schema/custom/schema-walk.ts';
import type { JSONSchemaProps } from '../../../../schema/generated/kinds.ts';
import { completenessErrors } from './completeness.ts';

/**
 * What makes a schema structural: each value has a type, and what restricts values stands beside it (Kubernetes documentation, "Specifying a structural schema";
 * apiextensions-apiserver's pkg/apiserver/schema/validation.go).
 */
export function structuralErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  const errors = [...invariantErrors(schema, 'root', path), ...completenessErrors(schema, path)];
  return sortedByText(errors);
}

/** Go's maps have no order, so Kubernetes sorts the errors by their text. */
function sortedByText(errors: readonly FieldError[]): FieldError[] {
  const texts = new Map(errors.map((error) => [error, `${error.field}: ${error.message}`]));
  return [...errors].sort((a, b) => (texts.get(a)! < texts.get(b)! ? -1 : 1));
}

/** What a schema is of: the whole object, an element of a list, or a field. */
type Level = 'root' | 'item' | 'field';

const NO_TYPE: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

function invariantErrors(schema: JSONSchemaProps, level: Level, path: string): FieldError[] {
  const { type, properties = {}, additionalProperties } = schema;
  const items = itemsOf(schema);
  const values = valuesOf(schema);
  const isEmbedded = schema['x-kubernetes-embedded-resource'];
  const intOrString = schema['x-kubernetes-int-or-string'];
  const preserves = schema['x-kubernetes-preserve-unknown-fields'];
  const errors: FieldError[] = [];
  if (type === 'array' && !items) errors.push(required(`${path}.items`, 'must be specified'));
  if (items) errors.push(...invariantErrors(items, 'item', `${path}.items`));
  for (const [name, property] of sortedEntries(properties)) errors.push(...invariantErrors(property, 'field', `${path}.properties[${name}]`));
  if (additionalProperties !== undefined && level === 'root') errors.push(forbiddenField(`${path}.additionalProperties`, 'must not be used at the root'));
  if (values) errors.push(...invariantErrors(values, 'field', `${path}.additionalProperties`));
  if (intOrString && preserves)
    errors.push(invalidValue(`${path}.x-kubernetes-preserve-unknown-fields`, true, 'must be false if x-kubernetes-int-or-string is true'));
  if (intOrString && isEmbedded)
    errors.push(invalidValue(`${path}.x-kubernetes-embedded-resource`, true, 'must be false if x-kubernetes-int-or-string is true'));
  errors.push(...valueRuleErrors(schema, path, { anyOf: isIntOrString(schema.anyOf), firstAllOf: isIntOrString(schema.allOf?.[0]?.anyOf) }));

  if (isEmbedded && type !== 'object') {
    const detail = 'must be object if x-kubernetes-embedded-resource is true';
    errors.push(type ? invalidValue(`${path}.type`, type, detail) : required(`${path}.type`, detail));
  } else if (!type && !intOrString && !preserves) errors.push(required(`${path}.type`, NO_TYPE[level]));
  if (isEmbedded && additionalProperties !== undefined)
    errors.push(forbiddenField(`${path}.additionalProperties`, 'must not be used if x-kubernetes-embedded-resource is set'));
  if (level === 'root' && type && type !== 'object') errors.push(invalidValue(`${path}.type`, type, 'must be object at the root'));
  errors.push(...metaErrors(properties, level, path, level === 'root' || Boolean(isEmbedded)));
  if (isEmbedded && !preserves && Object.keys(properties).length === 0) {
    errors.push(required(`${path}.properties`, 'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields'));
  }
  return errors;
}

/** What a schema may say of the type and the metadata of an object. */
function metaErrors(properties: Readonly<Record<string, JSONSchemaProps>>, level: Level, path: string, isResource: boolean): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of ['kind', 'apiVersion']) {
    const property = properties[name];
    if (isResource && property && property.type !== 'string')
      errors.push(invalidValue(`${path}.properties[${name}].type`, property.type ?? '', 'must be string'));
  }
  const { metadata } = properties;
  if (!metadata) return errors;
  const at = `${path}.properties[metadata]`;
  if (isResource && metadata.type !== 'object') errors.push(invalidValue(`${at}.type`, metadata.type ?? '', 'must be object'));
  if (level === 'root' && !restrictsNamesOnly(metadata))
    errors.push(forbiddenField(at, 'must not specify anything other than name and generateName, but metadata is implicitly specified'));
  return errors;
}

function restrictsNamesOnly({ type: _t, default: _d, properties = {}, ...rest }: JSONSchemaProps): boolean {
  const isEmpty = Object.values(rest).every((value) => value === undefined || (Array.isArray(value) && value.length === 0));
  return isEmpty && Object.keys(properties).every((name) => name === 'name' || name === 'generateName');
}

const INT_OR_STRING = [{ type: 'integer' }, { type: 'string' }];

const isIntOrString = (alternatives: readonly JSONSchemaProps[] | undefined): boolean => same(alternatives, INT_OR_STRING);

/** What may have a type although it is an alternative: the one way to say "an integer or a string". */
interface Excepted {
  readonly anyOf: boolean;
  readonly firstAllOf: boolean;
}

const NOTHING: Excepted = { anyOf: false, firstAllOf: false };

function valueRuleErrors({ anyOf = [], allOf = [], oneOf = [], not, pattern }: JSONSchemaProps, path: string, except: Excepted): FieldError[] {
  const expression = pattern ? regularExpression(pattern) : undefined;
  const problem = expression && 'problem' in expression ? expression.problem : undefined;
  return [
    ...(except.anyOf ? [] : anyOf.flatMap((one, i) => nestedErrors(one, `${path}.anyOf[${i}]`))),
    ...allOf.flatMap((one, i) => nestedErrors(one, `${path}.allOf[${i}]`, { ...NOTHING, anyOf: except.firstAllOf && i === 0 })),
    ...oneOf.flatMap((one, i) => nestedErrors(one, `${path}.oneOf[${i}]`)),
    ...(not ? nestedErrors(not, `${path}.not`) : []),
    ...(problem === undefined ? [] : [invalidValue(`${path}.pattern`, pattern, `must be a valid regular expression, but isn't: ${problem}`)]),
  ];
}

const UNSET = 'must be undefined to be structural';

/** What an alternative must not say, and how it is told. */
const forbidden: readonly (readonly [field: keyof JSONSchemaProps, detail: string])[] = [
  ['type', 'must be empty to be structural'],
  ['additionalProperties', UNSET],
  ['default', UNSET],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', UNSET],
  ['x-kubernetes-map-type', UNSET],
  ['x-kubernetes-validations', 'must be empty to be structural'],
];

function nestedErrors(schema: JSONSchemaProps, path: string, except = NOTHING): FieldError[] {
  const items = itemsOf(schema);
  return [
    ...valueRuleErrors(schema, path, except),
    ...(items ? nestedErrors(items, `${path}.items`) : []),
    ...sortedEntries(schema.properties ?? {}).flatMap(([name, property]) => nestedErrors(property, `${path}.properties[${name}]`)),
    ...forbidden
      .filter(([field, detail]) => isSaid(schema[field], detail) || (field === 'default' && schema.default === false))
      .map(([field, detail]) => forbiddenField(`${path}.${field}`, detail)),
    ...(schema.properties?.['metadata'] ? [forbiddenField(`${path}.properties[metadata]`, 'must not be specified in a nested context')] : []),
  ];
}

const isSaid = (value: unknown, detail: string): boolean =>
  value !== undefined && value !== null && value !== false && (detail === UNSET || (value !== '' && !(Array.isArray(value) && value.length === 0)));

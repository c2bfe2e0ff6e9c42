import type { FieldError } from '../../../../kube/status.ts';
import { forbiddenField, invalidValue, notSupported, required } from '../../../../kube/validation/field.ts';
import { itemsOf, schemasIn } from '../../../../schema/custom/schema-walk.ts';
import type { JSONSchemaProps } from '../../../../schema/generated/kinds.ts';

/** What `x-kubernetes-map-type` and `x-kubernetes-list-type` may be, and of what (Kubernetes documentation, "Merge strategy"). */

const LIST_TYPE = 'x-kubernetes-list-type';
const MAP_TYPE = 'x-kubernetes-map-type';
const KEYS = 'x-kubernetes-list-map-keys';

export function mapTypeErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  const mapType = schema[MAP_TYPE];
  if (mapType === undefined) return [];
  return [
    ...typeMust(schema, path, 'object', `must be object if ${MAP_TYPE} is specified`),
    ...(['atomic', 'granular'].includes(mapType) ? [] : [notSupported(`${path}.${MAP_TYPE}`, mapType, ['atomic', 'granular'])]),
  ];
}

export function listTypeErrors(schema: JSONSchemaProps, path: string, strict: boolean): FieldError[] {
  const listType = schema[LIST_TYPE];
  const keys = schema[KEYS] ?? [];
  const errors: FieldError[] = [];
  if (listType !== undefined) {
    const types = typeMust(schema, path, 'array', `must be array if ${LIST_TYPE} is specified`);
    errors.push(...(types.length > 0 || !strict || listType !== 'set' ? types : setItemErrors(schema, path)));
    if (!['atomic', 'set', 'map'].includes(listType)) errors.push(notSupported(`${path}.${LIST_TYPE}`, listType, ['atomic', 'set', 'map']));
  }
  const detail = `must be map if ${KEYS} is non-empty`;
  if (keys.length > 0 && listType === undefined) errors.push(required(`${path}.${LIST_TYPE}`, detail));
  if (keys.length > 0 && listType !== undefined && listType !== 'map') errors.push(invalidValue(`${path}.${LIST_TYPE}`, listType, detail));
  return errors;
}

/** The elements of a set are compared whole. */
function setItemErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  const items = itemsOf(schema);
  const detail = `must be atomic as item of a list with ${LIST_TYPE}=set`;
  // Kubernetes shows the list type of the elements in both cases.
  const shown = items?.[LIST_TYPE] ?? null;
  if (items?.type === 'array' && shown !== null && shown !== 'atomic') return [invalidValue(`${path}.items.${LIST_TYPE}`, shown, detail)];
  return items?.type === 'object' && items[MAP_TYPE] !== 'atomic' ? [invalidValue(`${path}.items.${MAP_TYPE}`, shown, detail)] : [];
}

export function listMapErrors(schema: JSONSchemaProps, path: string, strict: boolean): FieldError[] {
  return [...(schema[LIST_TYPE] === 'map' ? keyedListErrors(schema, path) : []), ...(strict ? keyErrors(schema, path) : [])];
}

function keyedListErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  const { items: given } = schema;
  const keys = schema[KEYS] ?? [];
  const items = itemsOf(schema);
  return [
    ...(keys.length > 0 ? [] : [required(`${path}.${KEYS}`, `must not be empty if ${LIST_TYPE} is map`)]),
    ...(given === undefined ? [required(`${path}.items`, `must have a schema if ${LIST_TYPE} is map`)] : []),
    ...(Array.isArray(given) ? [invalidValue(`${path}.items`, given, `must only have a single schema if ${LIST_TYPE} is map`)] : []),
    ...(items && items.type !== 'object' ? [invalidValue(`${path}.items.type`, items.type ?? '', `must be object if parent array's ${LIST_TYPE} is map`)] : []),
    ...(items?.type === 'object' ? keys.flatMap((key, i) => namedKeyErrors(key, keys.indexOf(key) < i, { keys, items, path })) : []),
  ];
}

function namedKeyErrors(
  key: string,
  isRepeated: boolean,
  { keys, items, path }: { keys: readonly string[]; items: JSONSchemaProps; path: string },
): FieldError[] {
  const property = items.properties?.[key];
  const errors: FieldError[] = [];
  if (!property) errors.push(invalidValue(`${path}.${KEYS}`, keys, 'entries must all be names of item properties'));
  else if (property.type === 'array' || property.type === 'object')
    errors.push(invalidValue(`${path}.items.properties[${key}].type`, items.type, `must be a scalar type if parent array's ${LIST_TYPE} is map`));
  if (isRepeated) errors.push(invalidValue(`${path}.${KEYS}`, keys, 'must not contain duplicate entries'));
  return errors;
}

/** A list that is a map or a set has an element for each key, and each element its keys (validateMapListKeysMapSet). */
function keyErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  const items = itemsOf(schema);
  const listType = schema[LIST_TYPE];
  if (!items || (listType !== 'set' && listType !== 'map')) return [];
  const errors: FieldError[] = [];
  if (items.nullable) errors.push(forbiddenField(`${path}.items.nullable`, `cannot be nullable when ${LIST_TYPE} is ${listType}`));
  for (const key of listType === 'map' ? (schema[KEYS] ?? []) : []) {
    const property = items.properties?.[key];
    if (!property) continue;
    const at = `${path}.items.properties[${key}]`;
    if (!items.required?.includes(key) && property.default === undefined)
      errors.push(required(`${at}.default`, `this property is in ${KEYS}, so it must have a default or be a required property`));
    if (property.nullable) errors.push(forbiddenField(`${at}.nullable`, `this property is in ${KEYS}, so it cannot be nullable`));
  }
  return errors;
}

/** Whether a stored schema has sets of what is not compared whole. */
export const hasLooseSets = (schema: JSONSchemaProps): boolean =>
  [...schemasIn(schema)].some((one) => one[LIST_TYPE] === 'set' && setItemErrors(one, '').length > 0);

export const hasLooseKeys = (schema: JSONSchemaProps): boolean => [...schemasIn(schema)].some((one) => keyErrors(one, '').length > 0);

/** Only of a value of a type may this be said. */
const typeMust = (schema: JSONSchemaProps, path: string, type: string, detail: string): FieldError[] => {
  if (schema.type === type) return [];
  return [schema.type ? invalidValue(`${path}.type`, schema.type, detail) : required(`${path}.type`, detail)];
};

import { schemaOf } from '../../schema/built-in-types.ts';
import type { Description } from '../../schema/descriptions.ts';
import type { FieldSchema, TypeSchema } from '../../schema/schema.ts';
import { customListSchema, customSchema, LIST_META, OBJECT_META } from './custom-schemas.ts';
import type { Schema } from './schema.ts';

/** Types as OpenAPI v3 schemas, in the form that kube-openapi gives them. */

export type Descriptions = Readonly<Record<string, Description>>;

/** `components.schemas` for these types and all that they refer to, in the order of their names. */
export function schemasOf(types: Iterable<TypeSchema>, descriptions: Descriptions): Record<string, Schema> {
  const found = closureOf(types);
  return Object.fromEntries([...found.keys()].sort().map((name) => [name, typeSchema(found.get(name)!, descriptions)]));
}

export const refTo = (type: string): Schema => ({ $ref: `#/components/schemas/${type}` });

function closureOf(types: Iterable<TypeSchema>): Map<string, TypeSchema> {
  const found = new Map<string, TypeSchema>();
  const waiting = [...types];
  for (let type = waiting.pop(); type !== undefined; type = waiting.pop()) {
    if (found.has(type.name)) continue;
    found.set(type.name, type);
    waiting.push(...(isCustom(type) ? [OBJECT_META, LIST_META] : refsIn(type)).map((definition) => schemaOf(definition)!));
  }
  return found;
}

const isCustom = ({ jsonSchema, listOf }: TypeSchema): boolean => jsonSchema !== undefined || listOf !== undefined;

const refsIn = ({ fields = {} }: TypeSchema): string[] => Object.values(fields).flatMap(refsOf);

function refsOf({ ref, struct, items, map }: FieldSchema): string[] {
  const inner = items ?? map;
  return [...(ref ? [ref] : []), ...(struct ? refsIn(struct) : []), ...(inner ? refsOf(inner) : [])];
}

const INT_OR_STRING = { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] };

/** Types whose JSON is of more than one type. */
const unions: Readonly<Record<string, Schema>> = {
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': INT_OR_STRING,
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { oneOf: [{ type: 'string' }, { type: 'number' }] },
};

function typeSchema(type: TypeSchema, descriptions: Descriptions): Schema {
  if (type.jsonSchema) return customSchema(type);
  if (type.listOf) return customListSchema(type);
  const { name } = type;
  const { description = type.description, fields: words = {} } = descriptions[name] ?? {};
  if (!type.fields)
    return { ...(description && { description }), ...(unions[name] ?? { ...(type.type && { type: type.type }), ...(type.format && { format: type.format }) }) };
  const fields = Object.entries(type.fields).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    ...(description && { description }),
    type: 'object',
    properties: Object.fromEntries(fields.map(([field, schema]) => [field, property(schema, schema.description ?? words[field], descriptions)])),
    ...(type.required?.length && { required: type.required }),
    ...(type.gvk && { 'x-kubernetes-group-version-kind': type.gvk }),
    ...(type.mapType && { 'x-kubernetes-map-type': type.mapType }),
  };
}

function property(field: FieldSchema, description: string | undefined, types: Descriptions): Schema {
  return {
    ...value(field, types),
    ...defaultOf(field),
    // What only repeats the description of its type is left out: kubectl explain shows both.
    ...(description && !(field.ref && description === types[field.ref]?.description) && { description }),
    ...extensions(field),
  };
}

function value(field: FieldSchema, types: Descriptions): Schema {
  // A $ref may have no siblings, so one that may have some is wrapped.
  if (field.ref) return isOpaque(field.ref) && field.presence === 'always' ? refTo(field.ref) : { allOf: [refTo(field.ref)] };
  if (field.struct) return field.struct.name ? refTo(field.struct.name) : typeSchema(field.struct, types);
  if (field.items) return { type: 'array', items: element(field.items, types) };
  if (field.map) return { type: 'object', additionalProperties: element(field.map, types) };
  return { ...(field.type && { type: field.type }), ...(field.format && { format: field.format }) };
}

/** An element of a list or a map. */
const element = (field: FieldSchema, types: Descriptions): Schema => ({ ...value(field, types), ...defaultOf(field) });

/** What is not behind a pointer has its zero as its default. */
function defaultOf(field: FieldSchema): Schema {
  if (field.default !== undefined) return { default: field.default };
  if (field.presence !== 'always' || field.items || field.map || field.struct || field.format === 'byte') return {};
  if (field.ref) return isOpaque(field.ref) ? {} : { default: {} };
  return { default: field.type === 'string' ? '' : field.type === 'boolean' ? false : 0 };
}

const isOpaque = (definition: string): boolean => !schemaOf(definition)?.fields;

function extensions({ listType, listMapKeys, patchMergeKey, patchStrategy, mapType }: FieldSchema): Schema {
  return {
    ...(listMapKeys && { 'x-kubernetes-list-map-keys': listMapKeys }),
    ...(listType && { 'x-kubernetes-list-type': listType }),
    ...(mapType && { 'x-kubernetes-map-type': mapType }),
    ...(patchMergeKey && { 'x-kubernetes-patch-merge-key': patchMergeKey }),
    ...(patchStrategy && { 'x-kubernetes-patch-strategy': patchStrategy }),
  };
}

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
const ofSeveralTypes: Readonly<Record<string, Schema>> = {
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': INT_OR_STRING,
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { oneOf: [{ type: 'string' }, { type: 'number' }] },
};

function typeSchema(type: TypeSchema, descriptions: Descriptions): Schema {
  if (type.jsonSchema) return customSchema(type);
  if (type.listOf) return customListSchema(type);
  const { name } = type;
  const said = descriptions[name] ?? {};
  const { description = type.description, required = type.required, unions } = said;
  if (!type.fields)
    return {
      ...(description && { description }),
      ...(ofSeveralTypes[name] ?? { ...(type.type && { type: type.type }), ...(type.format && { format: type.format }) }),
    };
  const fields = Object.entries(type.fields).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    ...(description && { description }),
    type: 'object',
    properties: Object.fromEntries(fields.map(([field, schema]) => [field, property(field, schema, said, descriptions)])),
    ...(required?.length && { required }),
    ...(type.gvk && { 'x-kubernetes-group-version-kind': type.gvk }),
    ...(type.mapType && { 'x-kubernetes-map-type': type.mapType }),
    ...(unions && { 'x-kubernetes-unions': unions }),
  };
}

function property(name: string, field: FieldSchema, { fields = {}, enums = {}, defaults = {} }: Description, types: Descriptions): Schema {
  const description = field.description ?? fields[name];
  return wrapped({
    ...value(field, types),
    ...(Object.hasOwn(defaults, name) ? { default: defaults[name] } : defaultOf(field)),
    ...(description && { description }),
    ...(enums[name] && { enum: enums[name] }),
    ...extensions(field),
  });
}

/** A $ref may have no siblings: one that has some stands in a list of its own. */
function wrapped({ $ref, ...siblings }: Schema): Schema {
  if ($ref === undefined) return siblings;
  return Object.keys(siblings).length === 0 ? { $ref } : { allOf: [{ $ref }], ...siblings };
}

function value(field: FieldSchema, types: Descriptions): Schema {
  if (field.ref) return refTo(field.ref);
  if (field.struct) return field.struct.name ? refTo(field.struct.name) : typeSchema(field.struct, types);
  if (field.items) return { type: 'array', items: element(field.items, types) };
  if (field.map) return { type: 'object', additionalProperties: element(field.map, types) };
  return { ...(field.type && { type: field.type }), ...(field.format && { format: field.format }) };
}

/** An element of a list or a map. */
const element = (field: FieldSchema, types: Descriptions): Schema => wrapped({ ...value(field, types), ...defaultOf(field) });

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

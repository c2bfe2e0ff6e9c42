import type { Description } from '../../schema/descriptions.ts';
import type { FieldSchema, TypeSchema } from '../../schema/schema.ts';
import { schemaOf } from '../../schema/schema-lookup.ts';
import { type Field, findField, isScalar } from '../codec/fields.ts';

/** The types of Kubernetes as OpenAPI v3 schemas, in the form that kube-openapi gives them. */

export type Schema = Readonly<Record<string, unknown>>;

export type Descriptions = Readonly<Record<string, Description>>;

/** `components.schemas` for these types and all that they refer to, in the order of their names. */
export function schemasOf(types: Iterable<string>, descriptions: Descriptions): Record<string, Schema> {
  const names = [...closureOf(types)].sort();
  return Object.fromEntries(names.map((name) => [name, typeSchema(name, schemaOf(name)!, descriptions)]));
}

export const refTo = (type: string): Schema => ({ $ref: `#/components/schemas/${type}` });

function closureOf(types: Iterable<string>): Set<string> {
  const found = new Set<string>();
  const waiting = [...types];
  for (let type = waiting.pop(); type !== undefined; type = waiting.pop()) {
    const schema = schemaOf(type);
    if (!schema || found.has(type)) continue;
    found.add(type);
    for (const field of Object.values(schema.fields ?? {})) waiting.push(...refsOf(field));
  }
  return found;
}

function refsOf(field: FieldSchema): string[] {
  const inner = field.items ?? field.map;
  return [...(field.ref ? [field.ref] : []), ...(inner ? refsOf(inner) : [])];
}

const INT_OR_STRING = { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] };

/** Types whose JSON is of more than one type. */
const unions: Readonly<Record<string, Schema>> = {
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': INT_OR_STRING,
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { oneOf: [{ type: 'string' }, { type: 'number' }] },
};

function typeSchema(name: string, type: TypeSchema, descriptions: Descriptions): Schema {
  const { description, fields: words = {} } = descriptions[name] ?? {};
  if (!type.fields)
    return { ...(description && { description }), ...(unions[name] ?? { ...(type.type && { type: type.type }), ...(type.format && { format: type.format }) }) };
  const fields = Object.entries(type.fields).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    ...(description && { description }),
    type: 'object',
    properties: Object.fromEntries(
      fields.map(([field, schema]) => [field, property(schema, words[field], { go: findField(name, field), types: descriptions })]),
    ),
    ...(type.required?.length && { required: type.required }),
    ...(type.gvk && { 'x-kubernetes-group-version-kind': type.gvk }),
    ...(type.mapType && { 'x-kubernetes-map-type': type.mapType }),
  };
}

/** A field. `go`: how Go holds it: what is not behind a pointer has its zero as its default. */
function property(field: FieldSchema, description: string | undefined, { go, types }: { go: Field | undefined; types: Descriptions }): Schema {
  return {
    ...(go?.shape === 'single' && go.presence === 'always' ? valueWithDefault(field, go) : value(field, go)),
    // What only repeats the description of its type is left out: kubectl explain shows both.
    ...(description && !(field.ref && description === types[field.ref]?.description) && { description }),
    ...extensions(field),
  };
}

function value(field: FieldSchema, go: Field | undefined): Schema {
  // A $ref may have no siblings, so a described one is wrapped.
  if (field.ref) return { allOf: [refTo(field.ref)] };
  if (field.type === 'array') return { type: 'array', items: element(field.items!, go) };
  if (field.map) return { type: 'object', additionalProperties: element(field.map, go) };
  return { ...(field.type && { type: field.type }), ...(field.format && { format: field.format }) };
}

/** An element of a list or a map. */
function element(field: FieldSchema, go: Field | undefined): Schema {
  if (go && go.shape !== 'single' && !field.items && !field.map) return valueWithDefault(field, go);
  if (field.ref) return refTo(field.ref);
  return value(field, undefined);
}

function valueWithDefault(field: FieldSchema, go: Field): Schema {
  if (field.ref) return schemaOf(field.ref)?.fields ? { ...value(field, undefined), default: {} } : refTo(field.ref);
  if (!isScalar(go.type) || go.type === 'bytes') return value(field, undefined);
  return { ...value(field, undefined), default: go.type === 'string' ? '' : go.type === 'bool' ? false : 0 };
}

function extensions({ listType, listMapKeys, patchMergeKey, patchStrategy, mapType }: FieldSchema): Schema {
  return {
    ...(listMapKeys && { 'x-kubernetes-list-map-keys': listMapKeys }),
    ...(listType && { 'x-kubernetes-list-type': listType }),
    ...(mapType && { 'x-kubernetes-map-type': mapType }),
    ...(patchMergeKey && { 'x-kubernetes-patch-merge-key': patchMergeKey }),
    ...(patchStrategy && { 'x-kubernetes-patch-strategy': patchStrategy }),
  };
}

import { itemsOf, sortedEntries, valuesOf } from '../../schema/custom/schema-walk.ts';
import type { JSONSchemaProps } from '../../schema/generated/kinds.ts';
import type { TypeSchema } from '../../schema/schema.ts';
import type { Schema } from './schema.ts';

/** What definitions say of their types, as OpenAPI v3 schemas (apiextensions-apiserver's pkg/controller/openapi/builder). */

const API_VERSION =
  'APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources';
const KIND =
  'Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds';
const METADATA = "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";
const LIST_METADATA = 'Standard list metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds';

export const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';
export const LIST_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta';

const ref = (type: string, description: string): Schema => ({ description, allOf: [{ $ref: `#/components/schemas/${type}` }] });

const typeMeta = { apiVersion: { description: API_VERSION, type: 'string' }, kind: { description: KIND, type: 'string' } };

/** The schema of a custom object. One without a schema takes anything. */
export function customSchema({ jsonSchema, gvk }: TypeSchema): Schema {
  const schema = jsonSchema!;
  const isDescribed = Object.keys(schema).length > 0;
  const own = isDescribed ? converted(schema) : { type: 'object' };
  const properties = { ...(own['properties'] as object), ...typeMeta, metadata: ref(OBJECT_META, METADATA) };
  return { ...own, ...(isDescribed && { properties }), 'x-kubernetes-group-version-kind': gvk };
}

/** The schema of a list of custom objects. */
export const customListSchema = ({ listOf, gvk }: TypeSchema): Schema => ({
  description: `${gvk![0]!.kind} is a list of ${listOf!.kind}`,
  type: 'object',
  required: ['items'],
  properties: {
    ...typeMeta,
    items: {
      description: `List of ${listOf!.plural}. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md`,
      type: 'array',
      items: { $ref: `#/components/schemas/${listOf!.type}` },
    },
    metadata: ref(LIST_META, LIST_METADATA),
  },
  'x-kubernetes-group-version-kind': gvk,
});

const INT_OR_STRING = [{ type: 'integer' }, { type: 'string' }];

/** As it stands in the definition, but for what stands in two forms there, and for what goes without saying. */
function converted(schema: JSONSchemaProps): Record<string, unknown> {
  const { properties, items: _i, additionalProperties, allOf, anyOf, oneOf, not, ...rest } = schema;
  const items = itemsOf(schema);
  const values = valuesOf(schema);
  const all = (schemas: readonly JSONSchemaProps[]) => schemas.map(converted);
  const out: Record<string, unknown> = {
    ...rest,
    ...(properties && { properties: Object.fromEntries(sortedEntries(properties).map(([name, property]) => [name, converted(property)])) }),
    ...(items && { items: converted(items) }),
    ...(additionalProperties !== undefined && { additionalProperties: values ? converted(values) : additionalProperties }),
    ...(allOf && { allOf: all(allOf) }),
    ...(anyOf && { anyOf: all(anyOf) }),
    ...(oneOf && { oneOf: all(oneOf) }),
    ...(not && { not: converted(not) }),
  };
  if (schema['x-kubernetes-int-or-string'] && !saysIntOrString(schema)) {
    if (anyOf) out['allOf'] = [{ anyOf: INT_OR_STRING }, ...((out['allOf'] as object[] | undefined) ?? [])];
    else out['anyOf'] = INT_OR_STRING;
  }
  if (schema['x-kubernetes-embedded-resource']) {
    out['properties'] = { ...(out['properties'] as object | undefined), ...typeMeta, metadata: ref(OBJECT_META, METADATA) };
    out['required'] = [...new Set([...(schema.required ?? []), 'kind', 'apiVersion'])];
  }
  return out;
}

function saysIntOrString({ anyOf, allOf }: JSONSchemaProps): boolean {
  const says = (alternatives: readonly JSONSchemaProps[] | undefined) => JSON.stringify(alternatives) === JSON.stringify(INT_OR_STRING);
  return says(anyOf) || says(allOf?.[0]?.anyOf);
}

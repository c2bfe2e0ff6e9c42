import type { JSONSchemaProps } from '../generated/kinds.ts';
import type { FieldSchema, TypeSchema } from '../schema.ts';
import { itemsOf, valuesOf } from './schema-walk.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/**
 * What a definition says of a version, in the form of Kubernetes' own types: the fields with their list and map types. It is made when it is first looked at: most
 * requests read the JSON schema itself.
 */
export function customType(name: string, gvk: { group: string; version: string; kind: string }, jsonSchema: JSONSchemaProps): TypeSchema {
  let fields: TypeSchema['fields'];
  return {
    name,
    gvk: [gvk],
    jsonSchema,
    ...typeOptions(jsonSchema),
    get fields() {
      fields ??= { ...fieldsOf(jsonSchema), apiVersion: TEXT, kind: TEXT, metadata: METADATA };
      return fields;
    },
  };
}

const TEXT: FieldSchema = { type: 'string', presence: 'pointer' };
const METADATA: FieldSchema = { ref: META, presence: 'always' };

const fieldsOf = ({ properties = {} }: JSONSchemaProps): Record<string, FieldSchema> =>
  Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, fieldSchema(property)]));

const typeOptions = (schema: JSONSchemaProps) => ({
  ...(schema.description !== undefined && { description: schema.description }),
  ...(schema.required && { required: schema.required }),
  ...(schema['x-kubernetes-map-type'] && { mapType: schema['x-kubernetes-map-type'] }),
  ...(schema['x-kubernetes-preserve-unknown-fields'] && { preserveUnknownFields: true as const }),
});

function fieldSchema(schema: JSONSchemaProps): FieldSchema {
  return {
    presence: 'pointer',
    ...(schema.default !== undefined && { default: schema.default }),
    ...(schema.description !== undefined && { description: schema.description }),
    ...(schema.format && { format: schema.format }),
    ...(schema['x-kubernetes-map-type'] && { mapType: schema['x-kubernetes-map-type'] }),
    ...valueSchema(schema),
  };
}

function valueSchema(schema: JSONSchemaProps): Pick<FieldSchema, 'type' | 'ref' | 'struct' | 'items' | 'map' | 'listType' | 'listMapKeys'> {
  const { type } = schema;
  if (schema['x-kubernetes-int-or-string']) return { ref: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString' };
  if (type === 'array') return listSchema(schema);
  if (type !== 'object') return type ? { type: type as 'string' } : { struct: { name: '', fields: {}, ...typeOptions(schema) } };
  const values = valuesOf(schema);
  if (values) return { type, map: fieldSchema(values) };
  const fields = fieldsOf(schema);
  return {
    type,
    struct: {
      name: '',
      fields: schema['x-kubernetes-embedded-resource'] ? { ...fields, apiVersion: TEXT, kind: TEXT, metadata: METADATA } : fields,
      ...typeOptions(schema),
    },
  };
}

function listSchema(schema: JSONSchemaProps): Pick<FieldSchema, 'type' | 'items' | 'listType' | 'listMapKeys'> {
  const items = itemsOf(schema);
  const keys = schema['x-kubernetes-list-map-keys'];
  return {
    type: 'array',
    items: items ? fieldSchema(items) : { presence: 'pointer' },
    listType: (schema['x-kubernetes-list-type'] as 'atomic' | undefined) ?? 'atomic',
    ...(keys && { listMapKeys: keys }),
  };
}

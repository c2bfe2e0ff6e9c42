import type { Schema } from '../../cel/schema/schema.ts';
import { schemaOf } from '../../schema/built-in-types.ts';
import type { FieldSchema, TypeSchema } from '../../schema/schema.ts';

const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';
const INT_OR_STRING = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString';

/** What expressions can know of the objects of a kind (k8s.io/apiserver/pkg/cel/openapi/resolver): its type with all that it refers to. */
export const expressionSchema = (type: TypeSchema): Schema =>
  type.jsonSchema
    ? {
        ...(type.jsonSchema as Schema),
        type: 'object',
        properties: { ...(type.jsonSchema.properties as Schema['properties']), metadata: named(OBJECT_META, []) },
      }
    : ofType(type, [type.name]);

/** `within`: the types around it. One of them again is an object of which nothing is known. */
function named(name: string, within: readonly string[]): Schema {
  if (within.includes(name)) return { type: 'object' };
  return name === INT_OR_STRING ? { 'x-kubernetes-int-or-string': true } : ofType(schemaOf(name)!, [...within, name]);
}

function ofType({ fields, required = [], type, format }: TypeSchema, within: readonly string[]): Schema {
  if (!fields) return { ...(type && { type }), ...(format && { format }) };
  return { type: 'object', required, properties: Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, ofField(field, within)])) };
}

function ofField({ ref, struct, items, map, type, format }: FieldSchema, within: readonly string[]): Schema {
  if (ref) return named(ref, within);
  if (struct) return ofType(struct, within);
  if (items) return { type: 'array', items: ofField(items, within) };
  if (map) return { type: 'object', additionalProperties: ofField(map, within) };
  return { ...(type && { type }), ...(format && { format }) };
}

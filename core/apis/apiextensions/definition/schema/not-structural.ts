import { itemsOf, valuesOf } from '../../../../schema/custom/schema-walk.ts';
import type { JSONSchemaProps } from '../../../../schema/generated/kinds.ts';

/** What a schema says that no structural one can (NewStructural): told only when nothing else is wrong with it. */
export function notStructural(schema: JSONSchemaProps): string | undefined {
  const isUsed = (value: object | undefined) => value !== undefined && Object.keys(value).length > 0;
  const unsupported = [
    schema.id && 'id',
    schema.$schema && 'schema',
    schema.$ref && '$ref',
    isUsed(schema.patternProperties) && 'patternProperties',
    isUsed(schema.dependencies) && 'dependencies',
    schema.additionalItems !== undefined && 'additionalItems',
    isUsed(schema.definitions) && 'definitions',
  ].find((name) => name);
  if (unsupported) return `OpenAPIV3Schema '${unsupported}' is not supported`;
  const { not, allOf = [], anyOf = [], oneOf = [], items, properties = {} } = schema;
  for (const inner of [not, ...allOf, ...anyOf, ...oneOf]) {
    const problem = inner && notStructural(inner);
    if (problem) return problem;
  }
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined";
  if (Array.isArray(items) && items.length > 0) return "OpenAPIV3Schema 'items' must be a schema, but is an array";
  for (const inner of [itemsOf(schema), ...Object.values(properties), valuesOf(schema)]) {
    const problem = inner && notStructural(inner);
    if (problem) return problem;
  }
  return undefined;
}

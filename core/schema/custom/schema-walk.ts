import type { JSONSchemaProps } from '../generated/kinds.ts';

/** The parts of a JSON schema that have two forms, in the one that is asked for. */

/** The schema of a list's items; undefined when there is none, or one for each place (which no definition may have). */
export const itemsOf = ({ items }: JSONSchemaProps): JSONSchemaProps | undefined => (Array.isArray(items) ? undefined : items);

/** The schema of a map's values; undefined when there is none, or anything goes. */
export const valuesOf = ({ additionalProperties }: JSONSchemaProps): JSONSchemaProps | undefined =>
  typeof additionalProperties === 'object' ? additionalProperties : undefined;

/** The schema of a field: its own, or that of all values of a map. */
export function fieldOf(schema: JSONSchemaProps | undefined, name: string): JSONSchemaProps | undefined {
  if (!schema) return undefined;
  const { properties } = schema;
  return properties && Object.hasOwn(properties, name) ? properties[name] : valuesOf(schema);
}

/** All schemas inside of one, that one first, in the order of apiextensions' SchemaHas; the properties in the order of their names. */
export function* schemasIn(schema: JSONSchemaProps | undefined): Generator<JSONSchemaProps> {
  if (!schema) return;
  yield schema;
  const {
    items,
    allOf = [],
    anyOf = [],
    oneOf = [],
    not,
    properties = {},
    patternProperties = {},
    additionalItems,
    definitions = {},
    dependencies = {},
  } = schema;
  for (const inner of Array.isArray(items) ? items : [items]) yield* schemasIn(inner);
  for (const inner of [...allOf, ...anyOf, ...oneOf, not]) yield* schemasIn(inner);
  for (const [, inner] of sortedEntries(properties)) yield* schemasIn(inner);
  yield* schemasIn(valuesOf(schema));
  for (const [, inner] of sortedEntries(patternProperties)) yield* schemasIn(inner);
  if (typeof additionalItems === 'object') yield* schemasIn(additionalItems);
  for (const [, inner] of sortedEntries(definitions)) yield* schemasIn(inner);
  for (const [, inner] of sortedEntries(dependencies)) if (!Array.isArray(inner)) yield* schemasIn(inner);
}

/** What Go walks in any order is walked in one here. */
export const sortedEntries = <T>(record: Readonly<Record<string, T>>): [name: string, value: T][] =>
  Object.keys(record)
    .sort()
    .map((name) => [name, record[name]!]);

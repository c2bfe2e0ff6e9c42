import type { FieldError } from '../../kube/status.ts';
import { duplicate, invalidValue } from '../../kube/validation/field.ts';
import type { JSONSchemaProps } from '../generated/kinds.ts';
import { itemsOf, sortedEntries, valuesOf } from './schema-walk.ts';
import { canonicalText, sortedKeys } from './sorted-keys.ts';

/** Lists that are sets or maps must not name anything twice (apiextensions-apiserver's pkg/apiserver/schema/listtype). */
export function listTypeErrors(value: unknown, schema: JSONSchemaProps | undefined, path = ''): FieldError[] {
  if (typeof value !== 'object' || value === null || !schema || !hasListTypes(schema)) return [];
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    return [...repeated(value, schema, path), ...(items ? value.flatMap((element, i) => listTypeErrors(element, items, `${path}[${i}]`)) : [])];
  }
  const { properties } = schema;
  const values = valuesOf(schema);
  return sortedEntries(value as Record<string, unknown>).flatMap(([name, inner]) => [
    ...(values ? listTypeErrors(inner, values, `${path}[${name}]`) : []),
    ...(properties && Object.hasOwn(properties, name) ? listTypeErrors(inner, properties[name], path === '' ? name : `${path}.${name}`) : []),
  ]);
}

function repeated(list: readonly unknown[], schema: JSONSchemaProps, path: string): FieldError[] {
  switch (schema['x-kubernetes-list-type']) {
    case 'set':
      return secondUses(list).map((i) => duplicate(`${path}[${i}]`, sortedKeys(list[i])));
    case 'map':
      return repeatedKeys(list, schema['x-kubernetes-list-map-keys'] ?? [], path);
    default:
      return [];
  }
}

function repeatedKeys(list: readonly unknown[], names: readonly string[], path: string): FieldError[] {
  const wrong = list.findIndex((element) => element !== null && (typeof element !== 'object' || Array.isArray(element)));
  if (wrong >= 0) return [invalidValue(`${path}[${wrong}]`, list[wrong], 'must be an object for an array of list-type map')];
  const keys = list.map((element) => keyOf((element ?? {}) as Record<string, unknown>, names));
  return secondUses(keys).map((i) => duplicate(`${path}[${i}]`, sortedKeys(keys[i])));
}

const keyOf = (element: Record<string, unknown>, names: readonly string[]) =>
  Object.fromEntries(names.filter((name) => Object.hasOwn(element, name)).map((name) => [name, element[name]]));

/** Where something stands for the second time; a third time is not told. */
function secondUses(list: readonly unknown[]): number[] {
  const times = new Map<string, number>();
  return list.flatMap((element, i) => {
    const text = canonicalText(element);
    const before = times.get(text) ?? 0;
    times.set(text, before + 1);
    return before === 1 ? [i] : [];
  });
}

/** Whether there are such lists anywhere below. */
function hasListTypes(schema: JSONSchemaProps): boolean {
  let known = withListTypes.get(schema);
  if (known === undefined) {
    const items = itemsOf(schema);
    const values = valuesOf(schema);
    const inner = [...Object.values(schema.properties ?? {}), ...(items ? [items] : []), ...(values ? [values] : [])];
    known = schema['x-kubernetes-list-type'] === 'set' || schema['x-kubernetes-list-type'] === 'map' || inner.some(hasListTypes);
    withListTypes.set(schema, known);
  }
  return known;
}

const withListTypes = new WeakMap<JSONSchemaProps, boolean>();

import { field, put } from '../../kube/fields.ts';
import { clone } from '../../kube/object.ts';
import type { JSONSchemaProps } from '../generated/kinds.ts';
import { fieldOf, itemsOf, valuesOf } from './schema-walk.ts';

/**
 * Brings values into the form that a structural schema gives them: fields that it does not have go, and nulls that it does not allow; defaults come in
 * (apiextensions-apiserver's pkg/apiserver/schema/pruning and defaulting; Kubernetes documentation, "Field pruning", "Defaulting"). Types are not looked at:
 * what is wrong with a value, its validation says. A value is not changed, and what needs no change is shared with it.
 */

/** Told of each field that goes, by its path: `spec.list[0].b`. */
export type Unknown = (path: string) => void;

/** The three parts of the type of every object, which a schema need not name. */
const META: readonly string[] = ['apiVersion', 'kind', 'metadata'];

/** An object without what its schema does not know: unknown fields, and nulls where they stand for nothing. Its metadata is left as it is. */
export function pruned(object: object, schema: JSONSchemaProps, unknown?: Unknown): object {
  return withoutNulls(prunedObject(object as Fields, { ...schema, 'x-kubernetes-embedded-resource': true }, { path: '', unknown }), schema) as object;
}

/** A value inside of an object, such as a default: nothing of it is metadata unless its schema says so. */
export const prunedValue = (value: unknown, schema: JSONSchemaProps): unknown => pruneValue(value, schema, { path: '' });

type Fields = Readonly<Record<string, unknown>>;

interface Pruning {
  readonly path: string;
  readonly unknown?: Unknown | undefined;
  /** Unknown fields stay: so say the elements of a list that preserves them, whatever their own schema says. */
  readonly keeps?: boolean | undefined;
}

function pruneValue(value: unknown, schema: JSONSchemaProps | undefined, at: Pruning): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (!Array.isArray(value)) return prunedObject(value as Fields, schema, at);
  const keeps = at.keeps || schema?.['x-kubernetes-preserve-unknown-fields'];
  const items = schema && itemsOf(schema);
  return keeps && !items ? value : mapped(value, (element, i) => pruneValue(element, items, { path: `${at.path}[${i}]`, unknown: at.unknown, keeps }));
}

function prunedObject(given: Fields, schema: JSONSchemaProps | undefined, { path, unknown, keeps }: Pruning): Fields {
  const isResource = schema?.['x-kubernetes-embedded-resource'];
  return mappedFields(given, (value, name) => {
    if (isResource && META.includes(name)) return value;
    const at = { path: path === '' ? name : `${path}.${name}`, unknown };
    const properties = schema?.properties;
    if (properties && Object.hasOwn(properties, name)) return pruneValue(value, properties[name], at);
    // `additionalProperties: true` has no schema, and so no fields that objects below it may have.
    if (schema?.additionalProperties !== undefined) return pruneValue(value, valuesOf(schema), at);
    if (keeps || schema?.['x-kubernetes-preserve-unknown-fields']) return value;
    unknown?.(at.path);
    return undefined;
  });
}

/** Nulls stay where the schema allows them, where it says nothing, and where a default takes their place. */
function withoutNulls(value: unknown, schema: JSONSchemaProps | undefined): unknown {
  if (typeof value !== 'object' || value === null || !schema) return value;
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    return items ? mapped(value, (element) => withoutNulls(element, items)) : value;
  }
  return mappedFields(value as Fields, (inner, name) => {
    const of = fieldOf(schema, name);
    return inner === null && of && !of.nullable && of.default === undefined ? undefined : withoutNulls(inner, of);
  });
}

/** A value with the defaults of its schema. */
export function withDefaults(value: unknown, schema: JSONSchemaProps | undefined): unknown {
  if (typeof value !== 'object' || value === null || !schema) return value;
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    return items ? mapped(value, (element) => withDefaults(defaulted(element, items), items)) : value;
  }
  const { properties = {} } = schema;
  let out = mappedFields(value as Fields, (inner, name) => {
    const of = fieldOf(schema, name);
    return of ? withDefaults(defaulted(inner, of), of) : inner;
  });
  for (const name in properties) {
    const of = properties[name]!;
    if (of.default === undefined || field(out, name) !== undefined) continue;
    if (out === value) out = { ...out };
    put(out as Record<string, unknown>, name, withDefaults(clone(of.default), of));
  }
  return out;
}

/** A null where there may be none stands for the default. */
const defaulted = (value: unknown, { nullable, default: instead }: JSONSchemaProps): unknown =>
  value === null && !nullable ? (instead === undefined ? null : clone(instead)) : value;

function mapped(list: readonly unknown[], change: (element: unknown, i: number) => unknown): readonly unknown[] {
  let out: unknown[] | undefined;
  for (let i = 0; i < list.length; i++) {
    const after = change(list[i], i);
    if (out) out.push(after);
    else if (after !== list[i]) out = [...list.slice(0, i), after];
  }
  return out ?? list;
}

/** The fields, each as `change` makes it; undefined: it goes. */
function mappedFields(given: Fields, change: (value: unknown, name: string) => unknown): Fields {
  let out: Record<string, unknown> | undefined;
  const names = Object.keys(given);
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!;
    const before = given[name];
    const after = change(before, name);
    if (out) {
      if (after !== undefined) put(out, name, after);
    } else if (after !== before) {
      out = {};
      for (const earlier of names.slice(0, i)) put(out, earlier, given[earlier]);
      if (after !== undefined) put(out, name, after);
    }
  }
  return out ?? given;
}

import table from './generated/types.json' with { type: 'json' };
import type { FieldSchema, Presence, TypeSchema } from './schema.ts';

/**
 * Kubernetes' own types, by their OpenAPI definition. Their table is made of `@kubernetes/client-node` and the facts in `facts/` (scripts/generate). It holds a type as
 * one line, which is read when the type is first met: what is known of the type, then each field with its type as Go writes it and what else is known of it.
 *
 *     "Lease": "kind=coordination.k8s.io/v1/Lease;apiVersion string;kind string;metadata meta.v1.ObjectMeta 1 always;spec LeaseSpec 2 always"
 */

/** The schema of a type, by its OpenAPI definition (`io.k8s.api.core.v1.PodSpec`); undefined when Kubernetes has no such type. */
export function schemaOf(definition: string): TypeSchema | undefined {
  const known = types.get(definition);
  if (known) return known;
  const [pkg, name] = [packageOf(definition), typeName(definition)];
  const line = Object.hasOwn(packages, pkg) && Object.hasOwn(packages[pkg]!, name) ? packages[pkg]![name] : undefined;
  if (line === undefined) return undefined;
  const type = readType(definition, line, pkg);
  types.set(definition, type);
  return type;
}

/** The OpenAPI definition of a kind: `apps/v1`, `Deployment` → `io.k8s.api.apps.v1.Deployment`; undefined when it is not a built-in one. */
export function definitionOf(apiVersion: string, kind: string): string | undefined {
  byKind ??= new Map(definitions.flatMap((definition) => kindsOf(definition).map((of) => [of, definition] as const)));
  return byKind.get(`${apiVersion}/${kind}`);
}

/** The last part of a definition's name, which is the name of its Go type: `PodSpec`. */
export const typeName = (definition: string): string => definition.slice(definition.lastIndexOf('.') + 1);

const packageOf = (definition: string): string => definition.slice(0, Math.max(0, definition.lastIndexOf('.')));

const packages: Readonly<Record<string, Readonly<Record<string, string>>>> = table;

/** All definitions, in the order of their packages. */
export const definitions: readonly string[] = Object.entries(packages).flatMap(([pkg, lines]) => Object.keys(lines).map((name) => `${pkg}.${name}`));

const types = new Map<string, TypeSchema>();

let byKind: Map<string, string> | undefined;

/** `apps/v1/Deployment` of a line that begins with `kind=apps/v1/Deployment`; `v1/Pod` of one with `kind=/v1/Pod`. */
function kindsOf(definition: string): string[] {
  const line = packages[packageOf(definition)]![typeName(definition)]!;
  return [...line.slice(0, line.indexOf(';')).matchAll(/kind=\/?(\S+)/g)].map(([, of]) => of!);
}

function readType(name: string, line: string, pkg: string): TypeSchema {
  const [about, ...lines] = line.split(';');
  const [type, format, mapType] = ['type', 'format', 'map'].map((key) => valuesOf(about!, key)[0]);
  const gvk = valuesOf(about!, 'kind').map((of) => {
    const [group, version, kind] = of.split('/') as [string, string, string];
    return { group, version, kind };
  });
  const embedded = valuesOf(about!, 'embeds').map((of) => of.split(':') as [string, string]);
  const required: string[] = [];
  const fields: Record<string, FieldSchema> = {};
  for (const text of lines) {
    const [field, of, ...words] = text.split(' ') as [string, string, ...string[]];
    if (words.includes('required')) required.push(field);
    fields[field] = { ...readValue(of, pkg), ...readWords(words, of) };
  }
  return {
    name,
    ...(lines.length > 0 && { fields }),
    ...(required.length > 0 && { required }),
    ...(type && { type }),
    ...(format && { format }),
    ...(mapType && { mapType }),
    ...(gvk.length > 0 && { gvk }),
    ...(embedded.length > 0 && { embedded: Object.fromEntries(embedded.map(([of, number]) => [of, Number(number)])) }),
  };
}

/** What is after `key=`, each time that it is there. */
const valuesOf = (words: string, key: string): string[] =>
  words
    .split(' ')
    .filter((word) => word.startsWith(`${key}=`))
    .map((word) => word.slice(key.length + 1));

function readWords(words: readonly string[], type: string): Omit<FieldSchema, 'type'> {
  const out: Record<string, unknown> = {
    presence: (isStruct(type) ? 'pointer' : 'value') satisfies Presence,
    ...(type.startsWith('[]') && { listType: 'atomic' }),
  };
  for (const word of words) {
    const [key, value = ''] = word.split('=') as [string, string?];
    const [first, ...others] = value.split(':') as [string, ...string[]];
    if (key === 'list') Object.assign(out, { listType: first || undefined, ...(others.length > 0 && { listMapKeys: others }) });
    else if (key === 'patch') Object.assign(out, { patchStrategy: first, ...(others.length > 0 && { patchMergeKey: others[0] }) });
    else if (key === 'map') out['mapType'] = value;
    else if (key === 'go') out['goType'] = value;
    else if (key === 'in') out['embedded'] = value;
    else if (key === 'message') out['message'] = true;
    else if (key === 'pointer' || key === 'value' || key === 'always') out['presence'] = key;
    else if (key !== 'required') out['number'] = Number(key);
  }
  return out as unknown as Omit<FieldSchema, 'type'>;
}

type Value = Pick<FieldSchema, 'type' | 'format' | 'ref' | 'items' | 'map'>;

function readValue(type: string, pkg: string): Value {
  if (type.startsWith('[]')) return { type: 'array', items: elementOf(type.slice(2), pkg) };
  if (type.startsWith(MAP)) return { type: 'object', map: elementOf(type.slice(MAP.length), pkg) };
  return isStruct(type) ? { ref: qualified(type, pkg) } : scalars[type]!;
}

const elementOf = (type: string, pkg: string): FieldSchema => ({ ...readValue(type, pkg), presence: 'always' });

const MAP = 'map[string]';

/** A struct, or one of the types that encode themselves: what is neither a scalar nor made of others. */
const isStruct = (type: string): boolean => !type.startsWith('[]') && !type.startsWith(MAP) && !Object.hasOwn(scalars, type);

const scalars: Readonly<Record<string, Value>> = {
  string: { type: 'string' },
  bool: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  float64: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
};

/** `meta.v1.ObjectMeta` → `io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta`; a name alone is of the same package. */
function qualified(type: string, pkg: string): string {
  const short = packageOf(type);
  return short === '' ? `${pkg}.${type}` : `${byShortName.get(short)}.${typeName(type)}`;
}

/** The packages by the two last parts of their names. */
const byShortName = new Map(Object.keys(packages).map((pkg) => [pkg.split('.').slice(-2).join('.'), pkg]));

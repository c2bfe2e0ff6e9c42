import { definitionOf, schemaOf } from '../../schema/built-in-types.ts';
import type { FieldSchema, Presence, TypeSchema } from '../../schema/schema.ts';

/** The protobuf fields of Kubernetes' types, as their schemas have them (docs/decisions/0003-protobuf.md). */

export type Scalar = 'string' | 'bool' | 'int32' | 'int64' | 'float64' | 'bytes';

export interface Field {
  readonly name: string;
  readonly number: number;
  /** A scalar, or the name of a message. Of an array or a map: that of its elements. */
  readonly type: string;
  readonly shape: 'single' | 'list' | 'map';
  /** `inline`: an embedded struct, a message of its own on the wire whose fields are the parent's own in the JSON. */
  readonly presence: Presence | 'inline';
}

export interface Message {
  /** In the order of their numbers, which is the order that they are written in. */
  readonly fields: readonly Field[];
  readonly byNumber: ReadonlyMap<number, Field>;
  /** Go declares it as a slice: one repeated field, and in JSON an array (`ExtraValue`). */
  readonly slice: boolean;
}

/** The type of a kind, or undefined when Kubernetes has no protobuf of it (custom resources, Table). */
export function typeOfKind(apiVersion: string, kind: string): string | undefined {
  const type = definitionOf(apiVersion, kind);
  if (type) return type;
  // Options, Status and WatchEvent are registered in every group: a client may send a DeleteOptions of apps/v1.
  const common = definitionOf('v1', kind);
  return common?.startsWith('io.k8s.apimachinery.pkg.apis.meta.v1.') ? common : undefined;
}

/**
 * The fields of a message, by its name: the definition of a type, `io.k8s.api.core.v1.Volume#VolumeSource` for a struct that is embedded in it, `[]string` for a slice.
 * Types that are encoded in their own way (opaque.ts) have none here.
 */
export function messageOf(name: string): Message {
  let message = messages.get(name);
  if (!message) {
    message = compile(name);
    messages.set(name, message);
  }
  return message;
}

const messages = new Map<string, Message>();

function compile(name: string): Message {
  const slice = name.startsWith(LIST);
  const fields = slice ? [{ name: '*', number: 1, type: name.slice(LIST.length), shape: 'list', presence: 'value' } as const] : structFields(name);
  return { fields, byNumber: new Map(fields.map((field) => [field.number, field])), slice };
}

const LIST = '[]';

function structFields(name: string): Field[] {
  const [definition, struct = ''] = name.split('#') as [string, string?];
  const type = schemaOf(definition);
  if (!type) throw new Error(`no protobuf fields for ${name}`);
  const own = Object.entries(type.fields ?? {}).flatMap(([field, schema]) => ((schema.embedded ?? '') === struct ? (fieldOf(field, schema) ?? []) : []));
  return [...own, ...structsIn(type, struct)].sort((a, b) => a.number - b.number);
}

/** The structs that are embedded in one, or in the one called `within` of those. */
function structsIn({ name, embedded = {} }: TypeSchema, within: string): Field[] {
  return Object.entries(embedded)
    .filter(([path]) => path.slice(0, Math.max(0, path.lastIndexOf('.'))) === within)
    .map(([path, number]) => ({ name: path, number, type: `${name}#${path}`, shape: 'single', presence: 'inline' }));
}

/** Undefined for what is only in the JSON: `apiVersion` and `kind`, which the envelope says. */
function fieldOf(name: string, schema: FieldSchema): Field | undefined {
  const { number, presence, items, map, message } = schema;
  if (number === undefined) return undefined;
  const shape = message ? 'single' : items ? 'list' : map ? 'map' : 'single';
  return { name, number, type: message ? messageName(schema) : messageName(items ?? map ?? schema), shape, presence };
}

/** A list within a list or a map is a message of its own. */
const messageName = (schema: FieldSchema): string => (schema.items ? `${LIST}${messageName(schema.items)}` : (schema.ref ?? scalarOf(schema)));

/** How a value that is no struct is written. */
function scalarOf({ type, format }: FieldSchema): Scalar {
  if (type === 'integer') return format === 'int64' ? 'int64' : 'int32';
  if (type === 'boolean') return 'bool';
  return type === 'number' ? 'float64' : format === 'byte' ? 'bytes' : 'string';
}

const scalars: ReadonlySet<string> = new Set<Scalar>(['string', 'bool', 'int32', 'int64', 'float64', 'bytes']);

export const isScalar = (type: string): type is Scalar => scalars.has(type);

import table from './fields.json' with { type: 'json' };

/**
 * The protobuf fields of every Kubernetes 1.36 type. `fields.json` has one line per field: number, type, and what Go does with its absence. See
 * docs/decisions/0003-protobuf.md for where the table comes from.
 */

export type Scalar = 'string' | 'bool' | 'int32' | 'int64' | 'float64' | 'bytes';

/**
 * How Go holds a field, which decides what its absence means on the wire and in JSON:
 * - `pointer`: written when set, even when it is zero (`replicas: 0`).
 * - `value`: always written; its zero is left out of the JSON (`omitempty`).
 * - `always`: always written, and its zero stands in the JSON too (`name: ""`, `status: {}`).
 * - `inline`: an embedded struct, a message of its own on the wire whose fields are the parent's own in the JSON.
 */
export type Presence = 'pointer' | 'value' | 'always' | 'inline';

export interface Field {
  readonly name: string;
  readonly number: number;
  /** A scalar, or the OpenAPI name of a type. Of an array or a map: that of its elements. */
  readonly type: string;
  readonly shape: 'single' | 'list' | 'map';
  readonly presence: Presence;
}

export interface Message {
  readonly name: string;
  /** In the order of their numbers, which is the order that they are written in. */
  readonly fields: readonly Field[];
  readonly byNumber: ReadonlyMap<number, Field>;
  /** Go declares it as a slice: one repeated field, and in JSON an array (`ExtraValue`). */
  readonly slice: boolean;
}

type Entry = [number: number, type: string, flag?: 'always' | 'presence' | 'inline' | 'omitzero'];
const kinds = table.kinds as Readonly<Record<string, string>>;
const types = table.types as unknown as Readonly<Record<string, Readonly<Record<string, Entry>>>>;

/** The type of a kind, or undefined when Kubernetes has no protobuf of it (custom resources, Table). */
export function typeOfKind(apiVersion: string, kind: string): string | undefined {
  const name = `${apiVersion}/${kind}`;
  if (Object.hasOwn(kinds, name)) return kinds[name];
  // Options, Status and WatchEvent are registered in every group: a client may send a DeleteOptions of apps/v1.
  const common = Object.hasOwn(kinds, `v1/${kind}`) ? kinds[`v1/${kind}`] : undefined;
  return common?.startsWith('io.k8s.apimachinery.pkg.apis.meta.v1.') ? common : undefined;
}

const messages = new Map<string, Message>();

/** The fields of a type. Types that are encoded in their own way (opaque.ts) have none here. */
export function messageOf(type: string): Message {
  let message = messages.get(type);
  if (!message) {
    message = compile(type);
    messages.set(type, message);
  }
  return message;
}

/** One field of a type by its name in the JSON, also when it is in an inline struct. Undefined where there is none. */
export function findField(type: string, name: string): Field | undefined {
  if (!Object.hasOwn(types, type)) return undefined;
  for (const field of messageOf(type).fields) {
    const found = field.presence === 'inline' ? findField(field.type, name) : field.name === name ? field : undefined;
    if (found) return found;
  }
  return undefined;
}

function compile(type: string): Message {
  if (!Object.hasOwn(types, type)) throw new Error(`no protobuf fields for ${type}`);
  const fields = Object.entries(types[type]!)
    .map(([name, entry]) => fieldOf(name, entry))
    .sort((a, b) => a.number - b.number);
  return { name: type, fields, byNumber: new Map(fields.map((f) => [f.number, f])), slice: fields[0]?.name === '*' };
}

function fieldOf(name: string, [number, declared, flag]: Entry): Field {
  const shape = declared.endsWith('[]') ? 'list' : declared.startsWith('map<') ? 'map' : 'single';
  const type = shape === 'list' ? declared.slice(0, -2) : shape === 'map' ? declared.slice(4, -1) : declared;
  return { name, number, type, shape, presence: presenceOf(type, flag) };
}

function presenceOf(type: string, flag: Entry[2]): Presence {
  if (flag === 'inline' || flag === 'always') return flag;
  if (flag === 'presence') return 'pointer';
  if (flag === 'omitzero') return 'value';
  return isScalar(type) ? 'value' : 'pointer';
}

const scalars: ReadonlySet<string> = new Set<Scalar>(['string', 'bool', 'int32', 'int64', 'float64', 'bytes']);

export const isScalar = (type: string): type is Scalar => scalars.has(type);

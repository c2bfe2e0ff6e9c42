import { BinaryReader, type BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { int64Json } from '../../kube/int64.ts';
import { parseJson } from '../../kube/json.ts';

/**
 * The types whose JSON is not their message written out: times, quantities, numbers or strings, embedded JSON. Each follows the hand-written
 * MarshalJSON and (Un)marshal of its Go type.
 */
export interface Opaque {
  /** The JSON value of a message; `undefined` where Go would say null. Absent on the wire is an empty message. */
  read(bytes: Uint8Array, nested: NestedReader): unknown;
  /** Writes the message's content. `value` is never null or undefined, unless the field is a struct by value that is not set. */
  write(writer: BinaryWriter, value: unknown, nested: NestedWriter): void;
}

/** Reads what is within a message. */
export interface NestedReader {
  /** The JSON of a message of this type. Throws an Error that says what is wrong with the bytes. */
  message(type: string, bytes: Uint8Array): unknown;
  /** Whether bytes are an object in its own wrapping (`k8s\0`), which a RawExtension may hold. */
  readonly isEnvelope: (bytes: Uint8Array) => boolean;
  readonly envelope: (bytes: Uint8Array) => unknown;
}

/** Writes what is within a message. */
export interface NestedWriter {
  /** A message as a field of the message around it. `value` undefined: an empty struct, written by value. */
  message(field: number, type: string, value: unknown): void;
}

export const opaqueOf = (type: string): Opaque | undefined => (Object.hasOwn(opaque, type) ? opaque[type] : undefined);

const apiextensions = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1';
const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';

// Time drops what is below a second and MicroTime what is below a microsecond, because their JSON cannot say it (meta/v1 time_proto.go).
const opaque: Readonly<Record<string, Opaque>> = {
  [`${meta}.Time`]: {
    read: (bytes) => (bytes.length === 0 ? undefined : `${isoOf(readTimestamp(bytes).seconds).slice(0, 19)}Z`),
    write: (writer, value) => writeTimestamp(writer, value, false),
  },
  [`${meta}.MicroTime`]: {
    read(bytes) {
      if (bytes.length === 0) return undefined;
      const { seconds, nanos } = readTimestamp(bytes);
      return `${isoOf(seconds).slice(0, 19)}.${String(Math.trunc(nanos / 1000)).padStart(6, '0')}Z`;
    },
    write: (writer, value) => writeTimestamp(writer, value, true),
  },
  'io.k8s.apimachinery.pkg.api.resource.Quantity': {
    read: (bytes) => readString(bytes, 1) || '0',
    write: (writer, value) => void writer.tag(1, WireType.LengthDelimited).string(value == null ? '0' : String(value)),
  },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': {
    read(bytes) {
      let type = 0;
      let number = 0;
      let text = '';
      eachField(bytes, (field, reader) => {
        if (field === 1) type = Number(reader.int64());
        else if (field === 2) number = reader.int32();
        else if (field === 3) text = reader.string();
        else return false;
        return true;
      });
      return type === 0 ? number : text;
    },
    write(writer, value) {
      const text = typeof value === 'string';
      writer.tag(1, WireType.Varint).int64(text ? 1 : 0);
      writer.tag(2, WireType.Varint).int32(text ? 0 : Number(value ?? 0));
      writer.tag(3, WireType.LengthDelimited).string(text ? value : '');
    },
  },
  'io.k8s.apimachinery.pkg.runtime.RawExtension': {
    read(bytes, nested) {
      const raw = readBytes(bytes, 1);
      return nested.isEnvelope(raw) ? nested.envelope(raw) : readJson(raw);
    },
    write: (writer, value) => writeJson(writer, 1, value),
  },
  [`${meta}.FieldsV1`]: { read: (bytes) => readJson(readBytes(bytes, 1)), write: (writer, value) => writeJson(writer, 1, value) },
  [`${apiextensions}.JSON`]: { read: (bytes) => readJson(readBytes(bytes, 1)), write: (writer, value) => writeJson(writer, 1, value) },
  [`${apiextensions}.JSONSchemaPropsOrBool`]: {
    read(bytes, nested) {
      let allows = false;
      let schema: unknown;
      eachField(bytes, (field, reader) => {
        if (field === 1) allows = reader.bool();
        else if (field === 2) schema = nested.message(`${apiextensions}.JSONSchemaProps`, reader.bytes());
        else return false;
        return true;
      });
      return schema ?? allows;
    },
    write(writer, value, nested) {
      const schema = typeof value === 'object' && value !== null;
      writer.tag(1, WireType.Varint).bool(schema || value === true);
      if (schema) nested.message(2, `${apiextensions}.JSONSchemaProps`, value);
    },
  },
  [`${apiextensions}.JSONSchemaPropsOrArray`]: schemaOr(
    (reader, nested) => nested.message(`${apiextensions}.JSONSchemaProps`, reader.bytes()),
    (_writer, value, nested) => nested.message(2, `${apiextensions}.JSONSchemaProps`, value),
  ),
  [`${apiextensions}.JSONSchemaPropsOrStringArray`]: schemaOr(
    (reader) => reader.string(),
    (writer, value) => void writer.tag(2, WireType.LengthDelimited).string(String(value)),
  ),
};

/** One schema (field 1) or an array of something (field 2). */
function schemaOr(
  read: (reader: BinaryReader, nested: NestedReader) => unknown,
  write: (writer: BinaryWriter, value: unknown, nested: NestedWriter) => void,
): Opaque {
  return {
    read(bytes, nested) {
      let schema: unknown;
      const list: unknown[] = [];
      eachField(bytes, (field, reader) => {
        if (field === 1) schema = nested.message(`${apiextensions}.JSONSchemaProps`, reader.bytes());
        else if (field === 2) list.push(read(reader, nested));
        else return false;
        return true;
      });
      return list.length > 0 ? list : schema;
    },
    write(writer, value, nested) {
      if (Array.isArray(value)) for (const element of value) write(writer, element, nested);
      else if (value != null) nested.message(1, `${apiextensions}.JSONSchemaProps`, value);
    },
  };
}

/** Calls `take` at every field; what it does not take is skipped, as Go does with fields that it does not know. */
export function eachField(bytes: Uint8Array, take: (field: number, reader: BinaryReader, wire: WireType) => boolean): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (!take(field, reader, wire)) reader.skip(wire, field);
  }
}

function readBytes(bytes: Uint8Array, field: number): Uint8Array {
  let out: Uint8Array = new Uint8Array(0);
  eachField(bytes, (number, reader) => {
    if (number !== field) return false;
    out = reader.bytes();
    return true;
  });
  return out;
}

const readString = (bytes: Uint8Array, field: number): string => utf8.decode(readBytes(bytes, field));

const utf8 = new TextDecoder('utf-8', { fatal: true });

function readTimestamp(bytes: Uint8Array): { seconds: number; nanos: number } {
  const out = { seconds: 0, nanos: 0 };
  eachField(bytes, (field, reader) => {
    if (field === 1) out.seconds = Number(reader.int64());
    else if (field === 2) out.nanos = reader.int32();
    else return false;
    return true;
  });
  return out;
}

function isoOf(seconds: number): string {
  const date = new Date(seconds * 1000);
  const iso = Number.isNaN(date.getTime()) ? '' : date.toISOString();
  // Go refuses to put years outside 0..9999 into RFC 3339; JavaScript would write them with a sign.
  if (!/^\d{4}-/.test(iso)) throw new Error('Time: year outside of range [0,9999]');
  return iso;
}

function writeTimestamp(writer: BinaryWriter, value: unknown, micros: boolean): void {
  if (value == null) return;
  const text = String(value);
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new Error(`not an RFC 3339 time: ${text}`);
  const fraction = micros ? (/\.(\d+)/.exec(text)?.[1] ?? '') : '';
  writer.tag(1, WireType.Varint).int64(Math.floor(ms / 1000));
  writer.tag(2, WireType.Varint).int32(Number(fraction.slice(0, 6).padEnd(6, '0')) * 1000);
}

const readJson = (raw: Uint8Array): unknown => (raw.length === 0 ? undefined : (parseJson(utf8.decode(raw)) ?? undefined));

function writeJson(writer: BinaryWriter, field: number, value: unknown): void {
  if (value !== undefined) writer.tag(field, WireType.LengthDelimited).string(int64Json(value));
}

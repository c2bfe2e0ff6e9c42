import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { int64Of } from '../../kube/int64.ts';
import { type Field, isScalar, type Message, messageOf, type Scalar } from './fields.ts';
import { type NestedReader, type NestedWriter, opaqueOf } from './opaque.ts';

/**
 * One Kubernetes message between the wire and JSON, by its field table. What is read is what Go would print as JSON after reading the same bytes,
 * but for nulls, which are left out; what is written is, byte for byte, what Go writes for the same object.
 */

/** The deepest nesting that is read. The deepest that Kubernetes' own types reach, but for schemas of CRDs, is about 20. */
const MAX_DEPTH = 200;

type Json = Record<string, unknown>;

/** Reads messages. */
export class MessageReader implements NestedReader {
  readonly envelope: (bytes: Uint8Array) => unknown;
  readonly isEnvelope: (bytes: Uint8Array) => boolean;
  private depth = 0;

  constructor(options: { envelope: (bytes: Uint8Array) => unknown; isEnvelope: (bytes: Uint8Array) => boolean }) {
    this.envelope = options.envelope;
    this.isEnvelope = options.isEnvelope;
  }

  message(type: string, bytes: Uint8Array): unknown {
    const opaque = opaqueOf(type);
    if (opaque) return this.nested(() => opaque.read(bytes, this));
    const message = messageOf(type);
    const out: Json = {};
    this.nested(() => this.into(out, message, bytes));
    return message.slice ? (out['*'] ?? []) : out;
  }

  private nested<T>(read: () => T): T {
    if (++this.depth > MAX_DEPTH) throw new Error(`exceeded max depth of ${MAX_DEPTH}`);
    const value = read();
    this.depth--;
    return value;
  }

  private into(out: Json, message: Message, bytes: Uint8Array): void {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [number, wire] = reader.tag();
      const field = message.byNumber.get(number);
      if (field) this.field(out, field, reader, wire);
      else reader.skip(wire, number);
    }
    this.complete(out, message);
  }

  private field(out: Json, field: Field, reader: BinaryReader, wire: WireType): void {
    if (field.shape === 'map') this.mapEntry(out, field, reader, wire);
    else if (field.shape === 'list') this.listElement(out, field, reader, wire);
    else if (isScalar(field.type)) this.scalar(out, field, field.type, reader, wire);
    else this.struct(out, field, readDelimited(reader, wire, field.name));
  }

  private scalar(out: Json, field: Field, type: Scalar, reader: BinaryReader, wire: WireType): void {
    const value = readScalar(type, reader, wire, field.name);
    if (field.presence === 'value' && isZero(value)) delete out[field.name];
    else out[field.name] = value;
  }

  private struct(out: Json, field: Field, bytes: Uint8Array): void {
    const earlier = out[field.name];
    if (field.presence === 'inline') {
      this.nested(() => this.into(out, messageOf(field.type), bytes));
    } else if (isJsonObject(earlier) && !opaqueOf(field.type)) {
      // A message that comes twice is merged (protobuf encoding, "Last One Wins").
      this.nested(() => this.into(earlier, messageOf(field.type), bytes));
    } else {
      const value = this.message(field.type, bytes);
      if (value !== undefined) out[field.name] = value;
    }
  }

  private listElement(out: Json, field: Field, reader: BinaryReader, wire: WireType): void {
    out[field.name] ??= [];
    const list = out[field.name] as unknown[];
    if (!isScalar(field.type)) {
      list.push(this.message(field.type, readDelimited(reader, wire, field.name)) ?? null);
    } else if (wire === WireType.LengthDelimited && field.type !== 'string' && field.type !== 'bytes') {
      // Packed: Go does not write it, but must read it.
      const packed = new BinaryReader(reader.bytes());
      while (packed.pos < packed.len) list.push(readScalar(field.type, packed, wireOf(field.type), field.name));
    } else {
      list.push(readScalar(field.type, reader, wire, field.name));
    }
  }

  private mapEntry(out: Json, field: Field, reader: BinaryReader, wire: WireType): void {
    const entry = new BinaryReader(readDelimited(reader, wire, field.name));
    let key = '';
    let value: unknown;
    while (entry.pos < entry.len) {
      const [number, entryWire] = entry.tag();
      if (number === 1) key = readScalar('string', entry, entryWire, field.name) as string;
      else if (number === 2)
        value = isScalar(field.type)
          ? readScalar(field.type, entry, entryWire, field.name)
          : this.message(field.type, readDelimited(entry, entryWire, field.name));
      else entry.skip(entryWire, number);
    }
    value ??= isScalar(field.type) ? zeroOf(field.type) : this.message(field.type, new Uint8Array(0));
    out[field.name] ??= {};
    setOwn(out[field.name] as Json, key, value);
  }

  /** Adds what was not on the wire and yet stands in the JSON: required scalars and structs by value. */
  private complete(out: Json, message: Message): void {
    for (const field of message.fields) {
      if (field.presence === 'inline') this.complete(out, messageOf(field.type));
      else if (field.presence === 'always' && out[field.name] === undefined && field.shape === 'single') {
        const value = isScalar(field.type) ? zeroOf(field.type) : this.message(field.type, new Uint8Array(0));
        // Go prints null for a nil []byte.
        if (value !== undefined && field.type !== 'bytes') out[field.name] = value;
      }
    }
  }
}

/** Writes messages into one buffer. */
export class MessageWriter implements NestedWriter {
  private readonly writer = new BinaryWriter();

  finish(): Uint8Array {
    return this.writer.finish();
  }

  string(field: number, value: string): void {
    this.writer.tag(field, WireType.LengthDelimited).string(value);
  }

  bytes(field: number, value: Uint8Array): void {
    this.writer.tag(field, WireType.LengthDelimited).bytes(value);
  }

  message(field: number, type: string, value: unknown): void {
    this.nest(field, () => this.content(type, value));
  }

  /** A message whose fields `write` writes. */
  nest(field: number, write: () => void): void {
    this.writer.tag(field, WireType.LengthDelimited).fork();
    write();
    this.writer.join();
  }

  private content(type: string, value: unknown): void {
    const opaque = opaqueOf(type);
    if (opaque) opaque.write(this.writer, value, this);
    else this.fields(messageOf(type), value);
  }

  private fields(message: Message, value: unknown): void {
    const object = message.slice ? { '*': value } : ((value ?? {}) as Json);
    for (const field of message.fields) this.field(field, field.presence === 'inline' ? object : object[field.name]);
  }

  private field(field: Field, value: unknown): void {
    if (field.shape === 'list') {
      for (const element of (value as unknown[] | null | undefined) ?? []) this.single(field, element);
    } else if (field.shape === 'map') {
      this.map(field, (value ?? {}) as Json);
    } else if (value != null) {
      this.single(field, value);
    } else if (field.presence !== 'pointer' && field.type !== 'bytes') {
      this.single(field, undefined);
    }
  }

  private single(field: Field, value: unknown): void {
    if (isScalar(field.type)) this.scalar(field.number, field.type, value);
    else this.message(field.number, field.type, value);
  }

  private map(field: Field, entries: Json): void {
    // In the order of the keys, so that the same object is always the same bytes (gogoproto's stable marshaler).
    for (const key of Object.keys(entries).sort()) {
      this.nest(field.number, () => {
        this.string(1, key);
        if (isScalar(field.type)) this.scalar(2, field.type, entries[key]);
        else this.message(2, field.type, entries[key]);
      });
    }
  }

  private scalar(number: number, type: Scalar, value: unknown): void {
    const { writer } = this;
    writer.tag(number, wireOf(type));
    if (type === 'string') writer.string(value == null ? '' : String(value));
    else if (type === 'bool') writer.bool(value === true);
    else if (type === 'int32') writer.int32(Number(value ?? 0));
    else if (type === 'int64') writer.int64(int64Of((value as number | undefined) ?? 0));
    else if (type === 'float64') writer.double(Number(value ?? 0));
    else writer.bytes(Buffer.from(String(value ?? ''), 'base64'));
  }
}

const wireOf = (type: Scalar): WireType =>
  type === 'string' || type === 'bytes' ? WireType.LengthDelimited : type === 'float64' ? WireType.Bit64 : WireType.Varint;

function readScalar(type: Scalar, reader: BinaryReader, wire: WireType, name: string): string | number | boolean {
  if (wire !== wireOf(type)) throw new Error(`proto: wrong wireType = ${wire} for field ${name}`);
  if (type === 'string') return reader.string();
  if (type === 'bool') return reader.bool();
  if (type === 'int32') return reader.int32();
  if (type === 'int64') return Number(reader.int64());
  if (type === 'float64') return reader.double();
  return Buffer.from(reader.bytes()).toString('base64');
}

function readDelimited(reader: BinaryReader, wire: WireType, name: string): Uint8Array {
  if (wire !== WireType.LengthDelimited) throw new Error(`proto: wrong wireType = ${wire} for field ${name}`);
  return reader.bytes();
}

const zeroOf = (type: Scalar): string | number | boolean => (type === 'string' || type === 'bytes' ? '' : type === 'bool' ? false : 0);

const isJsonObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

const isZero = (value: unknown): boolean => value === '' || value === 0 || value === false;

/** Sets a key that the client chose: `__proto__` is a legal key of a ConfigMap. */
function setOwn(target: Json, name: string, value: unknown): void {
  if (name === '__proto__') Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
  else target[name] = value;
}

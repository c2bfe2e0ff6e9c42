import { badRequest, notAcceptable, StatusError } from '../../kube/status.ts';
import { typeOfKind } from './fields.ts';
import { MessageReader, MessageWriter } from './message.ts';
import { eachField } from './opaque.ts';

/**
 * `application/vnd.kubernetes.protobuf`: four bytes of magic, then a runtime.Unknown with the object's type and its message
 * (API concepts, "Kubernetes Protobuf encoding").
 */

/** `k8s\0` */
const MAGIC = new Uint8Array([0x6b, 0x38, 0x73, 0x00]);

export interface GroupVersionKind {
  readonly apiVersion: string;
  readonly kind: string;
}

/**
 * The object as protobuf, byte for byte as kube-apiserver writes it.
 * Throws 406 NotAcceptable when its kind has no protobuf form.
 */
export function encodeProtobuf(object: Record<string, unknown>): Uint8Array {
  const apiVersion = String(object['apiVersion'] ?? '');
  const kind = String(object['kind'] ?? '');
  const type = typeOfKind(apiVersion, kind);
  if (!type)
    throw notAcceptable(`object ${kind} of ${apiVersion} does not implement the protobuf marshalling interface and cannot be encoded to a protobuf message`);
  const writer = new MessageWriter();
  writer.nest(1, () => {
    writer.string(1, apiVersion);
    writer.string(2, kind);
  });
  writer.message(2, type, object);
  // contentEncoding and contentType: strings by value, which Go writes although they are empty.
  writer.string(3, '');
  writer.string(4, '');
  return join(MAGIC, writer.finish());
}

/**
 * The object that protobuf bytes hold, as JSON. What the envelope does not say of the type is taken from `expected`.
 * Throws 400 BadRequest when the bytes are malformed or the kind is unknown.
 */
export function decodeProtobuf(bytes: Uint8Array, expected?: GroupVersionKind): Record<string, unknown> {
  try {
    return decodeEnvelope(bytes, expected, 0);
  } catch (error) {
    if (error instanceof StatusError) throw error;
    throw badRequest((error as Error).message);
  }
}

/** How often an object may hold another one in its own envelope (a List of Lists of …). */
const MAX_ENVELOPES = 8;

function decodeEnvelope(bytes: Uint8Array, expected: GroupVersionKind | undefined, level: number): Record<string, unknown> {
  if (bytes.length === 0) throw new Error('empty data');
  if (!isEnvelope(bytes)) throw new Error('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  if (bytes.length === MAGIC.length) throw new Error('empty body');
  if (level > MAX_ENVELOPES) throw new Error(`exceeded max depth of ${MAX_ENVELOPES} embedded objects`);
  const unknown = readUnknown(bytes.subarray(MAGIC.length));
  const apiVersion = unknown.apiVersion || expected?.apiVersion || '';
  const kind = unknown.kind || expected?.kind || '';
  if (!kind) throw new Error("Object 'Kind' is missing");
  if (!apiVersion) throw new Error("Object 'apiVersion' is missing");
  const type = typeOfKind(apiVersion, kind);
  if (!type) throw badRequest(`no kind "${kind}" is registered for version "${apiVersion}"`);
  const reader = new MessageReader({ isEnvelope, envelope: (inner) => decodeEnvelope(inner, undefined, level + 1) });
  return Object.assign({ apiVersion, kind }, reader.message(type, unknown.raw));
}

export const isEnvelope = (bytes: Uint8Array): boolean => bytes.length >= MAGIC.length && MAGIC.every((byte, i) => bytes[i] === byte);

function readUnknown(bytes: Uint8Array): { apiVersion: string; kind: string; raw: Uint8Array } {
  const out: { apiVersion: string; kind: string; raw: Uint8Array } = { apiVersion: '', kind: '', raw: new Uint8Array(0) };
  eachField(bytes, (field, reader) => {
    if (field === 1) {
      eachField(reader.bytes(), (inner, innerReader) => {
        if (inner === 1) out.apiVersion = innerReader.string();
        else if (inner === 2) out.kind = innerReader.string();
        else return false;
        return true;
      });
    } else if (field === 2) out.raw = reader.bytes();
    else return false;
    return true;
  });
  return out;
}

/** One event of a watch, for `application/vnd.kubernetes.protobuf;stream=watch`: four bytes of length (big endian), then a WatchEvent without an envelope. */
export function encodeWatchFrame(type: string, object: Record<string, unknown>): Uint8Array {
  const writer = new MessageWriter();
  writer.string(1, type);
  writer.nest(2, () => writer.bytes(1, encodeProtobuf(object)));
  const body = writer.finish();
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, body.length);
  return join(length, body);
}

function join(head: Uint8Array, body: Uint8Array): Uint8Array {
  const out = new Uint8Array(head.length + body.length);
  out.set(head);
  out.set(body, head.length);
  return out;
}

import { int64Json } from '../../kube/int64.ts';
import { parseJson } from '../../kube/json.ts';
import { checkLists } from '../../kube/json-bounds.ts';
import { badRequest, StatusError } from '../../kube/status.ts';
import { bodyEncoding, type Encoding, type Negotiated } from './negotiate.ts';
import { decodeProtobuf, encodeProtobuf, encodeWatchFrame, type TypeMeta } from './protobuf.ts';
import { formatYaml, parseYaml } from './yaml.ts';

/** Bodies of requests and answers, in each of the three encodings. */

export interface Body {
  readonly contentType?: string | null;
  readonly bytes: Uint8Array;
  /** False for what has no protobuf form: custom resources. Default: true. */
  readonly protobuf?: boolean;
  /** What the endpoint takes: it completes a body that does not say its type, and stands in the messages. */
  readonly expected?: TypeMeta;
  /** It has to say its kind itself: custom objects. */
  readonly saysKind?: boolean;
  /** Is told of every field that stands twice (what `fieldValidation` warns of or refuses): `duplicate field "spec.replicas"`. */
  readonly duplicate?: (problem: string) => void;
}

/**
 * The JSON object in a request's body, with `apiVersion` and `kind` filled in from `expected` where it does not name them.
 * Throws 415 UnsupportedMediaType for an unknown `contentType`, 413 for lists that are too long, and 400 BadRequest when the bytes are malformed, in the words of
 * kube-apiserver (staging/src/k8s.io/apiserver/pkg/endpoints/handlers/rest.go, transformDecodeError).
 */
export function decodeBody({ contentType, bytes, protobuf = true, expected, saysKind, duplicate }: Body): Record<string, unknown> {
  const encoding = bodyEncoding(contentType, { protobuf });
  try {
    const object = decode(encoding, bytes, { expected, saysKind, duplicate });
    checkLists(object);
    return object;
  } catch (error) {
    throw unrecognized(error as Error, bytes, expected);
  }
}

function decode(
  encoding: Encoding,
  bytes: Uint8Array,
  { expected, saysKind, duplicate }: Pick<Body, 'expected' | 'saysKind' | 'duplicate'>,
): Record<string, unknown> {
  if (encoding === 'protobuf') return decodeProtobuf(bytes, expected);
  const text = utf8.decode(bytes);
  const value = encoding === 'yaml' ? parseYaml(text, duplicate) : parseJsonBody(text, duplicate);
  const object = objectOf(value);
  if (!saysKind) return withType(object, expected);
  if (!object['kind']) throw new Error(`Object 'Kind' is missing in '${encoding === 'yaml' ? JSON.stringify(value) : text}'`);
  return object;
}

// A byte order mark is no JSON; YAML may begin with one.
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

function parseJsonBody(text: string, duplicate: Body['duplicate']): unknown {
  try {
    return parseJson(text, duplicate && ((path) => duplicate(`duplicate field ${JSON.stringify(path)}`)));
  } catch (error) {
    throw new Error(`couldn't get version/kind; json parse error: ${(error as Error).message}`);
  }
}

// The struct into which Kubernetes reads a body's type; its Go name is in the message that clients see.
const FIND_KIND = String.raw`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`;

function objectOf(value: unknown): Record<string, unknown> {
  if (value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    const type = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
    throw new Error(`couldn't get version/kind; json parse error: json: cannot unmarshal ${type} into Go value of type ${FIND_KIND}`);
  }
  const object = value as Record<string, unknown>;
  for (const name of ['apiVersion', 'kind']) {
    const given = object[name];
    if (given === undefined || given === null || typeof given === 'string') continue;
    const type = Array.isArray(given) ? 'array' : typeof given === 'boolean' ? 'bool' : typeof given;
    throw new Error(`couldn't get version/kind; json parse error: json: cannot unmarshal ${type} into Go struct field .${name} of type string`);
  }
  return object;
}

function withType(object: Record<string, unknown>, expected: TypeMeta | undefined): Record<string, unknown> {
  if (!expected || (object['apiVersion'] && object['kind'])) return object;
  const { apiVersion, kind, ...rest } = object;
  return { apiVersion: apiVersion || expected.apiVersion, kind: kind || expected.kind, ...rest };
}

function unrecognized(error: Error, bytes: Uint8Array, expected: TypeMeta | undefined): Error {
  if (error instanceof StatusError && error.code !== 400) return error;
  return badRequest(expected ? `the object provided is unrecognized (must be of type ${expected.kind}): ${error.message} (${summary(bytes)})` : error.message);
}

const SUMMARY = 30;

/** The start of a body: as text when it looks like JSON, else in hexadecimal. */
function summary(bytes: Uint8Array): string {
  if (bytes.length === 0) return '<empty>';
  const start = Buffer.from(bytes.subarray(0, SUMMARY));
  return (bytes[0] === 0x7b ? start.toString() : start.toString('hex')) + (bytes.length > SUMMARY ? ' ...' : '');
}

/** An answer's body. Throws 406 NotAcceptable when protobuf was agreed on and the kind has no such form. */
export function encodeBody(value: object, { mediaType, pretty }: Pick<Negotiated, 'mediaType' | 'pretty'>): Uint8Array {
  if (mediaType === 'protobuf') return encodeProtobuf(value as Record<string, unknown>);
  if (mediaType === 'yaml') return encoder.encode(formatYaml(value));
  return encoder.encode(pretty ? int64Json(value, 2) : `${int64Json(value)}\n`);
}

const encoder = new TextEncoder();

/** One event of a watch: a line of JSON, or a length-prefixed protobuf WatchEvent. */
export function encodeWatchEvent(type: string, object: object, { mediaType }: Pick<Negotiated, 'mediaType'>): Uint8Array {
  if (mediaType === 'protobuf') return encodeWatchFrame(type, object as Record<string, unknown>);
  return encoder.encode(`${int64Json({ type, object })}\n`);
}

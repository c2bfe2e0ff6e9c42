import { jsonText } from '../kube/bounded-text.ts';
import { fieldPath } from '../kube/field-path.ts';
import { apiVersionOf, type GroupVersionKind } from '../kube/group-version-kind.ts';
import type { KubeObject } from '../kube/object.ts';
import { badRequest } from '../kube/status.ts';
import { definitionOf } from './built-in-types.ts';
import { coerceMetadata, coerceObject, typedAs } from './custom/decode-custom.ts';
import { type DecodeContext, DecodeError, type PathStep } from './leaves.ts';
import type { TypeSchema } from './schema.ts';
import { decoderOf } from './structural.ts';

export interface DecodeOptions {
  /** The parsed body. It is not changed; the result shares with it what needs no change. */
  readonly value: unknown;
  /** The type that the request is about. */
  readonly type: TypeSchema;
  /** The kind that the request is about: what a body without `kind` and `apiVersion` is taken for. */
  readonly gvk: GroupVersionKind;
  /** Whether unknown fields are of interest (`fieldValidation` Warn or Strict). */
  readonly strict: boolean;
  /** How a value of a wrong type is reported. */
  readonly words?: DecodeContext['words'];
}

export interface Decoded {
  readonly object: KubeObject;
  /** When strict: `unknown field "spec.foo"`. What to do about them is the caller's decision (see `strictError`). */
  readonly unknownFields: string[];
}

/**
 * A parsed body as a typed object: apimachinery's JSON serializer, and the checks of the handlers around it (apiserver's create.go, rest.go).
 * Throws 400 BadRequest when it is of another kind or version, or has a value of the wrong type.
 */
export function decodeObject({ value, type, gvk, strict, words = 'json' }: DecodeOptions): Decoded {
  const actual = interpret(value, gvk);
  const expected = apiVersionOf(gvk);
  if (type.jsonSchema) return decodeCustom(value, actual, { type, gvk, strict });
  if (actual.kind !== gvk.kind || actual.group !== gvk.group) throw cannotBeHandled(actual, gvk, otherKind(actual, type, value));
  if (actual.version !== gvk.version) {
    throw badRequest(`the API version in the data (${apiVersionOf(actual)}) does not match the expected API version (${expected})`);
  }
  const unknown = new Set<string>();
  const path: PathStep[] = [];
  let found = 0;
  const note = (name: string) => {
    // At most 100, as in Kubernetes.
    if (found++ >= 100) return;
    const steps = path.map((step) => (typeof step === 'object' ? step.name : step));
    unknown.add(`unknown field ${goQuote(fieldPath([...steps, name]))}`);
  };
  try {
    const decoded = decoderOf(type).decode(value, strict ? { path, words, unknown: note } : { path, words }) as KubeObject;
    const object = decoded.apiVersion === expected && decoded.kind === gvk.kind ? decoded : { ...decoded, apiVersion: expected, kind: gvk.kind };
    return { object, unknownFields: [...unknown] };
  } catch (error) {
    throw error instanceof DecodeError ? cannotBeHandled(actual, gvk, error.message) : error;
  }
}

/** A custom object. One of another kind is taken as it is, and refused for that by validation. */
function decodeCustom(value: unknown, actual: GroupVersionKind, { type, gvk, strict }: Omit<DecodeOptions, 'value'>): Decoded {
  const expected = apiVersionOf(gvk);
  const { apiVersion = '' } = (value ?? {}) as Partial<KubeObject>;
  if (apiVersion !== expected) {
    throw badRequest(`the API version in the data (${apiVersion}) does not match the expected API version (${expected})`);
  }
  const unknown = new Set<string>();
  const note = (path: string) => {
    if (unknown.size < 100) unknown.add(`unknown field ${goQuote(path)}`);
  };
  try {
    const typed = typedAs((value ?? {}) as KubeObject, actual);
    const told = strict ? note : undefined;
    const object = actual.kind === gvk.kind ? coerceObject(typed, type.jsonSchema!, told) : coerceMetadata(typed, told);
    return { object, unknownFields: [...unknown] };
  } catch (error) {
    throw error instanceof DecodeError ? cannotBeHandled(actual, gvk, error.message) : error;
  }
}

/** 400: what `fieldValidation=Strict` answers to unknown and duplicate fields. */
export const strictError = (gvk: GroupVersionKind, errors: readonly string[]) => cannotBeHandled(gvk, gvk, `strict decoding error: ${errors.join(', ')}`);

function interpret(value: unknown, gvk: GroupVersionKind): GroupVersionKind {
  const reject = (what: string, into: string) =>
    unrecognized(gvk.kind, `couldn't get version/kind; json parse error: json: cannot unmarshal ${what} into ${into}`, value);
  if (value === null) return gvk;
  if (typeof value !== 'object' || Array.isArray(value)) throw reject(jsonKind(value), `Go value of type ${typeMeta}`);
  const { apiVersion = null, kind = null } = value as Record<string, unknown>;
  for (const [name, given] of Object.entries({ apiVersion, kind })) {
    if (given !== null && typeof given !== 'string') throw reject(jsonKind(given), `Go struct field .${name} of type string`);
  }
  const parts = ((apiVersion as string | null) ?? '').split('/');
  if (parts.length > 2) throw unrecognized(gvk.kind, `unexpected GroupVersion string: ${apiVersion}`, value);
  const [version, group] = parts.length === 2 ? [parts[1]!, parts[0]!] : [parts[0]!, ''];
  return {
    kind: (kind as string | null) || gvk.kind,
    ...(version === '' && (group === '' || group === gvk.group) ? { group: gvk.group, version: gvk.version } : { group, version }),
  };
}

const typeMeta = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

const jsonKind = (value: unknown) => (Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value);

/** Why an object of another kind does not do: Kubernetes has no conversion between them, or does not know it. */
function otherKind(actual: GroupVersionKind, type: TypeSchema, value: unknown): string {
  if (!actual.version) return `Object 'apiVersion' is missing in '${jsonText(value)}'`;
  const known = definitionOf(apiVersionOf(actual), actual.kind);
  if (!known) return `no kind "${actual.kind}" is registered for version "${apiVersionOf(actual)}" in scheme "pkg/api/legacyscheme/scheme.go:30"`;
  const [group, , kind] = type.name.split('.').slice(-3);
  return `converting (${actual.version}.${actual.kind}) to (${group}.${kind}): unknown conversion`;
}

const cannotBeHandled = (actual: GroupVersionKind, expected: GroupVersionKind, why: string) =>
  badRequest(`${actual.kind} in version "${actual.version}" cannot be handled as a ${expected.kind}: ${why}`);

const unrecognized = (kind: string, why: string, value: unknown) =>
  badRequest(`the object provided is unrecognized (must be of type ${kind}): ${why} (${summary(jsonText(value, 2 * SUMMARY))})`);

const SUMMARY = 30;

/** The beginning of a body, as apiserver's summarizeData shows it. */
function summary(text: string): string {
  if (text === '') return '<empty>';
  const bytes = new TextEncoder().encode(text);
  const start = bytes.subarray(0, SUMMARY);
  const shown = text[0] === '{' ? new TextDecoder().decode(start) : Array.from(start, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return bytes.length > SUMMARY ? `${shown} ...` : shown;
}

/** As Go's %q writes it, for what names of fields can hold. */
const goQuote = (text: string) => JSON.stringify(text);

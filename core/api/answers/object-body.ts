import { apiVersionOf } from '../../kube/group-version-kind.ts';
import { scan } from '../../kube/json-scan.ts';
import type { KubeObject } from '../../kube/object.ts';
import { decodeObject, strictError } from '../../schema/decode.ts';
import type { WriteCall } from '../call.ts';
import { decodeBody } from '../codec/body.ts';
import { bodyEncoding } from '../codec/negotiate.ts';
import type { WriteOptions } from '../query/write-options.ts';
import type { BodyType } from '../request/body-type.ts';

/** As many as Kubernetes reports. */
const MAX_PROBLEMS = 100;

/**
 * The object in a request's body, checked against the schema of its type. What `fieldValidation` finds is refused or becomes a warning.
 * Throws 415 and 400 (malformed, another type, values of a wrong type, unknown or repeated fields when strict).
 */
export function objectFromBody<T extends KubeObject = KubeObject>(
  call: Pick<WriteCall, 'request' | 'body' | 'warnings' | 'target' | 'audit'>,
  { gvk, type }: BodyType,
  { fieldValidation }: Pick<WriteOptions, 'fieldValidation'>,
): T {
  const strict = fieldValidation !== 'Ignore';
  const repeated: string[] = [];
  const contentType = call.request.headers.get('content-type');
  const value = decodeBody({
    contentType,
    bytes: call.body,
    protobuf: !call.target.resource.custom,
    expected: { apiVersion: apiVersionOf(gvk), kind: gvk.kind },
    saysKind: type.jsonSchema !== undefined,
    ...(strict && { duplicate: (problem: string) => repeated.push(problem) }),
  });
  const { object, unknownFields } = decodeObject({ value, type, gvk, strict });
  const problems = inOrder(call.body, repeated, unknownFields).slice(0, MAX_PROBLEMS);
  if (problems.length > 0 && fieldValidation === 'Strict') {
    // All that stands twice in YAML is one error.
    const ofYaml = bodyEncoding(contentType) === 'yaml' && repeated.length > 0;
    throw strictError(gvk, ofYaml ? [`yaml: unmarshal errors:\n  ${repeated.join('\n  ')}`, ...unknownFields] : problems);
  }
  call.warnings.push(...problems);
  call.audit?.requested(object);
  return object as T;
}

/** In bytes. The paths of all fields take more than the text that they are of, as much as the square of it where it nests; what is longer has them told apart. */
const MAX_ORDERED = 16 * 1024;

/** Go's decoder meets both kinds of problem on its one way through a JSON text. (What stands twice in YAML it is told before.) */
function inOrder(body: Uint8Array, repeated: readonly string[], unknown: readonly string[]): readonly string[] {
  if (repeated.length === 0 || unknown.length === 0 || body.length > MAX_ORDERED) return [...repeated, ...unknown];
  const first = new Set(unknown);
  const again = new Set(repeated);
  const seen = new Set<string>();
  const problems = new Set<string>();
  const malformed = scan(new TextDecoder().decode(body), {
    field: (path) => {
      const name = JSON.stringify(path);
      if (first.has(`unknown field ${name}`)) problems.add(`unknown field ${name}`);
      if (seen.has(path) && again.has(`duplicate field ${name}`)) problems.add(`duplicate field ${name}`);
      seen.add(path);
    },
  });
  return malformed ? [...repeated, ...unknown] : [...problems];
}

import { apiVersionOf } from '../../kube/group-version-kind.ts';
import type { KubeObject } from '../../kube/object.ts';
import { decodeObject, strictError } from '../../schema/decode.ts';
import type { WriteCall } from '../call.ts';
import { decodeBody } from '../codec/body.ts';
import type { WriteOptions } from '../query/write-options.ts';
import type { BodyType } from '../request/body-type.ts';

/** As many as Kubernetes reports. */
const MAX_PROBLEMS = 100;

/**
 * The object in a request's body, checked against the schema of its type. What `fieldValidation` finds is refused or becomes a warning.
 * Throws 415 and 400 (malformed, another type, values of a wrong type, unknown or repeated fields when strict).
 */
export function objectFromBody<T extends KubeObject = KubeObject>(
  call: Pick<WriteCall, 'request' | 'body' | 'warnings' | 'target'>,
  { gvk, type }: BodyType,
  { fieldValidation }: Pick<WriteOptions, 'fieldValidation'>,
): T {
  const strict = fieldValidation !== 'Ignore';
  let problems: string[] = [];
  const value = decodeBody({
    contentType: call.request.headers.get('content-type'),
    bytes: call.body,
    protobuf: !call.target.resource.custom,
    expected: { apiVersion: apiVersionOf(gvk), kind: gvk.kind },
    saysKind: type.jsonSchema !== undefined,
    ...(strict && { duplicate: (problem: string) => problems.push(problem) }),
  });
  const { object, unknownFields } = decodeObject({ value, type, gvk, strict });
  problems = problems.concat(unknownFields).slice(0, MAX_PROBLEMS);
  if (problems.length > 0 && fieldValidation === 'Strict') throw strictError(gvk, problems);
  call.warnings.push(...problems);
  return object as T;
}

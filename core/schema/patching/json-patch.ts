import { isFields } from '../../kube/fields.ts';
import { badRequest, requestTooLarge } from '../../kube/status.ts';
import { applyOperations, JsonPatchError } from './json-patch-operations.ts';
import { unprocessable } from './unprocessable.ts';

/** As many as kube-apiserver takes (staging/src/k8s.io/apiserver/pkg/endpoints/handlers/patch.go). */
const MAX_OPERATIONS = 10_000;

/**
 * `object` with a JSON patch (RFC 6902) applied. Neither argument is changed.
 * Throws 400 BadRequest when `patch` is not a list of operations, 413 when it is a list of more than 10,000, and
 * 422 Invalid when an operation does not fit the object: a `test` that fails, a path that is not there.
 */
export function jsonPatch<T extends object>(object: T, patch: unknown): T {
  if (!Array.isArray(patch)) throw badRequest(`error decoding patch: json: cannot unmarshal ${goType(patch)} into Go value of type []handlers.jsonPatchOp`);
  if (patch.length > MAX_OPERATIONS) throw requestTooLarge(`The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${patch.length}`);
  if (!patch.every(isFields)) throw badRequest('error decoding patch: an operation of a JSON patch is an object');
  const document = applied(object, patch);
  if (!isFields(document)) throw unprocessable();
  return document as T;
}

const goType = (value: unknown): string => (value === null ? 'null' : typeof value === 'boolean' ? 'bool' : typeof value);

function applied(object: object, patch: Parameters<typeof applyOperations>[1]): unknown {
  try {
    return applyOperations(object, patch);
  } catch (error) {
    throw error instanceof JsonPatchError ? unprocessable() : error;
  }
}

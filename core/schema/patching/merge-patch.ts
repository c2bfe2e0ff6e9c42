import { type Fields, isFields } from '../../kube/fields.ts';
import { applyPatch } from '../../kube/merge-patch.ts';
import { badRequest } from '../../kube/status.ts';

/**
 * `object` with a JSON merge patch (RFC 7386) applied: null removes, an object is merged, anything else replaces. Neither argument is
 * changed, and what the patch does not touch is shared with the result.
 * Throws 400 BadRequest when `patch` is not an object.
 */
export function mergePatch<T extends object>(object: T, patch: unknown): T {
  if (patch === null) throw badRequest('Invalid JSON Patch');
  if (!isFields(patch)) {
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${Array.isArray(patch) ? 'array' : typeof patch === 'boolean' ? 'bool' : typeof patch} into Go value of type map[string]interface {}`,
    );
  }
  return applyPatch(object as Fields, patch) as T;
}

import { badRequest } from '../../kube/status.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * `object` with a JSON merge patch (RFC 7386) applied: null removes, an object is merged, anything else replaces. Neither argument is
 * changed, and what the patch does not touch is shared with the result.
 * Throws 400 BadRequest when `patch` is not an object.
 */
export function mergePatch<T extends object>(object: T, patch: unknown): T {
  if (patch === null) throw badRequest('Invalid JSON Patch');
  if (!isObject(patch)) {
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${Array.isArray(patch) ? 'array' : typeof patch === 'boolean' ? 'bool' : typeof patch} into Go value of type map[string]interface {}`,
    );
  }
  return merge(object, patch) as T;
}

function merge(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  // A Map in between: its keys are only keys, `__proto__` among them.
  const out = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) out.delete(name);
    else out.set(name, merge(out.get(name), value));
  }
  return Object.fromEntries(out);
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

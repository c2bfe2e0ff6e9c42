import { type Fields, field, isFields, put } from './fields.ts';
import type { KubeObject } from './object.ts';

/** A JSON merge patch (RFC 7386): null removes, an object is merged, anything else replaces. */
export type MergePatch = { readonly [field: string]: unknown };

/**
 * `object` with a merge patch applied. Nothing is changed in place: what the patch does not touch is shared with `object`, and when it changes
 * nothing `object` itself comes back.
 */
export function applyPatch<T extends KubeObject | Fields>(object: T, patch: MergePatch): T {
  const fields = object as Fields;
  let out: Record<string, unknown> | undefined;
  const change = () => {
    out ??= { ...fields };
    return out;
  };
  for (const name of Object.keys(patch)) {
    const value = patch[name];
    if (value === undefined) continue;
    if (value === null) {
      if (Object.hasOwn(fields, name)) delete change()[name];
      continue;
    }
    const have = field(fields, name);
    const want = !isFields(value) ? value : isFields(have) ? applyPatch(have, value) : withoutNulls(value);
    if (want !== have) put(change(), name, want);
  }
  return (out ?? object) as T;
}

/** Whether a merge patch would take a null of this value for a removal; those inside an array it leaves alone. */
export function holdsNull(value: unknown): boolean {
  if (value === null) return true;
  return isFields(value) && Object.keys(value).some((name) => holdsNull(value[name]));
}

/** RFC 7386, section 2: a patch applied where there was no object. */
const withoutNulls = (patch: Fields): Fields => (holdsNull(patch) ? applyPatch({}, patch) : patch);

import { type Fields, field, fieldsOf, isFields, put } from '../kube/fields.ts';
import { holdsNull, type MergePatch } from '../kube/merge-patch.ts';
import { type KubeObject, same } from '../kube/object.ts';

/**
 * What a MODIFIED event carries: the JSON merge patch (RFC 7386) that turns `before` into `after`, `{}` when they are the same.
 * `metadata.resourceVersion` is left out, as it is the offset of the event. Subtrees that both share are not looked into; a field whose
 * value is `undefined` counts as absent. Returns `undefined` when a merge patch cannot say it, because a changed part of `after` holds
 * a null; the event then carries the object whole.
 */
export function diff(before: KubeObject, after: KubeObject): MergePatch | undefined {
  const patch = differences(fieldsOf(before), fieldsOf(after), ['metadata', 'resourceVersion']);
  return patch === INEXPRESSIBLE ? undefined : (patch ?? {});
}

const INEXPRESSIBLE = Symbol('holds a null');

/** The patch between two objects, `undefined` when there is no difference. `ignored` is the path of the one field to leave out. */
function differences(before: Fields, after: Fields, ignored?: readonly string[]): MergePatch | undefined | typeof INEXPRESSIBLE {
  let patch: Record<string, unknown> | undefined;
  const record = (name: string, value: unknown) => {
    patch ??= {};
    put(patch, name, value);
  };
  for (const name of Object.keys(after)) {
    const ignoredHere = ignored?.[0] === name;
    if (ignoredHere && ignored.length === 1) continue;
    const want = after[name];
    const have = field(before, name);
    if (want === have || want === undefined) continue;
    if (isFields(want) && isFields(have)) {
      const inner = differences(have, want, ignoredHere ? ignored.slice(1) : undefined);
      if (inner === INEXPRESSIBLE) return INEXPRESSIBLE;
      if (inner) record(name, inner);
    } else if (!same(have, want)) {
      if (holdsNull(want)) return INEXPRESSIBLE;
      record(name, want);
    }
  }
  for (const name of Object.keys(before)) {
    if (ignored?.length === 1 && ignored[0] === name) continue;
    if (before[name] !== undefined && field(after, name) === undefined) record(name, null);
  }
  return patch;
}

/** `after`, with what is the same in `before` taken from there: two versions that were written whole share it then. Where there is nothing to take, it is `after` as it is. */
export function sharing<T>(before: unknown, after: T): T {
  if (before === after) return before as T;
  if (Array.isArray(before) && Array.isArray(after)) return sharingElements(before, after) as T;
  if (!isFields(before) || !isFields(after)) return same(before, after) ? (before as T) : after;
  let out: Record<string, unknown> | undefined;
  let differs = false;
  let more = 0;
  for (const name in after) {
    more++;
    const own = after[name];
    const has = Object.hasOwn(before, name);
    const part = has ? sharing(before[name], own) : own;
    if (!has || part !== before[name]) differs = true;
    if (part === own) continue;
    out ??= { ...after };
    put(out, name, part);
  }
  for (const _ in before) more--;
  return (differs || more !== 0 ? (out ?? after) : before) as T;
}

function sharingElements(before: readonly unknown[], after: readonly unknown[]): readonly unknown[] {
  let out: unknown[] | undefined;
  let differs = before.length !== after.length;
  for (let i = 0; i < after.length; i++) {
    const part = sharing(before[i], after[i]);
    if (part !== before[i]) differs = true;
    if (part === after[i]) continue;
    out ??= [...after];
    out[i] = part;
  }
  return differs ? (out ?? after) : before;
}

import { type Fields, fieldsOf, isFields } from '../../../kube/fields.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { same } from '../../../kube/object.ts';
import { type FieldShape, fieldOf, type Shape } from '../../../schema/patching/patch-shape.ts';
import type { TypeSchema } from '../../../schema/schema.ts';

/**
 * What makes of an object that is there (`live`) what is applied now (`modified`), without what was applied before (`original`) and is not any more: a strategic
 * merge patch where its type is known, else a JSON merge patch (strategicpatch.CreateThreeWayMergePatch, jsonmergepatch.CreateThreeWayJSONMergePatch).
 */
export function threeWayPatch({
  original,
  modified,
  live,
  type,
}: {
  original: KubeObject | undefined;
  modified: KubeObject;
  live: KubeObject;
  type: TypeSchema | undefined;
}): Fields {
  const { apiVersion: _, kind: _k, ...patch } = fieldsPatch(original && fieldsOf(original), fieldsOf(modified), fieldsOf(live), type ? { type } : 'free');
  return patch;
}

function fieldsPatch(original: Fields | undefined, modified: Fields, live: Fields | undefined, shape: Shape): Fields {
  const patch: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(modified)) {
    const [was, is] = [original?.[name], live?.[name]];
    if (value === null || value === undefined || same(value, is)) continue;
    const field = shapeOf(shape, name);
    if (isFields(value) && isFields(is) && field.strategy !== 'replace') {
      const inner = fieldsPatch(isFields(was) ? was : undefined, value, is, field.shape);
      if (Object.keys(inner).length > 0) patch[name] = inner;
    } else if (Array.isArray(value) && Array.isArray(is) && field.strategy === 'merge')
      Object.assign(patch, listPatch(name, Array.isArray(was) ? was : [], value, is, field));
    else patch[name] = value;
  }
  for (const name of Object.keys(original ?? {})) if (modified[name] === undefined && live?.[name] !== undefined) patch[name] = null;
  return patch;
}

/** What is not known of a type is not merged. */
function shapeOf(shape: Shape, name: string): FieldShape {
  try {
    return fieldOf(shape, name);
  } catch {
    return { strategy: undefined, mergeKey: undefined, shape: 'free' };
  }
}

function listPatch(
  name: string,
  original: readonly unknown[],
  modified: readonly unknown[],
  live: readonly unknown[],
  { mergeKey, shape }: FieldShape,
): Fields {
  if (mergeKey === undefined) {
    const removed = original.filter((value) => !modified.includes(value) && live.includes(value));
    const added = modified.filter((value) => !live.includes(value));
    return { ...(added.length > 0 && { [name]: added }), ...(removed.length > 0 && { [`$deleteFromPrimitiveList/${name}`]: removed }) };
  }
  const byKey = (list: readonly unknown[], key: unknown) => list.filter(isFields).find((each) => each[mergeKey] === key);
  const patches = modified.filter(isFields).flatMap((element) => {
    const key = element[mergeKey];
    const there = byKey(live, key);
    if (!there) return [element];
    const inner = fieldsPatch(byKey(original, key), element, there, shape);
    return Object.keys(inner).length > 0 ? [{ ...inner, [mergeKey]: key }] : [];
  });
  const removed = original.filter(isFields).filter((element) => !byKey(modified, element[mergeKey]) && byKey(live, element[mergeKey]));
  const list = [...patches, ...removed.map((element) => ({ $patch: 'delete', [mergeKey]: element[mergeKey] }))];
  return list.length > 0 ? { [name]: list } : {};
}

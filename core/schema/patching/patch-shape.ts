import { schemaOf, typeName } from '../built-in-types.ts';
import type { FieldSchema, TypeSchema } from '../schema.ts';
import { PatchError } from './strategic-errors.ts';

/** What a strategic merge patch must know of a value: the type that its fields are looked up in, or nothing when its keys are free. */
export type Shape = { readonly type: TypeSchema } | { readonly values: FieldSchema } | 'free';

export interface FieldShape {
  /** How the field is merged; none: objects are merged, lists replaced. `retainKeys` only speaks to the client that makes the patch. */
  readonly strategy: 'merge' | 'replace' | undefined;
  readonly mergeKey: string | undefined;
  /** Of the field's value; of a list, of its elements. */
  readonly shape: Shape;
}

const plain: FieldShape = { strategy: undefined, mergeKey: undefined, shape: 'free' };

/** Throws a PatchError when the type has no such field. */
export function fieldOf(shape: Shape, name: string): FieldShape {
  if (shape === 'free') return plain;
  if ('values' in shape) return { ...plain, shape: shapeOf(shape.values) };
  const fields = shape.type.fields!;
  if (!Object.hasOwn(fields, name))
    throw new PatchError(`unable to find api field in struct ${typeName(shape.type.name)} for the json field ${JSON.stringify(name)}`);
  const field = fields[name]!;
  const strategies = field.patchStrategy?.split(',') ?? [];
  return {
    strategy: strategies.includes('merge') ? 'merge' : strategies.includes('replace') ? 'replace' : undefined,
    mergeKey: field.patchMergeKey,
    shape: shapeOf(field.items ?? field),
  };
}

function shapeOf(field: FieldSchema): Shape {
  if (field.map) return { values: field.map };
  // Embedded objects and JSON of any shape have no fields that are known.
  const type = field.ref === undefined ? undefined : schemaOf(field.ref);
  return type?.fields ? { type } : 'free';
}

import type { FieldSchema } from '../schema.ts';
import { schemaOf, typeName } from '../schema-lookup.ts';
import { PatchError } from './strategic-errors.ts';

/** What a strategic merge patch must know of a value: the type that its fields are looked up in, or nothing when its keys are free. */
export type Shape = { readonly definition: string } | { readonly values: FieldSchema } | 'free';

export interface FieldShape {
  /** How the field is merged; none: objects are merged, lists replaced. `retainKeys` only speaks to the client that makes the patch. */
  readonly strategy: 'merge' | 'replace' | undefined;
  readonly mergeKey: string | undefined;
  /** Of the field's value; of a list, of its elements. */
  readonly shape: Shape;
}

export const rootOf = (definition: string): Shape => shapeOf({ ref: definition });

const plain: FieldShape = { strategy: undefined, mergeKey: undefined, shape: 'free' };

/** Throws a PatchError when the type has no such field. */
export function fieldOf(shape: Shape, name: string): FieldShape {
  if (shape === 'free') return plain;
  if ('values' in shape) return { ...plain, shape: shapeOf(shape.values) };
  const fields = schemaOf(shape.definition)!.fields!;
  if (!Object.hasOwn(fields, name))
    throw new PatchError(`unable to find api field in struct ${typeName(shape.definition)} for the json field ${JSON.stringify(name)}`);
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
  if (field.ref && schemaOf(field.ref)?.fields) return { definition: field.ref };
  return 'free';
}

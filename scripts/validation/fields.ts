import { schemaOf } from '../../core/schema/built-in-types.ts';
import type { FieldSchema, TypeSchema } from '../../core/schema/schema.ts';

/** A field of a kind that holds a value: `spec.ports[*].name`. */
export interface Field {
  readonly path: readonly Step[];
  readonly schema: FieldSchema;
  /** A field of the status, which is written apart. */
  readonly isStatus: boolean;
}

/** The name of a field; `*`: an element of a list; `**`: a value of a map. */
export type Step = string;

export const textOf = (path: readonly Step[]): string => path.map((step, i) => (step === '*' || step === '**' ? '[*]' : `${i ? '.' : ''}${step}`)).join('');

/** Told of once: that of a Pod's template is what is told of a Pod, and that of metadata is the same for every kind. */
const ELSEWHERE = ['.PodTemplateSpec', '.ObjectMeta', '.ListMeta', '.LabelSelector'];

/** All fields of a type that hold values, but for those of metadata. */
export function fieldsOf(type: TypeSchema): Field[] {
  const fields: Field[] = [];
  for (const [name, schema] of Object.entries(type.fields ?? {})) if (!['apiVersion', 'kind', 'metadata'].includes(name)) collect(schema, [name], [], fields);
  return fields;
}

function collect(schema: FieldSchema, path: readonly Step[], around: readonly string[], into: Field[]): void {
  const { ref, items, map } = schema;
  const inner = items ?? map;
  if (inner && (isStruct(inner) || inner.items || inner.map)) {
    collect(inner, [...path, items ? '*' : '**'], around, into);
    return;
  }
  const type = inner ? undefined : ref ? schemaOf(ref) : schema.struct;
  if (!type?.fields) {
    into.push({ path, schema, isStatus: path[0] === 'status' });
    return;
  }
  if (ELSEWHERE.some((end) => type.name.endsWith(end)) || around.includes(type.name)) return;
  for (const [name, field] of Object.entries(type.fields)) collect(field, [...path, name], [...around, type.name], into);
}

const isStruct = ({ ref, struct }: FieldSchema): boolean => Boolean(ref ? schemaOf(ref)?.fields : struct?.fields);

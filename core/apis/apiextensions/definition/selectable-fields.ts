import type { FieldError } from '../../../kube/status.ts';
import { duplicate, invalidValue, required, tooMany } from '../../../kube/validation/field.ts';
import type { JSONSchemaProps, SelectableField } from '../../../schema/generated/kinds.ts';
import { fieldAtPath } from './schema/field-path.ts';
import { notStructural } from './schema/not-structural.ts';

const MAX = 8;
const TYPES: readonly (string | undefined)[] = ['string', 'boolean', 'integer'];

interface Options {
  readonly path: string;
  /** What is said when there is no schema to look the fields up in. */
  readonly noSchema: string;
  /** There were too many before, and they are the same. */
  readonly many: boolean;
}

/** What `selectableFields` may be (Kubernetes documentation, "CustomResourceDefinition versioning", "Field selectors for custom resources"). */
export function selectableFieldErrors(
  fields: readonly SelectableField[],
  schema: JSONSchemaProps | undefined,
  { path, noSchema, many }: Options,
): FieldError[] {
  if (!schema) return [invalidValue(path, '', noSchema)];
  // Told of the schema itself.
  if (notStructural(schema) !== undefined) return [];
  const known = new Set<string>();
  const errors = fields.flatMap(({ jsonPath }, i) => fieldErrors(jsonPath, schema, { path: `${path}[${i}].jsonPath`, known }));
  return known.size > MAX && !many ? [...errors, tooMany(path, known.size, MAX)] : errors;
}

function fieldErrors(jsonPath: string, schema: JSONSchemaProps, { path, known }: { path: string; known: Set<string> }): FieldError[] {
  if (!jsonPath) return [required(path)];
  const found = fieldAtPath(jsonPath, schema, { brackets: false });
  if ('problem' in found) return [invalidValue(path, jsonPath, `is an invalid path: ${found.problem}`)];
  const isKnown = known.has(found.path);
  known.add(found.path);
  return [
    ...(found.first === 'metadata' ? [invalidValue(path, jsonPath, 'must not point to fields in metadata')] : []),
    ...(found.schema && TYPES.includes(found.schema.type)
      ? []
      : [invalidValue(path, jsonPath, 'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.')]),
    ...(isKnown ? [duplicate(path, jsonPath)] : []),
  ];
}

import type { FieldError } from '../../kube/status.ts';
import { duplicate, required } from '../../kube/validation/field.ts';
import { repeats } from '../../kube/validation/repeats.ts';

/** Conditions of this group have but a type, each one once (ValidateFlowSchemaStatus). */
export function namedConditionErrors(conditions: readonly { type?: string }[] = []): FieldError[] {
  const repeated = repeats(conditions, ({ type = '' }) => type);
  return conditions.flatMap(({ type = '' }, i) => [
    ...(repeated.has(i) ? [duplicate(`status.conditions[${i}].type`, type)] : []),
    ...(type ? [] : [required(`status.conditions[${i}].type`)]),
  ]);
}

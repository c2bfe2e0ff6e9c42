import type { FieldError } from '../status.ts';
import { duplicate, invalidValue, invalidValues, notSupported, required, tooLong } from './field.ts';
import { conditionReason, qualifiedName } from './names.ts';
import { repeats } from './repeats.ts';

/** A `meta.k8s.io/v1 Condition` as it comes in. */
interface Condition {
  type?: string;
  status?: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string | null;
  observedGeneration?: number;
}

/** Checks the conditions of a status (apimachinery's pkg/apis/meta/v1/validation, ValidateConditions). */
export function conditionErrors(conditions: readonly Condition[], path: string): FieldError[] {
  const repeated = repeats(conditions, ({ type }) => type);
  return conditions.flatMap((condition, i) => [
    ...(repeated.has(i) ? [duplicate(`${path}[${i}].type`, condition.type ?? '')] : []),
    ...oneConditionErrors(condition, `${path}[${i}]`),
  ]);
}

const STATUSES = ['False', 'True', 'Unknown'];
const MAX_REASON = 1024;
const MAX_MESSAGE = 32 * 1024;

function oneConditionErrors({ type = '', status = '', reason = '', message = '', ...rest }: Condition, path: string): FieldError[] {
  const { observedGeneration: generation = 0 } = rest;
  return [
    ...invalidValues(`${path}.type`, type, qualifiedName(type)),
    ...(STATUSES.includes(status) ? [] : [notSupported(`${path}.status`, status, STATUSES)]),
    ...(generation < 0 ? [invalidValue(`${path}.observedGeneration`, generation, 'must be greater than or equal to zero')] : []),
    ...(rest.lastTransitionTime ? [] : [required(`${path}.lastTransitionTime`)]),
    ...(reason ? invalidValues(`${path}.reason`, reason, conditionReason(reason)) : [required(`${path}.reason`)]),
    ...(Buffer.byteLength(reason) > MAX_REASON ? [tooLong(`${path}.reason`, MAX_REASON)] : []),
    ...(Buffer.byteLength(message) > MAX_MESSAGE ? [tooLong(`${path}.message`, MAX_MESSAGE)] : []),
  ];
}

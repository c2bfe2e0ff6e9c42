import type { FieldError } from '../../kube/status.ts';
import { invalidValue, invalidValues, nonNegative } from '../../kube/validation/field.ts';
import { percent } from '../../kube/validation/names.ts';

/** Numbers that may also be percentages, such as maxUnavailable (pkg/apis/apps/validation). */
export type IntOrPercent = number | string;

/** Checks that a value is a non-negative integer or a percentage. */
export const validateIntOrPercent = (path: string, value: IntOrPercent): FieldError[] =>
  typeof value === 'string' ? invalidValues(path, value, percent(value)) : nonNegative(path, value);

/** Checks that a percentage is at most 100%; integers have no bound. */
export const validateAtMost100Percent = (path: string, value: IntOrPercent): FieldError[] =>
  typeof value === 'string' && !percent(value).length && Number.parseInt(value, 10) > 100 ? [invalidValue(path, value, 'must not be greater than 100%')] : [];

/** The number before the `%`, or the number; 0 for what is neither. */
export const intOrPercentValue = (value: IntOrPercent): number => (typeof value === 'number' ? value : Number.parseInt(value, 10) || 0);

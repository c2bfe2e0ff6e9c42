import { goNumber } from '../../kube/go-text.ts';
import type { JSONSchemaProps } from '../generated/kinds.ts';
import { isNearlyInteger } from './nearly-integer.ts';
import type { ValueError } from './validation-result.ts';

interface Of {
  readonly schema: JSONSchemaProps;
  /** `integer`, `number`, or '' for a schema that says neither or both. */
  readonly type: string;
  readonly format: string;
  readonly path: string;
}

/** What is wrong with a number (kube-openapi's numberValidator): its range first, then its factor, minimum and maximum. */
export function numberErrors(value: number, of: Of): ValueError[] {
  const { schema, path } = of;
  const { multipleOf, minimum, maximum, exclusiveMinimum = false, exclusiveMaximum = false } = schema;
  // An integer is compared with integers: Go truncates the limits.
  const native = (limit: number) => (Number.isInteger(value) && inRange(limit, of) ? Math.trunc(limit) : limit);
  const errors = rangeErrors(value, 'Checked', of);
  if (multipleOf !== undefined) {
    errors.push(...rangeErrors(multipleOf, 'MultipleOf', of));
    const factor = native(multipleOf);
    if (factor <= 0)
      errors.push({ code: 'other', path, value: factor, message: `factor MultipleOf declared for ${path} must be positive: ${goNumber(factor)}` });
    else if (!isMultiple(value, factor)) errors.push({ code: 'other', path, value, message: `${path} in body should be a multiple of ${goNumber(factor)}` });
  }
  if (minimum !== undefined) {
    errors.push(...rangeErrors(minimum, 'Minimum boundary', of));
    const limit = native(minimum);
    if (exclusiveMinimum ? value <= limit : value < limit) {
      errors.push({
        code: 'other',
        path,
        value,
        message: `${path} in body should be greater than ${exclusiveMinimum ? '' : 'or equal to '}${goNumber(limit)}`,
      });
    }
  }
  if (maximum !== undefined) {
    errors.push(...rangeErrors(maximum, 'Maximum boundary', of));
    const limit = native(maximum);
    if (exclusiveMaximum ? value >= limit : value > limit) {
      errors.push({ code: 'other', path, value, message: `${path} in body should be less than ${exclusiveMaximum ? '' : 'or equal to '}${goNumber(limit)}` });
    }
  }
  return errors;
}

function isMultiple(value: number, factor: number): boolean {
  if (Number.isInteger(value) && Number.isInteger(factor)) return value % factor === 0;
  return isNearlyInteger(factor < 1 ? (1 / factor) * value : value / factor);
}

/** Kubernetes names no field for these. */
function rangeErrors(value: number, what: string, of: Of): ValueError[] {
  if (inRange(value, of)) return [];
  const { type, format, path } = of;
  const form = format ? `with format ${format}` : '(default format)';
  return [{ code: 'other', path: undefined, message: `${what} value must be of type ${type} ${form} in ${path}` }];
}

const MAX_FLOAT32 = 3.4028234663852886e38;

/** Whether a number is one of its type and format, without a loss. */
function inRange(value: number, { type, format }: Pick<Of, 'type' | 'format'>): boolean {
  if (type === 'integer') {
    const limit = format === 'int32' ? 2 ** 31 : 2 ** 63;
    return Number.isInteger(value) && value >= -limit && value < limit;
  }
  return format !== 'float' || Math.abs(value) <= MAX_FLOAT32;
}

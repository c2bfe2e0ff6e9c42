import { isFields } from '../../kube/fields.ts';
import type { FieldError } from '../../kube/status.ts';
import { invalidValue } from '../../kube/validation/field.ts';

/** How many Events may be written (eventratelimit.admission.k8s.io/v1alpha1, Limit): `qps` a second, and `burst` at once after a while without any. */
export interface EventLimit {
  readonly type: (typeof LIMIT_TYPES)[number];
  readonly qps: number;
  readonly burst: number;
  /** How many namespaces, users, … are told apart; 4096 unless told. */
  readonly cacheSize?: number;
}

const LIMIT_TYPES = ['Server', 'Namespace', 'User', 'SourceAndObject'] as const;

/** What is wrong with limits as they are written (ValidateConfiguration). */
export function limitErrors(limits: unknown): FieldError[] {
  if (!Array.isArray(limits) || limits.length === 0) return [invalidValue('limits', limits, 'must not be empty')];
  const isCount = (value: unknown, least: number) => Number.isInteger(value) && (value as number) >= least;
  return limits.flatMap((limit: unknown, i) => {
    const { type, qps, burst, cacheSize = 0 } = isFields(limit) ? limit : {};
    return [
      ...(LIMIT_TYPES.some((known) => known === type) ? [] : [invalidValue(`limits[${i}].type`, type, `must be one of ${LIMIT_TYPES.join(', ')}`)]),
      ...(isCount(burst, 1) ? [] : [invalidValue(`limits[${i}].burst`, burst, 'must be positive')]),
      ...(isCount(qps, 1) ? [] : [invalidValue(`limits[${i}].qps`, qps, 'must be positive')]),
      ...(isCount(cacheSize, 0) ? [] : [invalidValue(`limits[${i}].cacheSize`, cacheSize, 'must not be negative')]),
    ];
  });
}

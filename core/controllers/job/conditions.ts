import { timestamp } from '../../kube/object.ts';
import type { Job, JobCondition } from '../../schema/generated/kinds.ts';

type JobConditionType = 'Complete' | 'Failed' | 'FailureTarget' | 'SuccessCriteriaMet' | 'Suspended';

/** What a Job's end is decided by, before a condition says so. */
export interface Verdict {
  type: 'SuccessCriteriaMet' | 'FailureTarget';
  reason: string;
  message: string;
}

/** The condition of this type, when it is true. */
export const trueCondition = (conditions: readonly JobCondition[] | undefined, type: JobConditionType): JobCondition | undefined =>
  conditions?.find((condition) => condition.type === type && condition.status === 'True');

/** The verdict that an earlier pass has written down. */
export function verdictOf({ status }: Job): Verdict | undefined {
  const met = trueCondition(status?.conditions, 'SuccessCriteriaMet') ?? trueCondition(status?.conditions, 'FailureTarget');
  return met && { type: met.type as Verdict['type'], reason: met.reason ?? '', message: met.message ?? '' };
}

/**
 * The conditions with this one set. One that is there and says the same stays; one that would be false and is not there is not added
 * (ensureJobConditionStatus). The same list when nothing changes.
 */
export function withCondition(
  conditions: readonly JobCondition[],
  { type, status, reason, message }: { type: JobConditionType; status: 'True' | 'False'; reason: string; message: string },
  now: number,
): readonly JobCondition[] {
  const current = conditions.find((condition) => condition.type === type);
  if (current ? current.status === status && (current.reason ?? '') === reason && (current.message ?? '') === message : status === 'False') return conditions;
  const time = timestamp(now);
  const condition = { type, status, lastProbeTime: time, lastTransitionTime: time, ...(reason && { reason }), ...(message && { message }) };
  return current ? conditions.map((other) => (other === current ? condition : other)) : [...conditions, condition];
}

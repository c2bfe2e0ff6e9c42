import { timestamp } from '../../kube/object.ts';
import type { Condition, PodDisruptionBudget } from '../../schema/generated/kinds.ts';

/** The condition that says whether a budget can lose more pods (k8s.io/component-helpers/apps/poddisruptionbudget, UpdateDisruptionAllowedCondition). */
export function disruptionAllowed(
  { status }: PodDisruptionBudget,
  { allowed, observedGeneration, now }: { allowed: number; observedGeneration: number; now: number },
): Condition {
  const before = status?.conditions?.find(({ type }) => type === DISRUPTION_ALLOWED);
  const value = allowed > 0 ? 'True' : 'False';
  return {
    type: DISRUPTION_ALLOWED,
    status: value,
    observedGeneration,
    lastTransitionTime: before?.status === value ? before.lastTransitionTime : timestamp(now),
    reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods',
    message: '',
  };
}

export const DISRUPTION_ALLOWED = 'DisruptionAllowed';

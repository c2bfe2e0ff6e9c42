import type { Pod } from '../../schema/generated/kinds.ts';

/** Whether a pod may serve (pkg/api/v1/pod, IsPodReady). */
export const isReady = (pod: Pod): boolean => readySince(pod) !== undefined;

/** Since when it is ready, ms since the epoch (0: that is not known); undefined when it is not. */
export function readySince({ status }: Pod): number | undefined {
  const condition = status?.conditions?.find(({ type }) => type === 'Ready');
  if (condition?.status !== 'True') return undefined;
  return condition.lastTransitionTime ? Date.parse(condition.lastTransitionTime) : 0;
}

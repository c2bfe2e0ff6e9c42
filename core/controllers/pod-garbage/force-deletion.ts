import { isPodTerminal } from '../../apis/core/pod-terminal.ts';
import type { Mutation } from '../../apis/mutation.ts';
import { timestamp } from '../../kube/object.ts';
import type { Pod, PodCondition } from '../../schema/generated/kinds.ts';
import { deletionOf, statusUpdate } from '../shared/mutations.ts';

/**
 * Ends and deletes a pod that no kubelet will ever end (pkg/controller/podgc, markFailedAndDeletePodWithCondition). What holds on to the pod, such as a Job, has to
 * see that it failed, and why.
 */
export function forceDeletion(pod: Pod, now: number, why?: { readonly reason: string; readonly message: string }): Mutation[] {
  const deletion = { ...deletionOf('pods', pod), gracePeriodSeconds: 0 };
  if (isPodTerminal(pod)) return [deletion];
  const { status, metadata } = pod;
  const { generation } = metadata;
  const observed = generation !== undefined && { observedGeneration: generation };
  const target: PodCondition[] = why ? [{ type: 'DisruptionTarget', status: 'True', ...why, lastTransitionTime: timestamp(now), ...observed }] : [];
  const others = why ? status?.conditions?.filter(({ type }) => type !== 'DisruptionTarget') : status?.conditions;
  const conditions = [...(others ?? []), ...target];
  return [...statusUpdate('pods', pod, { ...status, ...observed, phase: 'Failed', ...(conditions.length > 0 && { conditions }) }), deletion];
}

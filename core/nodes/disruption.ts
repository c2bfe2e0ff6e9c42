import { timestamp } from '../kube/object.ts';
import type { ContainerStatus, Pod, PodCondition, PodStatus } from '../schema/generated/kinds.ts';
import { podConditions } from './conditions.ts';
import { statusesOf, terminatedStatus } from './container-status.ts';

/** Why a kubelet ends a pod. */
export interface Disruption {
  readonly reason: string;
  readonly message: string;
  /** Of the condition, where it says something else. */
  readonly told?: string;
}

/** The status of a pod that a kubelet kills at once, without a grace period, for the sake of others. */
export function disrupted(pod: Pod, disruption: Disruption, now: number): PodStatus {
  const statuses = statusesOf(pod);
  const stopped = (status: ContainerStatus) => (status.state?.running ? terminatedStatus(status, { exitCode: 137, at: now }) : status);
  const of = (listed: readonly ContainerStatus[] | undefined) => listed?.map(({ name }) => stopped(statuses.get(name)!));
  const { initContainerStatuses, containerStatuses, ...status } = pod.status!;
  const [init, main] = [of(initContainerStatuses), of(containerStatuses) ?? []];
  const conditions = podConditions(pod, { phase: 'Failed', initContainerStatuses: init ?? [], containerStatuses: main, sandbox: false }, now);
  return withDisruption(
    pod,
    { ...status, phase: 'Failed', conditions, ...(init && { initContainerStatuses: init }), containerStatuses: main },
    disruption,
    now,
  );
}

/** A status of a pod that has ended so, with why (podutil.UpdatePodCondition of DisruptionTarget). */
export function withDisruption({ metadata: { generation } }: Pod, status: PodStatus, { reason, message, told = message }: Disruption, now: number): PodStatus {
  const target: PodCondition = {
    type: 'DisruptionTarget',
    status: 'True',
    lastTransitionTime: timestamp(now),
    reason: 'TerminationByKubelet',
    message: told,
    ...(generation !== undefined && { observedGeneration: generation }),
  };
  return { ...status, reason, message, conditions: [...(status.conditions ?? []).filter(({ type }) => type !== 'DisruptionTarget'), target] };
}

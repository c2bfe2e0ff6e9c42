import { timestamp } from '../kube/object.ts';
import type { ContainerStatus, Pod, PodCondition, PodSpec } from '../schema/generated/kinds.ts';
import { removedStatus } from './container-status.ts';
import { containersOf, type Member } from './containers-of.ts';
import { ruleFor } from './restart.ts';
import { stopContainers } from './stop-containers.ts';
import type { Sync } from './sync.ts';

/*
 * A container whose end meets a rule with the action RestartAllContainers has its pod begin anew in place: what runs is killed without a grace period, all containers
 * are removed, and start again from the first init container, in the same sandbox (KEP 5532; pkg/kubelet/kuberuntime, computePodActions with restartAllContainers).
 * The pod's condition AllContainersRestarting says how far it has come.
 */

export const ALL_CONTAINERS_RESTARTING = 'AllContainersRestarting';

/** Whether the pod's containers are being killed. */
export const isRestartingAll = ({ status }: Pod): boolean => restartingCondition(status)?.status === 'True';

const restartingCondition = (status: Pod['status']): PodCondition | undefined => status?.conditions?.find(({ type }) => type === ALL_CONTAINERS_RESTARTING);

/** Whether a container of the pod has ended so that all are to start again. */
export function restartsAll({ role, container }: Member, status: ContainerStatus | undefined): boolean {
  if (role === 'ephemeral') return false;
  const { terminated } = status?.state ?? {};
  return terminated !== undefined && ruleFor(container, terminated.exitCode)?.action === 'RestartAllContainers';
}

/**
 * The containers of a pod that begins anew, when the last of them has stopped: they wait, and nothing is left of their ends but that they were removed.
 * Undefined: it is not that far.
 */
export function removeContainers(sync: Sync): Map<string, ContainerStatus> | undefined {
  const { pod, now, enqueueAt } = sync;
  const from = Date.parse(restartingCondition(pod.status)!.lastTransitionTime!);
  const { statuses, stopsAt } = stopContainers(sync, { from, graceMs: 0, message: 'killing', only: ({ role }) => role !== 'ephemeral' });
  const removedAt = Math.max(stopsAt, from + NOTICED_MS);
  if (now < removedAt) {
    enqueueAt(removedAt);
    return undefined;
  }
  for (const { role, container } of containersOf(pod)) {
    const status = statuses.get(container.name);
    if (role !== 'ephemeral' && status) statuses.set(container.name, removedStatus(pod, container, status));
  }
  return statuses;
}

/** A kubelet looks every second for what has ended (pleg, genericPlegRelistPeriod). What ends at once is not started again and again at one time. */
const NOTICED_MS = 1000;

/** What the pod's condition says of it (pkg/kubelet/status, GenerateAllContainersRestartingCondition). Undefined: no rule of the pod has that action. */
export function restartingAllCondition(pod: Pod, { phase, restarting }: { phase: string; restarting: boolean }, now: number): PodCondition | undefined {
  if (!mayRestartAll(pod.spec!)) return undefined;
  const old = restartingCondition(pod.status);
  const verdict = verdictOf(phase, restarting);
  const lastTransitionTime = old?.status === verdict.status && old.lastTransitionTime ? old.lastTransitionTime : timestamp(now);
  return { type: ALL_CONTAINERS_RESTARTING, ...verdict, lastTransitionTime };
}

const mayRestartAll = ({ initContainers = [], containers }: PodSpec): boolean =>
  [...initContainers, ...containers].some(({ restartPolicyRules }) => restartPolicyRules?.some(({ action }) => action === 'RestartAllContainers'));

function verdictOf(phase: string, restarting: boolean): Pick<PodCondition, 'status' | 'reason' | 'message'> {
  if (phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' };
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' };
  return restarting ? { status: 'True', reason: 'RestartAllContainersStarted', message: 'container exited with restart policy rule' } : { status: 'False' };
}

import { clusterInstant } from '../../instant.ts';
import { timestamp } from '../../kube/object.ts';
import type { DeploymentStatus } from '../../schema/generated/kinds.ts';
import { nonZero } from '../shared/mutations.ts';
import { type Rollout, replicasOf, total } from './rollout.ts';

/** The largest progressDeadlineSeconds stands for none. */
const NO_DEADLINE = 0x7fffffff;

/** The status's counts and the condition Available, from the status of the ReplicaSets (calculateStatus in sync.go). */
export function statusOf(rollout: Rollout): void {
  const { deployment, all, new: replicaSet, desired, maxUnavailable, now } = rollout;
  const availableReplicas = total(all, ({ status }) => status?.availableReplicas ?? 0);
  const { collisionCount, conditions } = rollout.status;
  rollout.status = {
    observedGeneration: deployment.metadata.generation,
    ...nonZero({
      replicas: total(all, ({ status }) => status?.replicas ?? 0),
      updatedReplicas: replicaSet?.status?.replicas ?? 0,
      readyReplicas: total(all, ({ status }) => status?.readyReplicas ?? 0),
      availableReplicas,
      unavailableReplicas: Math.max(0, total(all, replicasOf) - availableReplicas),
    }),
    terminatingReplicas: total(all, ({ status }) => status?.terminatingReplicas ?? 0),
    ...(collisionCount && { collisionCount }),
    ...(conditions && { conditions }),
  };
  const enough = availableReplicas >= desired - maxUnavailable;
  rollout.setCondition(
    enough
      ? { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' }
      : { type: 'Available', status: 'False', reason: 'MinimumReplicasUnavailable', message: 'Deployment does not have minimum availability.' },
    timestamp(now),
  );
}

/** The status with the condition Progressing: how the rollout goes, or that it is stuck (syncRolloutStatus in progress.go). */
export function withProgress(rollout: Rollout): void {
  const { deployment, now } = rollout;
  const before: DeploymentStatus = deployment.status ?? {};
  statusOf(rollout);
  const { status } = rollout;
  if (!hasDeadline(rollout)) {
    rollout.removeCondition('Progressing');
    return;
  }
  const current = rollout.condition('Progressing');
  const wasComplete = (status.replicas ?? 0) === (status.updatedReplicas ?? 0) && current?.reason === 'NewReplicaSetAvailable';
  if (!wasComplete) {
    const subject = rollout.new ? `ReplicaSet "${rollout.new.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
    const time = timestamp(now);
    if (rollout.isComplete(status)) {
      const message = `${subject} has successfully progressed.`;
      rollout.setCondition({ type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', message }, time);
    } else if (hasProgressed(before, status)) {
      // The time of the update counts for the deadline, so it is renewed although nothing else in the condition may change.
      const lastTransitionTime = current?.status === 'True' ? current.lastTransitionTime : time;
      const condition = {
        type: 'Progressing',
        status: 'True',
        lastUpdateTime: time,
        lastTransitionTime,
        reason: 'ReplicaSetUpdated',
        message: `${subject} is progressing.`,
      };
      rollout.status = { ...status, conditions: [...(status.conditions ?? []).filter(({ type }) => type !== 'Progressing'), condition] };
    } else if (deadlineOf(rollout) <= now) {
      const message = `${subject} has timed out progressing.`;
      rollout.setCondition({ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message }, time);
    }
  }
  const failures = rollout.all.flatMap(({ status }) => status?.conditions?.filter(({ type }) => type === 'ReplicaFailure') ?? []);
  if (failures[0]) {
    const { status: value, reason = '', message = '' } = failures[0];
    rollout.setCondition({ type: 'ReplicaFailure', status: value as 'True', reason, message }, timestamp(now));
  } else rollout.removeCondition('ReplicaFailure');
  const deadline = deadlineOf(rollout);
  if (deadline > now && deadline !== Number.POSITIVE_INFINITY && !rollout.isComplete(rollout.status)) rollout.enqueueAt = clusterInstant(deadline);
}

/** The condition that tells that progress is not watched while the Deployment is paused (checkPausedConditions in sync.go). */
export function pauseCondition(rollout: Rollout): void {
  if (!hasDeadline(rollout)) return;
  const { paused = false } = rollout.deployment.spec!;
  const reason = rollout.condition('Progressing')?.reason;
  if (reason === 'ProgressDeadlineExceeded') return;
  const time = timestamp(rollout.now);
  if (paused && reason !== 'DeploymentPaused') {
    rollout.setCondition({ type: 'Progressing', status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' }, time);
  } else if (!paused && reason === 'DeploymentPaused') {
    rollout.setCondition({ type: 'Progressing', status: 'Unknown', reason: 'DeploymentResumed', message: 'Deployment is resumed' }, time);
  }
}

const hasDeadline = ({ deployment }: Rollout): boolean => (deployment.spec!.progressDeadlineSeconds ?? NO_DEADLINE) !== NO_DEADLINE;

/** When the rollout counts as stuck, ms since the epoch; Infinity when it is over, or stuck already. */
function deadlineOf(rollout: Rollout): number {
  const condition = rollout.condition('Progressing');
  if (!condition?.lastUpdateTime || condition.reason === 'NewReplicaSetAvailable' || condition.reason === 'ProgressDeadlineExceeded')
    return Number.POSITIVE_INFINITY;
  return Date.parse(condition.lastUpdateTime) + rollout.deployment.spec!.progressDeadlineSeconds! * 1000;
}

/** More new pods, fewer old ones, or more that are ready or available than before (DeploymentProgressing). */
function hasProgressed(before: DeploymentStatus, after: DeploymentStatus): boolean {
  const old = ({ replicas = 0, updatedReplicas = 0 }: DeploymentStatus) => replicas - updatedReplicas;
  return (
    (after.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(after) < old(before) ||
    (after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

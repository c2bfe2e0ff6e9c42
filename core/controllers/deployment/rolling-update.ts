import { newReplicas, type Refuses, syncNewReplicaSet } from './new-replicaset.ts';
import { type Rollout, replicasOf, total } from './rollout.ts';

/**
 * One step of the strategy RollingUpdate (pkg/controller/deployment/rolling.go): the new ReplicaSet grows as far as the surge allows, or
 * else the old ones shrink as far as enough pods stay available.
 */
export function rollOut(rollout: Rollout, refuses: Refuses): void {
  syncNewReplicaSet(rollout, { refuses });
  const replicaSet = rollout.new;
  if (!replicaSet) return;
  const { desired } = rollout;
  const wanted = replicasOf(replicaSet) > desired ? desired : newReplicas(rollout);
  if (wanted === replicasOf(replicaSet)) scaleDownOld(rollout);
  else rollout.scale(replicaSet, wanted);
}

function scaleDownOld(rollout: Rollout): void {
  const { desired, maxUnavailable } = rollout;
  if (total(rollout.old, replicasOf) === 0) return;
  const minAvailable = desired - maxUnavailable;
  // The new pods that are not available yet are as good as missing: old ones must not go on their account.
  const unavailableNew = rollout.new ? replicasOf(rollout.new) - availableOf(rollout.new) : 0;
  const spare = total(rollout.all, replicasOf) - minAvailable - unavailableNew;
  if (spare <= 0) return;

  // First the old pods that are of no use, so that a rollout gets over a broken one.
  let removed = 0;
  for (const replicaSet of rollout.old) {
    const unhealthy = Math.min(spare - removed, replicasOf(replicaSet) - availableOf(replicaSet));
    if (unhealthy <= 0) continue;
    rollout.scale(replicaSet, replicasOf(replicaSet) - unhealthy);
    removed += unhealthy;
  }
  let excess = total(rollout.all, availableOf) - minAvailable;
  for (const replicaSet of rollout.old) {
    const step = Math.min(excess, replicasOf(replicaSet));
    if (step <= 0) continue;
    rollout.scale(replicaSet, replicasOf(replicaSet) - step);
    excess -= step;
  }
}

const availableOf = ({ status }: { status?: { availableReplicas?: number } }): number => status?.availableReplicas ?? 0;

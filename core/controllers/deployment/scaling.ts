import type { ReplicaSet } from '../../schema/generated/kinds.ts';
import { DESIRED_REPLICAS, MAX_REPLICAS } from './revisions.ts';
import { byCreation, type Rollout, replicasOf, total } from './rollout.ts';

/** Whether the Deployment has been scaled since its ReplicaSets were sized last: they note for which size that was. */
export const isScaling = ({ active, desired }: Rollout): boolean =>
  active.some((replicaSet) => {
    const noted = annotatedNumber(replicaSet, DESIRED_REPLICAS);
    return noted !== undefined && noted !== desired;
  });

/**
 * Brings the ReplicaSets to the Deployment's size without moving the rollout on: the only active one gets it all; in the middle of a
 * rollout, each gets its proportion (scale in pkg/controller/deployment/sync.go).
 */
export function followScale(rollout: Rollout): void {
  const { desired, active, all } = rollout;
  if (active.length <= 1) {
    const only = active[0] ?? rollout.new ?? rollout.old.at(-1);
    if (only) rollout.scale(only, desired);
    return;
  }
  if (isSaturated(rollout)) {
    for (const replicaSet of rollout.old.filter((other) => replicasOf(other) > 0)) rollout.scale(replicaSet, 0);
    return;
  }
  if (rollout.deployment.spec!.strategy?.type === 'Recreate') return;

  const allowed = desired > 0 ? desired + rollout.maxSurge : 0;
  const missing = allowed - total(all, replicasOf);
  // Of equals, growth goes to the newer and shrinking to the older one.
  const ordered = active.sort((a, b) => replicasOf(b) - replicasOf(a) || (missing > 0 ? byCreation(b, a) : byCreation(a, b)));
  const sizes = new Map<ReplicaSet, number>();
  let added = 0;
  for (const replicaSet of ordered) {
    const share = proportion(replicaSet, { rollout, missing, added });
    sizes.set(replicaSet, replicasOf(replicaSet) + share);
    added += share;
  }
  for (const [i, replicaSet] of ordered.entries()) {
    const leftover = i === 0 ? missing - added : 0;
    rollout.scale(replicaSet, Math.max(0, sizes.get(replicaSet)! + leftover));
  }
}

/** The new ReplicaSet has all of the Deployment's replicas, available, and was sized for that. */
function isSaturated({ new: replicaSet, desired }: Rollout): boolean {
  return (
    replicaSet !== undefined &&
    replicasOf(replicaSet) === desired &&
    annotatedNumber(replicaSet, DESIRED_REPLICAS) === desired &&
    replicaSet.status?.availableReplicas === desired
  );
}

/** How many of the `missing` replicas (negative: too many) are this ReplicaSet's (GetReplicaSetProportion). */
function proportion(replicaSet: ReplicaSet, { rollout, missing, added }: { rollout: Rollout; missing: number; added: number }): number {
  const replicas = replicasOf(replicaSet);
  if (replicas === 0 || missing === 0 || missing === added) return 0;
  const before = annotatedNumber(replicaSet, MAX_REPLICAS) ?? rollout.deployment.status?.replicas ?? 0;
  const share = rollout.desired === 0 ? -replicas : Math.round((replicas * (rollout.desired + rollout.maxSurge)) / before) - replicas;
  return missing > 0 ? Math.min(share, missing - added) : Math.max(share, missing - added);
}

function annotatedNumber({ metadata }: ReplicaSet, name: string): number | undefined {
  const value = Number.parseInt(metadata.annotations?.[name] ?? '', 10);
  return Number.isNaN(value) ? undefined : value;
}

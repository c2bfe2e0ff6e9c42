import { isReady, readySince } from '../../apis/core/pod-readiness.ts';
import { isPodTerminal } from '../../apis/core/pod-terminal.ts';
import { type ClusterInstant, clusterInstant } from '../../instant.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { Pod } from '../../schema/generated/kinds.ts';

/** How far a pod is in its life, as the workload controllers see it (pkg/api/v1/pod, pkg/controller/controller_utils.go). */

export const isBeingDeleted = ({ metadata }: KubeObject): boolean => metadata.deletionTimestamp !== undefined;

/** It runs or will run. */
export const isActive = (pod: Pod): boolean => !isPodTerminal(pod) && !isBeingDeleted(pod);

/** It is on its way out, but its containers may still run. */
export const isTerminating = (pod: Pod): boolean => !isPodTerminal(pod) && isBeingDeleted(pod);

/** Ready for at least `minReadySeconds`. */
export const isAvailable = (pod: Pod, minReadySeconds: number, now: number): boolean => availableAt(pod, minReadySeconds) <= now;

/** When a pod that stays ready counts as available, ms since the epoch; Infinity when it is not ready. */
function availableAt(pod: Pod, minReadySeconds: number): number {
  const since = readySince(pod);
  if (since === undefined) return Number.POSITIVE_INFINITY;
  return minReadySeconds === 0 ? 0 : since + minReadySeconds * 1000;
}

/** When the next of the pods becomes available by waiting alone. */
export function nextAvailableAt(pods: readonly Pod[], minReadySeconds: number, now: number): ClusterInstant | undefined {
  if (minReadySeconds === 0) return undefined;
  const next = Math.min(...pods.map((pod) => availableAt(pod, minReadySeconds)).filter((at) => at > now));
  return next === Number.POSITIVE_INFINITY ? undefined : clusterInstant(next);
}

export const isRunningReady = (pod: Pod): boolean => pod.status?.phase === 'Running' && isReady(pod);

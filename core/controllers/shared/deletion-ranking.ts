import { isReady, readySince } from '../../apis/core/pod-readiness.ts';
import type { ContainerStatus, Pod } from '../../schema/generated/kinds.ts';

/**
 * Puts the pods that are best deleted first (ActivePodsWithRanks in pkg/controller/controller_utils.go): not assigned to a node, pending,
 * not ready, cheap by annotation, doubled up on a node, ready for less time, restarted often, young.
 *
 * `crowd` says how many related pods share a pod's node; without it (a Job's pods) neither it nor the deletion cost counts.
 */
export function byDeletionRank(pods: readonly Pod[], { now, crowd }: { now: number; crowd?: (pod: Pod) => number }): Pod[] {
  const ranked = pods.map((pod) => ({
    pod,
    stage: [
      pod.spec?.nodeName ? 1 : 0,
      PHASES[pod.status?.phase ?? 'Pending'] ?? 0,
      isReady(pod) ? 1 : 0,
      crowd ? deletionCost(pod) : 0,
      crowd ? -crowd(pod) : 0,
    ],
    readySince: readySince(pod),
    restarts: restarts(pod).map((count) => -count),
    created: pod.metadata.creationTimestamp ? Date.parse(pod.metadata.creationTimestamp) : 0,
  }));
  ranked.sort(
    (a, b) =>
      firstDifference(a.stage, b.stage) ||
      byAge(a, b, now, ({ readySince = 0 }) => readySince) ||
      firstDifference(a.restarts, b.restarts) ||
      byAge(a, b, now, ({ created }) => created) ||
      byUid(a, b),
  );
  return ranked.map(({ pod }) => pod);
}

function firstDifference(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}

/**
 * Younger first. Ages count by their order of magnitude only (LogarithmicScaleDown): of those that are about as old, chance, in the form of
 * their uids, decides, so that one rollout's pods are not the ones to go just because they came last.
 */
function byAge<T extends { pod: Pod }>(a: T, b: T, now: number, since: (ranked: T) => number): number {
  const [x, y] = [since(a), since(b)];
  if (x === y) return 0;
  if (x === 0 || y === 0) return x - y;
  return ageClass(now - x) - ageClass(now - y) || byUid(a, b);
}

const ageClass = (age: number): number => (age > 0 ? Math.floor(Math.log2(age * 1e6)) : -1);

const byUid = ({ pod: a }: { pod: Pod }, { pod: b }: { pod: Pod }): number => ((a.metadata.uid ?? '') < (b.metadata.uid ?? '') ? -1 : 1);

const PHASES: Record<string, number> = { Pending: 0, Unknown: 1, Running: 2 };

/** `controller.kubernetes.io/pod-deletion-cost`; 0 unless it is a valid 32-bit integer. */
function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? '0';
  const cost = /^(0|-?[1-9][0-9]*)$/.test(text) ? Number(text) : 0;
  return Math.abs(cost) <= 0x7fffffff ? cost : 0;
}

/** The highest restart counts of the containers and of the sidecars. */
function restarts(pod: Pod): [number, number] {
  const most = (statuses: readonly ContainerStatus[] = []) => Math.max(0, ...statuses.map(({ restartCount }) => restartCount));
  const sidecars = new Set(pod.spec?.initContainers?.filter(({ restartPolicy }) => restartPolicy === 'Always').map(({ name }) => name));
  return [most(pod.status?.containerStatuses), most(pod.status?.initContainerStatuses?.filter(({ name }) => sidecars.has(name)))];
}

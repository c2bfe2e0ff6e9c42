import type { DaemonSet, Pod } from '../../schema/generated/kinds.ts';
import { isAvailable } from '../shared/pod-readiness.ts';
import { scaledValue } from '../shared/scaled-value.ts';
import { hashOf } from './daemon-pod.ts';
import type { DaemonNode } from './node-fit.ts';

/** `spec.updateStrategy.rollingUpdate.maxSurge` as it is written. */
export const surgeOf = ({ spec }: DaemonSet): number | string => {
  const { maxSurge = 0 } = spec!.updateStrategy?.rollingUpdate ?? {};
  return maxSurge === '0%' ? 0 : maxSurge;
};

/**
 * One step of a rolling update (pkg/controller/daemon/update.go): which outdated pods to delete now, so that at most maxUnavailable nodes
 * are without, or, with maxSurge, on which nodes to start a new pod beside the old one.
 */
export function updatePlan(set: DaemonSet, nodes: readonly DaemonNode[], { hash, now }: { hash: string; now: number }): { outdated: Pod[]; surge: string[] } {
  const { minReadySeconds = 0, updateStrategy } = set.spec!;
  const desired = nodes.filter(({ shouldRun }) => shouldRun).length;
  const maxSurge = scaledValue(surgeOf(set), desired, 'up');
  const maxUnavailable = scaledValue(updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, desired, 'up');
  const available = (pod: Pod) => isAvailable(pod, minReadySeconds, now);
  const sides = nodes.filter(({ shouldRun, pods }) => shouldRun || pods.length > 0).map(({ name, pods }) => ({ name, ...sidesOf(pods, hash) }));
  if (maxSurge > 0) return surgePlan(sides, { maxSurge, available });

  // Old pods that are not available cost nothing; of the others, as many as may be missing beyond what is missing already.
  const useless = sides.filter(({ updated, old }) => old && !updated && !available(old)).map(({ old }) => old!);
  const candidates = sides.filter(({ updated, old }) => old && !updated && available(old)).map(({ old }) => old!);
  const missing = sides.filter(({ updated, old }) => (updated ? old !== undefined || !available(updated) : !old)).length;
  // Both limits may round to none: then one may be missing, or nothing would move.
  const spare = Math.max(0, Math.max(1, maxUnavailable) - missing - useless.length);
  return { outdated: [...useless, ...candidates.slice(0, spare)].filter(({ metadata }) => !metadata.deletionTimestamp), surge: [] };
}

type Sides = { name: string; updated: Pod | undefined; old: Pod | undefined };

function surgePlan(
  sides: readonly Sides[],
  { maxSurge, available }: { maxSurge: number; available: (pod: Pod) => boolean },
): { outdated: Pod[]; surge: string[] } {
  const both = sides.filter(({ updated, old }) => updated && old);
  // A node whose old pod goes now (see excessPods) does not count as surging.
  const settling = both.filter(({ updated, old }) => !available(old!) || available(updated!));
  const onlyOld = sides.filter(({ updated, old }) => old && !updated);
  const replacing = onlyOld.filter(({ old }) => !available(old!));
  const candidates = onlyOld.filter(({ old }) => available(old!));
  const spare = Math.max(0, maxSurge - (both.length - settling.length));
  return { outdated: [], surge: [...replacing, ...candidates.slice(0, spare)].map(({ name }) => name) };
}

/** The pod of the new revision and the one of an old revision that stay on a node. */
function sidesOf(pods: readonly Pod[], hash: string): Omit<Sides, 'name'> {
  const present = pods.filter(({ metadata }) => !metadata.deletionTimestamp);
  return { updated: present.find((pod) => hashOf(pod) === hash), old: present.find((pod) => hashOf(pod) !== hash) };
}

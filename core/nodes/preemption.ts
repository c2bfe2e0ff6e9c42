import { isCriticalPod } from '../apis/core/critical-pod.ts';
import { qosClass } from '../apis/core/pod-qos.ts';
import { podRequests } from '../apis/core/pod-requests.ts';
import type { Pod } from '../schema/generated/kinds.ts';

/** How much of each resource a node has too little of. */
export type Shortage = ReadonlyMap<string, number>;

/** Why a pod goes, in pkg/kubelet/preemption's words. */
export const PREEMPTED = {
  reason: 'Preempting',
  message: 'Preempted in order to admit critical pod',
  told: 'Pod was preempted by Kubelet to accommodate a critical pod.',
};

/**
 * The pods of a node that have to go for a critical one to fit (pkg/kubelet/preemption, getPodsToPreempt): of a lower class of service rather than of a higher
 * one, and of those in the same class first the ones that are nearest to what is missing. A text says why there is no such set.
 */
export function podsToPreempt(critical: Pod, pods: readonly Pod[], shortage: Shortage): readonly Pod[] | string {
  const candidates = pods.filter((pod) => isPreemptable(critical, pod));
  const of = (wanted: string) => candidates.filter(({ spec, status }) => (status?.qosClass ?? qosClass(spec!)) === wanted);
  const [bestEffort, burstable, guaranteed] = [of('BestEffort'), of('Burstable'), of('Guaranteed')];
  const unmet = without(shortage, candidates);
  if (unmet.size > 0)
    return `no set of running pods found to reclaim resources: [${[...unmet].map(([name, amount]) => `(res: ${name}, q: ${amount}), `).join('')}]`;
  const guaranteedToGo = nearest(guaranteed, without(shortage, [...bestEffort, ...burstable]));
  const burstableToGo = nearest(burstable, without(shortage, [...bestEffort, ...guaranteedToGo]));
  const bestEffortToGo = nearest(bestEffort, without(shortage, [...burstableToGo, ...guaranteedToGo]));
  return [...bestEffortToGo, ...burstableToGo, ...guaranteedToGo];
}

/** pkg/kubelet/types, Preemptable */
const isPreemptable = (critical: Pod, pod: Pod): boolean => !isCriticalPod(pod) || (critical.spec?.priority ?? 0) > (pod.spec?.priority ?? 0);

const requestOf = (pod: Pod, resource: string): number => (resource === 'pods' ? 1 : (podRequests(pod)[resource] ?? 0));

/** What is still missing when some pods have gone. */
const without = (shortage: Shortage, pods: readonly Pod[]): Shortage =>
  new Map(
    [...shortage]
      .map(([name, amount]) => [name, amount - pods.reduce((sum, pod) => sum + requestOf(pod, name), 0)] as const)
      .filter(([, amount]) => amount > 0),
  );

/** One after the other the pod whose requests come nearest to what is missing, of two the smaller one, until nothing is. */
function nearest(pods: readonly Pod[], shortage: Shortage): Pod[] {
  const left = new Set(pods);
  const chosen: Pod[] = [];
  for (let missing = shortage; missing.size > 0; missing = without(missing, [chosen.at(-1)!])) {
    const [first, ...others] = left;
    const best = others.reduce((before, pod) => {
      const [near, nearer] = [distance(missing, before), distance(missing, pod)];
      return nearer < near || (nearer === near && isSmaller(pod, before)) ? pod : before;
    }, first!);
    left.delete(best);
    chosen.push(best);
  }
  return chosen;
}

const distance = (missing: Shortage, pod: Pod): number =>
  [...missing].reduce((sum, [name, amount]) => sum + (Math.max(0, amount - requestOf(pod, name)) / amount) ** 2, 0);

function isSmaller(pod: Pod, other: Pod): boolean {
  for (const resource of ['memory', 'cpu']) {
    const difference = requestOf(pod, resource) - requestOf(other, resource);
    if (difference !== 0) return difference < 0;
  }
  return true;
}

import type { Pod } from '../../schema/generated/kinds.ts';
import { reasonsOf, violationsOf } from './evaluate.ts';
import { type LevelVersion, textOf } from './policy.ts';

/** How many pods are looked at when the level of their namespace rises. */
const MAX_PODS = 3_000;

/** What is told of the pods that are in a namespace already and that its new level would refuse (EvaluatePodsInNamespace). */
export function existingPodsWarnings(namespace: string, pods: readonly Pod[], enforce: LevelVersion): string[] {
  const checked = differentFirst(pods).slice(0, MAX_PODS);
  const found = new Map<string, { first: string; count: number }>();
  for (const pod of checked) {
    const why = reasonsOf(violationsOf(pod, enforce));
    if (!why) continue;
    const { name } = pod.metadata;
    const { first = name, count = 0 } = found.get(why) ?? {};
    found.set(why, { first: name < first ? name : first, count: count + 1 });
  }
  return [
    ...(checked.length < pods.length ? [`new PodSecurity enforce level only checked against the first ${checked.length} of ${pods.length} existing pods`] : []),
    ...(found.size > 0 ? [`existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "${textOf(enforce)}"`] : []),
    ...[...found].map(([why, { first, count }]) => `${first}${others(count - 1)}: ${why}`).sort(),
  ];
}

function others(count: number): string {
  if (count === 0) return '';
  return count === 1 ? ' (and 1 other pod)' : ` (and ${count} other pods)`;
}

/** The first pod of each controller, and those without one, before further pods of the same controllers. */
function differentFirst(pods: readonly Pod[]): Pod[] {
  const seen = new Set<string>();
  const isFirst = ({ metadata }: Pod): boolean => {
    const controller = metadata.ownerReferences?.find((owner) => owner.controller)?.uid;
    if (controller === undefined) return true;
    return !seen.has(controller) && seen.add(controller) !== undefined;
  };
  const { first = [], further = [] } = Object.groupBy(pods, (pod) => (isFirst(pod) ? 'first' : 'further'));
  return [...first, ...further];
}

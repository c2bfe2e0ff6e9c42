import type { Objection } from './framework.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';

/**
 * Why a pod has no node, as Events and the condition PodScheduled say it (framework.FitError): how many nodes there are, and each reason
 * with the number of nodes that gave it, in the order of the text; then what kube-scheduler says of preemption, which does not happen here.
 */
export function unschedulableMessage({
  info,
  count,
  objections,
  excluded,
  excludedBy,
}: {
  info: PodInfo;
  /** Of all nodes. */
  count: number;
  objections: ReadonlyMap<NodeInfo, Objection>;
  /** The number of nodes that were not even looked at, and the plugins that excluded them. */
  excluded: number;
  excludedBy: readonly string[];
}): string {
  const reasons = new Map<string, number>();
  for (const objection of objections.values()) for (const reason of objection.reasons) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  if (excluded > 0) reasons.set(`node(s) didn't satisfy plugin(s) [${excludedBy.join(' ')}]`, excluded);
  return [sentence(count, reasons), ...preemption({ info, count, objections, excluded })].join(' ');
}

/** What the plugins after filtering (DynamicResources, DefaultPreemption) say. Where pods of lower priority could make room, nothing is said: preemption is not tried. */
function preemption({
  info: { pod },
  count,
  objections,
  excluded,
}: {
  info: PodInfo;
  count: number;
  objections: ReadonlyMap<NodeInfo, Objection>;
  excluded: number;
}): string[] {
  if (pod.spec!.preemptionPolicy === 'Never') return ['no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.'];
  const reasons = new Map<string, number>();
  const resolvable = [...objections].filter(([, objection]) => objection.resolvable).map(([node]) => node);
  if (resolvable.some((node) => node.bound.lowestPriority < (pod.spec!.priority ?? 0))) return [];
  const hopeless = objections.size - resolvable.length + excluded;
  if (hopeless > 0) reasons.set('Preemption is not helpful for scheduling', hopeless);
  if (resolvable.length > 0) reasons.set('No preemption victims found for incoming pod', resolvable.length);
  return [`no new claims to deallocate, preemption: ${sentence(count, reasons)}`];
}

function sentence(count: number, reasons: ReadonlyMap<string, number>): string {
  const texts = [...reasons].map(([reason, nodes]) => `${nodes} ${reason}`).sort((a, b) => (a < b ? -1 : 1));
  return `0/${count} nodes are available: ${texts.join(', ')}.`;
}

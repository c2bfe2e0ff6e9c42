import { isPodTerminal } from '../../apis/core/pod-terminal.ts';
import type { Pod } from '../../schema/generated/kinds.ts';
import type { PostFilterContext } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';
import type { PodInfo } from '../pod-info.ts';
import { byBudget } from './budgets.ts';
import type { FoundVictims } from './found-victims.ts';
import { compareImportance, priorityOf } from './importance.ts';
import { costsOf } from './pick-one.ts';

/**
 * The fewest pods of lower priority that have to go so that a pod fits on a node (SelectVictimsOnNode): all of them are thought away, and then, where it still fits,
 * as many as can be are kept, those first that a budget does not let go, and among them the more important.
 */
export function victimsOn(node: NodeInfo, info: PodInfo, context: PostFilterContext): FoundVictims {
  const { cluster, now, objectionWithout } = context;
  const all = cluster.state.by('node', node.name).filter((pod) => isPreemptible(pod, info));
  if (all.length === 0) return { type: 'none', reasons: ['No preemption victims found for incoming pod'] };
  const hopeless = objectionWithout(all, node);
  if (hopeless) return { type: 'none', reasons: hopeless.reasons };
  const ordered = all.sort((a, b) => compareImportance(a, b, now));
  const { violating, others } = byBudget(ordered, cluster.state);
  const going = new Set(ordered);
  for (const pod of [...violating, ...others]) {
    going.delete(pod);
    if (objectionWithout([...going], node)) going.add(pod);
  }
  const victims = ordered.filter((pod) => going.has(pod));
  if (victims.length === 0) return { type: 'none', reasons: [`expected at least one victim pod on node ${JSON.stringify(node.name)}`] };
  const violations = violating.filter((pod) => going.has(pod)).length;
  return { type: 'some', victims: { victims, violations, costs: costsOf(victims, violations, now) } };
}

/** Whether a pod would have to go for another one. */
export const isPreemptible = (pod: Pod, { priority }: Pick<PodInfo, 'priority'>): boolean => !isPodTerminal(pod) && priorityOf(pod) < priority;

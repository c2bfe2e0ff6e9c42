import { isPodTerminal } from '../../apis/core/pod-terminal.ts';
import type { Pod } from '../../schema/generated/kinds.ts';
import type { PostFilterContext } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';
import type { PodInfo } from '../pod-info.ts';
import { byBudget } from './budgets.ts';

/** The pods that would have to go from a node, the most important first. */
export interface Victims {
  readonly victims: readonly Pod[];
  /** How many of them a disruption budget does not let go. */
  readonly violations: number;
}

type Found =
  | { readonly type: 'some'; readonly victims: Victims }
  /** The pod would not fit there, whoever went. */
  | { readonly type: 'none'; readonly reasons: readonly string[] };

/**
 * The fewest pods of lower priority that have to go so that a pod fits on a node (SelectVictimsOnNode): all of them are thought away, and then, where it still fits,
 * as many as can be are kept, those first that a budget does not let go, and among them the more important.
 */
export function victimsOn(node: NodeInfo, info: PodInfo, context: PostFilterContext): Found {
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
  return { type: 'some', victims: { victims, violations: violating.filter((pod) => going.has(pod)).length } };
}

/** Whether a pod would have to go for another one. */
export const isPreemptible = (pod: Pod, { priority }: Pick<PodInfo, 'priority'>): boolean => !isPodTerminal(pod) && priorityOf(pod) < priority;

export const priorityOf = ({ spec }: Pod): number => spec?.priority ?? 0;

/** The more important first: by priority, then by how long it has run (MoreImportantPod). */
const compareImportance = (a: Pod, b: Pod, now: number): number => priorityOf(b) - priorityOf(a) || startOf(a, now) - startOf(b, now);

/** When a pod began, ms since the epoch: one that has not begins now. */
export const startOf = ({ status }: Pod, now: number): number => (status?.startTime ? Date.parse(status.startTime) : now);

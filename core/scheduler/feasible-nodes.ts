import type { Diagnosis, PluginObjection } from './framework.ts';
import { excludedReason, firstObjection, narrowed, positionsOf } from './narrowing.ts';
import type { NodeInfo } from './node-info.ts';
import { positionOf } from './node-infos.ts';
import { NodeVerdicts, verdictsOf } from './node-verdicts.ts';
import { type Cycle, objectionBesideNominated } from './objections.ts';
import type { PodInfo } from './pod-info.ts';

/** On which nodes a pod can run. */
export interface Feasible {
  readonly type: 'some';
  /** Where they stand in the list. */
  readonly positions: readonly number[];
  readonly verdicts: NodeVerdicts;
  /** From where on to look for the next pod. */
  readonly next: number;
}

/**
 * The nodes that can take the pod, looked at round-robin from `start`; only the one that it is nominated for, if that can. In large clusters not all of them are looked
 * for (kube-scheduler's percentageOfNodesToScore): with thousands of feasible nodes, hundreds are enough to choose a good one.
 */
export function feasibleNodes(info: PodInfo, cycle: Cycle, start: number): Feasible | { readonly type: 'none'; readonly diagnosis: Diagnosis } {
  const { cluster, plugins } = cycle;
  const { nodes: all, kept } = cluster;
  if (all.length === 0) return { type: 'none', diagnosis: NO_NODES };
  const narrowing = narrowed(info, cluster, plugins);
  if (narrowing.type === 'impossible') return { type: 'none', diagnosis: { ...NO_NODES, ...narrowing, count: all.length } };
  const { names, excludedBy, filters, local } = narrowing;
  const [localFilters, others] = [filters.slice(0, local), filters.slice(local)];
  const verdicts = verdictsOf(kept, plugins)
    .get(info.demands, () => new NodeVerdicts(info, plugins))
    .for(cluster);
  const objectionAt = (position: number): PluginObjection | undefined => {
    const node = all[position]!;
    return verdicts.objectionTo(node, position, localFilters) ?? firstObjection(others, node, position) ?? objectionBesideNominated(info, node, cycle);
  };
  const hoped = positionOf(info.pod.status?.nominatedNodeName ?? '', all);
  if (hoped !== -1 && !objectionAt(hoped)) return { type: 'some', positions: [hoped], verdicts, next: start };
  const candidates = names && positionsOf(names, cluster);
  const count = candidates?.length ?? all.length;
  const enough = feasibleNodesToFind(count);
  const positions: number[] = [];
  const reasons = new Map<string, number>();
  const resolvable: NodeInfo[] = [];
  const rejectors = new Set(excludedBy);
  let looked = 0;
  for (; looked < count && positions.length < enough; looked++) {
    const place = (start + looked) % count;
    const position = candidates ? candidates[place]! : place;
    const objection = objectionAt(position);
    if (!objection) {
      positions.push(position);
      continue;
    }
    const { plugin, isError } = objection;
    if (isError) return { type: 'none', diagnosis: { ...NO_NODES, count: all.length, failure: failureOf(objection), rejectors: new Set([plugin]) } };
    // Once there is a node, why others are none is not told.
    if (positions.length > 0) continue;
    for (const reason of objection.reasons) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    if (objection.resolvable) resolvable.push(all[position]!);
    rejectors.add(plugin);
  }
  if (positions.length > 0) return { type: 'some', positions, verdicts, next: (start + looked) % all.length };
  if (count < all.length) reasons.set(excludedReason(excludedBy), all.length - count);
  return { type: 'none', diagnosis: { count: all.length, reasons, resolvable, rejectors } };
}

const NO_NODES: Diagnosis = { count: 0, reasons: new Map(), resolvable: [], rejectors: new Set() };

const failureOf = ({ plugin, reasons }: PluginObjection): string => `running ${JSON.stringify(plugin)} filter plugin: ${reasons.join(', ')}`;

function feasibleNodesToFind(count: number): number {
  if (count < 100) return count;
  const percentage = Math.max(5, 50 - Math.floor(count / 125));
  return Math.max(100, Math.floor((count * percentage) / 100));
}

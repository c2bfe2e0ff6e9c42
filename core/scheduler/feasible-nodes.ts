import type { ClusterInfo, Diagnosis, PluginObjection } from './framework.ts';
import type { NodeInfo } from './node-info.ts';
import { positionOf } from './node-infos.ts';
import { type NodeVerdicts, verdictsFor } from './node-verdicts.ts';
import { type Cycle, objectionBesideNominated } from './objections.ts';
import { FilteredNodes } from './placement-reasons.ts';
import type { PodInfo } from './pod-info.ts';
import { firstObjection, type NamedFilter, positionsOf, preFiltered } from './pre-filter.ts';

/** On which nodes a pod can run. */
export interface Feasible {
  readonly type: 'some';
  /** Where they stand in the list. */
  readonly positions: readonly number[];
  readonly verdicts: NodeVerdicts;
  /** What was asked of each. */
  readonly filters: readonly NamedFilter[];
  /** The others, as far as they were looked at. */
  readonly filtered: FilteredNodes;
  /** From where on to look for the next pod. */
  readonly next: number;
}

/**
 * The nodes that can take the pod, looked at round-robin from `start`; only the one that it is nominated for, if that can. In large clusters not all of them are looked
 * for (kube-scheduler's percentageOfNodesToScore): with thousands of feasible nodes, hundreds are enough to choose a good one. `seen`: the cluster as the pod's decision
 * sees it, for what holds on any node.
 */
export function feasibleNodes(
  info: PodInfo,
  cycle: Cycle,
  { seen, start }: { seen: ClusterInfo; start: number },
): Feasible | { readonly type: 'none'; readonly diagnosis: Diagnosis } {
  const { cluster, plugins, nominated } = cycle;
  const { nodes: all } = cluster;
  if (all.length === 0) return { type: 'none', diagnosis: NO_NODES };
  const asked = preFiltered(info, seen, plugins);
  if (asked.type === 'impossible') return { type: 'none', diagnosis: { ...NO_NODES, ...asked, count: all.length } };
  const { names, excludedBy, filters, local } = asked;
  const [localFilters, others] = [filters.slice(0, local), filters.slice(local)];
  const verdicts = verdictsFor(info, cycle);
  const beside = positionsOf(nominated.keys(), cluster);
  const isBeside = beside.length > 0 ? new Set(beside) : undefined;
  // Asked of hundreds of nodes for each pod: what has nothing to say is not even called.
  const objectionAt = (position: number): PluginObjection | undefined => {
    let objection = verdicts.objectionTo(position, localFilters, cluster);
    if (!objection && others.length > 0) objection = firstObjection(others, position, cluster);
    if (!objection && isBeside?.has(position)) objection = objectionBesideNominated(info, all[position]!, cycle);
    return objection;
  };
  const filtered = new FilteredNodes();
  const hoped = positionOf(info.pod.status?.nominatedNodeName ?? '', all);
  if (hoped !== -1 && !objectionAt(hoped)) return { type: 'some', positions: [hoped], verdicts, filters, filtered, next: start };
  const candidates = names && positionsOf(names, cluster);
  const count = candidates?.length ?? all.length;
  const enough = feasibleNodesToFind(count);
  const positions: number[] = [];
  const resolvable: NodeInfo[] = [];
  let looked = 0;
  for (; looked < count && positions.length < enough; looked++) {
    const place = (start + looked) % count;
    const position = candidates ? candidates[place]! : place;
    const objection = objectionAt(position);
    if (!objection) {
      positions.push(position);
      continue;
    }
    if (objection.isError) return { type: 'none', diagnosis: { ...NO_NODES, count: all.length, ...failureOf(objection) } };
    filtered.add(all[position]!.name, objection);
    if (objection.resolvable) resolvable.push(all[position]!);
  }
  if (positions.length > 0) return { type: 'some', positions, verdicts, filters, filtered, next: (start + looked) % all.length };
  filtered.exclude(all.length - count, excludedBy);
  return { type: 'none', diagnosis: { count: all.length, reasons: filtered.counts, resolvable, rejectors: filtered.plugins } };
}

const NO_NODES: Diagnosis = { count: 0, reasons: new Map(), resolvable: [], rejectors: new Set() };

const failureOf = ({ plugin, reasons }: PluginObjection): Pick<Diagnosis, 'failure' | 'rejectors'> => ({
  failure: `running ${JSON.stringify(plugin)} filter plugin: ${reasons.join(', ')}`,
  rejectors: new Set([plugin]),
});

function feasibleNodesToFind(count: number): number {
  if (count < 100) return count;
  const percentage = Math.max(5, 50 - Math.floor(count / 125));
  return Math.max(100, Math.floor((count * percentage) / 100));
}

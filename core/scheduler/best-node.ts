import type { Random } from '../env.ts';
import type { Feasible } from './feasible-nodes.ts';
import { addNormalized } from './node-verdicts.ts';
import type { Cycle } from './objections.ts';
import type { PodInfo } from './pod-info.ts';

/** Where a node of the highest score stands; of several, any. */
export function bestNode(info: PodInfo, feasible: Feasible, { random, ...cycle }: Cycle & { random: Random }): number {
  const { positions } = feasible;
  return positions.length === 1 ? positions[0]! : positions[oneOfTheHighest(totalsOf(info, feasible, cycle), random)]!;
}

/** What the plugins give to nodes together, each with its weight. */
export function totalsOf(
  info: PodInfo,
  { positions, verdicts }: Pick<Feasible, 'positions' | 'verdicts'>,
  { cluster, plugins }: Omit<Cycle, 'nominated'>,
): Float64Array {
  const totals = new Float64Array(positions.length);
  verdicts.addScores(totals, positions, cluster);
  for (const { score } of plugins) {
    const of = score?.among?.(info, cluster, positions);
    if (!of) continue;
    const scores = new Float64Array(positions.length);
    for (let i = 0; i < positions.length; i++) scores[i] = of(cluster.nodes[positions[i]!]!, positions[i]!);
    addNormalized(totals, scores, score!);
  }
  return totals;
}

function oneOfTheHighest(totals: Float64Array, random: Random): number {
  let highest = Number.NEGATIVE_INFINITY;
  let count = 0;
  for (const total of totals) {
    if (total > highest) {
      highest = total;
      count = 0;
    }
    if (total === highest) count++;
  }
  let nth = Math.floor(random.next() * count);
  return totals.findIndex((total) => total === highest && nth-- === 0);
}

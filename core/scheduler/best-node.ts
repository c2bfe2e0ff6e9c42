import type { Random } from '../env.ts';
import type { PlacementReasons } from '../log/event.ts';
import type { Feasible } from './feasible-nodes.ts';
import { addNormalized } from './node-verdicts.ts';
import type { Cycle } from './objections.ts';
import { bestScores } from './placement-reasons.ts';
import type { PodInfo } from './pod-info.ts';

/** Where a node of the highest score stands; of several, any. Where there is a choice, also the scores of the best. */
export function bestNode(
  info: PodInfo,
  feasible: Feasible,
  { random, ...cycle }: Cycle & { random: Random },
): { position: number; scores?: PlacementReasons['best'] } {
  const { positions } = feasible;
  if (positions.length === 1) return { position: positions[0]! };
  const totals = totalsOf(info, feasible, cycle);
  const chosen = oneOfTheHighest(totals, random);
  return { position: positions[chosen]!, scores: bestScores(chosen, positions, totals, cycle.cluster.nodes) };
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

/** Which of the highest totals it is to be: any, with the same chance. */
function oneOfTheHighest(totals: Float64Array, random: Random): number {
  let highest = Number.NEGATIVE_INFINITY;
  let count = 0;
  for (let i = 0; i < totals.length; i++) {
    const total = totals[i]!;
    if (total < highest) continue;
    count = total > highest ? 1 : count + 1;
    highest = total;
  }
  let nth = Math.floor(random.next() * count);
  let i = 0;
  while (totals[i] !== highest || nth-- > 0) i++;
  return i;
}

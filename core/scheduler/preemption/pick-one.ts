import type { Candidate } from './candidates.ts';
import { priorityOf, startOf } from './victims.ts';

/**
 * The node whose pods go (pickOneNodeForPreemption): the one where fewest budgets are violated; among those, where the most important pod that goes is the least
 * important; then where the sum of their priorities, and then their number, is the lowest; then where the most important ones have begun last; then the first.
 */
export function pickOne(candidates: readonly Candidate[], now: number): Candidate {
  let best = candidates[0]!;
  let bestCosts = costsOf(best, now);
  for (const candidate of candidates.slice(1)) {
    const costs = costsOf(candidate, now);
    const differing = costs.findIndex((cost, i) => cost !== bestCosts[i]);
    if (differing === -1 || costs[differing]! > bestCosts[differing]!) continue;
    best = candidate;
    bestCosts = costs;
  }
  return best;
}

/** Lower is better, and the first that differs decides. */
function costsOf({ victims, violations }: Candidate, now: number): readonly number[] {
  const highest = priorityOf(victims[0]!);
  // So that none is below zero: many pods of a negative priority are more than few.
  const sum = victims.reduce((total, pod) => total + priorityOf(pod) + MAX_INT32 + 1, 0);
  const earliest = Math.min(...victims.filter((pod) => priorityOf(pod) === highest).map((pod) => startOf(pod, now)));
  return [violations, highest, sum, victims.length, -earliest];
}

const MAX_INT32 = 2 ** 31 - 1;

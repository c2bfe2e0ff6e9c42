import type { Pod } from '../../schema/generated/kinds.ts';
import type { Costs, Victims } from './found-victims.ts';
import { priorityOf, startOf } from './importance.ts';

/** The node whose pods go: where that costs the least; of several, the first (pickOneNodeForPreemption). */
export function pickOne<T extends Pick<Victims, 'costs'>>(candidates: readonly T[]): T {
  let best = candidates[0]!;
  for (const candidate of candidates) if (isLess(candidate.costs, best.costs)) best = candidate;
  return best;
}

/**
 * What it costs that pods go, the most important first: how many budgets are violated; how important the most important is; the sum of their priorities; how many they
 * are; and how long the most important ones have run.
 */
export function costsOf(victims: readonly Pod[], violations: number, now: number): Costs {
  const highest = priorityOf(victims[0]!);
  // So that none is below zero: many pods of a negative priority are more than few.
  const sum = victims.reduce((total, pod) => total + priorityOf(pod) + MAX_INT32 + 1, 0);
  const earliest = Math.min(...victims.filter((pod) => priorityOf(pod) === highest).map((pod) => startOf(pod, now)));
  return [violations, highest, sum, victims.length, -earliest];
}

const MAX_INT32 = 2 ** 31 - 1;

function isLess(a: Costs, b: Costs): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! < b[i]!;
  return false;
}

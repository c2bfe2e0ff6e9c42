import type { Plugin } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';
import type { PodInfo } from '../pod-info.ts';

/** What a pod requests must be free; emptier nodes are better (the LeastAllocated strategy). */
export const nodeResourcesFit: Plugin = {
  name: 'NodeResourcesFit',
  filter: ({ wants }, { allocatable, bound: { requested, count } }) => {
    let reasons: string[] | undefined;
    let resolvable = true;
    if (count + 1 > (allocatable['pods'] ?? 0)) reasons = ['Too many pods'];
    for (const [name, wanted] of wants) {
      const all = allocatable[name] ?? 0;
      if (wanted <= all - (requested[name] ?? 0)) continue;
      reasons ??= [];
      reasons.push(`Insufficient ${name}`);
      // More than the node has, even when all other pods go.
      if (wanted > all) resolvable = false;
    }
    return reasons && { reasons, resolvable };
  },
  score: {
    weight: 1,
    normalize: 'none',
    of: (pod, node) => (100 * (1 - fraction('cpu', pod, node)) + 100 * (1 - fraction('memory', pod, node))) / 2,
  },
};

/** Nodes whose cpu and memory would be used evenly are better: no resource is left over that nothing can use. */
export const nodeResourcesBalancedAllocation: Plugin = {
  name: 'NodeResourcesBalancedAllocation',
  score: {
    weight: 1,
    normalize: 'none',
    // The standard deviation of two numbers is half their distance.
    of: (pod, node) => 100 * (1 - Math.abs(fraction('cpu', pod, node) - fraction('memory', pod, node)) / 2),
  },
};

/** How much of the node would be requested with the pod on it, 0 to 1. */
function fraction(name: 'cpu' | 'memory', { scored: own }: PodInfo, { allocatable, bound: { scored } }: NodeInfo): number {
  const all = allocatable[name];
  return all ? Math.min(1, (scored[name] + own[name]) / all) : 1;
}

import type { Plugin, PodInfo } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';

/** What a pod requests must be free; emptier nodes are better (the LeastAllocated strategy). */
export const nodeResourcesFit: Plugin = {
  name: 'NodeResourcesFit',
  filter: ({ requests }, { allocatable, bound: { requested, count } }) => {
    let reasons: string[] | undefined;
    let resolvable = true;
    if (count + 1 > (allocatable['pods'] ?? 0)) reasons = ['Too many pods'];
    for (const name in requests) {
      const wanted = requests[name]!;
      const all = allocatable[name] ?? 0;
      if (wanted === 0 || wanted <= all - (requested[name] ?? 0)) continue;
      reasons ??= [];
      reasons.push(`Insufficient ${name}`);
      // More than there is, whoever else goes.
      if (wanted > all) resolvable = false;
    }
    return reasons && { reasons, resolvable };
  },
  score: {
    weight: 1,
    normalize: 'none',
    of: (pod, node) => {
      const { cpu, memory } = fractions(pod, node);
      return (100 * (1 - cpu) + 100 * (1 - memory)) / 2;
    },
  },
};

/** Nodes whose cpu and memory would be used evenly are better: no resource is left over that nothing can use. */
export const nodeResourcesBalancedAllocation: Plugin = {
  name: 'NodeResourcesBalancedAllocation',
  score: {
    weight: 1,
    normalize: 'none',
    of: (pod, node) => {
      const { cpu, memory } = fractions(pod, node);
      // The standard deviation of two numbers is half their distance.
      return 100 * (1 - Math.abs(cpu - memory) / 2);
    },
  },
};

/** How much of the node would be requested with the pod on it, 0 to 1. */
function fractions({ scored: own }: PodInfo, { allocatable, bound: { scored } }: NodeInfo): { cpu: number; memory: number } {
  const of = (used: number, all: number | undefined) => (all ? Math.min(1, used / all) : 1);
  return { cpu: of(scored.cpu + own.cpu, allocatable['cpu']), memory: of(scored.memory + own.memory, allocatable['memory']) };
}

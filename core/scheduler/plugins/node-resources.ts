import type { Objection, Plugin } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';
import type { PodInfo } from '../pod-info.ts';
import { type AllocationScore, leastAllocated, type ResourceUse } from './allocation-scores.ts';

/** A resource that scores look at, and how much it counts beside the others. */
interface WeighedResource {
  readonly name: string;
  readonly weight: number;
}

const CPU_AND_MEMORY: readonly WeighedResource[] = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
];

/** NodeResourcesFitArgs. */
interface FitArgs {
  /** Its scoringStrategy: emptier nodes are better, unless another is given. */
  readonly strategy?: AllocationScore;
  readonly resources?: readonly WeighedResource[];
}

/** What a pod requests must be free. */
export const nodeResourcesFitWith = ({ strategy = leastAllocated, resources = CPU_AND_MEMORY }: FitArgs): Plugin => ({
  name: 'NodeResourcesFit',
  local: true,
  filter: fit,
  score: { weight: 1, of: (pod, node) => strategy(usesOf(resources, pod, node)) },
});

export const nodeResourcesFit = nodeResourcesFitWith({});

function fit({ wants }: PodInfo, { allocatable, bound: { requested, count } }: NodeInfo): Objection | undefined {
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
}

/** Of each resource that counts: what there is, and what would be taken with the pod on the node. One that the node has none of does not count, nor a device that the pod does not ask for. */
function usesOf(resources: readonly WeighedResource[], pod: PodInfo, { allocatable, bound }: NodeInfo): ResourceUse[] {
  const uses: ResourceUse[] = [];
  for (const { name, weight } of resources) {
    const capacity = allocatable[name];
    if (!capacity) continue;
    if (name === 'cpu' || name === 'memory') {
      // Pods that ask for none count as asking for some.
      uses.push({ weight, capacity, requested: bound.scored[name] + pod.scored[name] });
      continue;
    }
    const wanted = pod.requests[name] ?? 0;
    if (wanted > 0 || name === 'ephemeral-storage') uses.push({ weight, capacity, requested: (bound.requested[name] ?? 0) + wanted });
  }
  return uses;
}

/** Nodes are better whose cpu and memory become used more evenly: no resource is left over that nothing can use. */
export const nodeResourcesBalancedAllocation: Plugin = {
  name: 'NodeResourcesBalancedAllocation',
  local: true,
  score: {
    weight: 1,
    // What asks for nothing changes no balance, and would all go to one node.
    concerns: ({ requests }) => CPU_AND_MEMORY.some(({ name }) => (requests[name] ?? 0) > 0),
    // By how much it becomes better or worse, around 75.
    of: ({ requests }, node) => 50 + Math.trunc((50 + balance(node, requests) - balance(node, {})) / 2),
  },
};

/** 100 when cpu and memory are used evenly, 50 when one is used up and the other not at all: less the standard deviation, which of two is half their distance. */
function balance({ allocatable, bound: { requested } }: NodeInfo, more: PodInfo['requests']): number {
  const fractionOf = (name: string, all: number) => Math.min(1, ((requested[name] ?? 0) + (more[name] ?? 0)) / all);
  const { cpu, memory } = allocatable;
  const deviation = cpu && memory ? Math.abs((fractionOf('cpu', cpu) - fractionOf('memory', memory)) / 2) : 0;
  return Math.trunc((1 - deviation) * 100);
}

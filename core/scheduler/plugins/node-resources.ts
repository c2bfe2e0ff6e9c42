import { isExtendedResourceName } from '../../apis/core/resource-requirements.ts';
import type { Objection, Plugin } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';
import type { PodInfo } from '../pod-info.ts';
import { type AllocationScore, leastAllocated, type ResourceUse } from './allocation-scores.ts';

/** A resource that scores look at, and how much it counts beside the others. */
export interface WeighedResource {
  readonly name: string;
  readonly weight: number;
}

const CPU_AND_MEMORY: readonly WeighedResource[] = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
];

/** NodeResourcesFitArgs. */
export interface FitArgs {
  /** Its scoringStrategy: emptier nodes are better, unless another is given. */
  readonly strategy?: AllocationScore;
  readonly resources?: readonly WeighedResource[];
  /** Extended resources that need not be free, by their names and by the part of them before the slash: an extender looks after them. */
  readonly ignoredResources?: readonly string[];
  readonly ignoredResourceGroups?: readonly string[];
}

/** What a pod requests must be free. */
export function nodeResourcesFitWith({
  strategy = leastAllocated,
  resources = CPU_AND_MEMORY,
  ignoredResources = [],
  ignoredResourceGroups = [],
}: FitArgs): Plugin {
  const isIgnored = (name: string) => isExtendedResourceName(name) && (ignoredResources.includes(name) || ignoredResourceGroups.includes(name.split('/')[0]!));
  const ignoresSome = ignoredResources.length + ignoredResourceGroups.length > 0;
  return {
    name: 'NodeResourcesFit',
    local: true,
    filter: (pod, node) => shortage(ignoresSome ? pod.wants.filter(([name]) => !isIgnored(name)) : pod.wants, pod.ofDevices, node),
    score: { weight: 1, of: (pod, node) => strategy(usesOf(resources, pod, node)) },
  };
}

export const nodeResourcesFit = nodeResourcesFitWith({});

function shortage(wants: PodInfo['wants'], ofDevices: readonly string[], { allocatable, bound: { requested, count } }: NodeInfo): Objection | undefined {
  let reasons: string[] | undefined;
  let resolvable = true;
  if (count + 1 > (allocatable['pods'] ?? 0)) reasons = ['Too many pods'];
  for (const [name, wanted] of wants) {
    const all = allocatable[name] ?? 0;
    if (wanted <= all - (requested[name] ?? 0) || (all === 0 && ofDevices.includes(name))) continue;
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
    if (wanted > 0 || isOnEveryNode(name)) uses.push({ weight, capacity, requested: (bound.requested[name] ?? 0) + wanted });
  }
  return uses;
}

/** Whether a resource counts for pods that do not ask for it, too: a device, or huge pages, do not. */
const isOnEveryNode = (name: string): boolean => name === 'cpu' || name === 'memory' || name === 'ephemeral-storage';

/** Nodes are better whose resources (cpu and memory, unless others are given) become used more evenly: none is left over that nothing can use. */
export function nodeResourcesBalancedAllocationWith(resources: readonly string[]): Plugin {
  return {
    name: 'NodeResourcesBalancedAllocation',
    local: true,
    score: {
      weight: 1,
      // What asks for nothing changes no balance, and would all go to one node.
      concerns: ({ requests }) => resources.some((name) => (requests[name] ?? 0) > 0),
      // By how much it becomes better or worse, around 75.
      of: ({ requests }, node) => {
        const balanced = resources.filter((name) => node.allocatable[name] && (isOnEveryNode(name) || (requests[name] ?? 0) > 0));
        return 50 + Math.trunc((50 + balance(balanced, node, requests) - balance(balanced, node, {})) / 2);
      },
    },
  };
}

export const nodeResourcesBalancedAllocation = nodeResourcesBalancedAllocationWith(CPU_AND_MEMORY.map(({ name }) => name));

/** 100 when resources are used evenly, 50 when one is used up and another not at all: less the standard deviation of what is used of each. */
function balance(resources: readonly string[], { allocatable, bound: { requested } }: NodeInfo, more: PodInfo['requests']): number {
  const used = resources.map((name) => Math.min(1, ((requested[name] ?? 0) + (more[name] ?? 0)) / allocatable[name]!));
  return Math.trunc((1 - deviation(used)) * 100);
}

function deviation(values: readonly number[]): number {
  // Of two it is half their distance, without a root that is not quite exact.
  if (values.length === 2) return Math.abs((values[0]! - values[1]!) / 2);
  if (values.length < 2) return 0;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

import { milliValue, value } from '../kube/quantity.ts';
import type { Container, Pod } from '../schema/generated/kinds.ts';
import { usageByCommand } from './busy-commands.ts';
import { parseCurve } from './curve.ts';
import type { Moment } from './moment.ts';
import { usageByObjects } from './resource-usages.ts';
import { loadOf, memoryLoadOf } from './shared-load.ts';
import type { Used } from './usage-expression.ts';

/** What a running container uses: cores, and bytes. */
export interface Usage {
  readonly cpu: number;
  readonly memory: number;
}

/**
 * How much a container that runs uses at a moment: a pure function, so that the autoscaler, `kubectl top`, the out-of-memory killer and eviction see the same. The first of these that says
 * something holds, for each resource: KWOK's objects, KWOK's annotations at the pod (quantities or curves), the load on its workload (for the pod's first container), what its command is
 * known to use, and a share of what it requests. CPU beyond its limit is not given to a container; memory is, and the container is killed for it.
 */
export function usageOf(used: Used, moment: Moment): Usage {
  const { limits } = used.container.resources ?? {};
  const cpu = amountOf(used, 'cpu', moment);
  return { cpu: limits?.['cpu'] === undefined ? cpu : Math.min(cpu, milliValue(limits['cpu']) / 1000), memory: memoryOf(used, moment) };
}

/** The memory alone, in bytes. */
export const memoryOf = (used: Used, moment: Moment): number => Math.round(amountOf(used, 'memory', moment));

/** Whether a pod says itself how much memory it uses, which may be more than it requests. */
export const wantsMemory = ({ metadata, spec }: Pod): boolean =>
  metadata.annotations?.['kwok.x-k8s.io/usage-memory'] !== undefined ||
  [...spec!.containers, ...(spec!.initContainers ?? [])].some((container) => usageByCommand(container).memory !== undefined);

function amountOf(used: Used, resource: 'cpu' | 'memory', moment: Moment): number {
  const { pod, container } = used;
  return (
    usageByObjects(used, resource, moment) ??
    usageByAnnotation(pod, resource, moment) ??
    (container === pod.spec!.containers[0] ? (resource === 'cpu' ? loadOf(pod, 'cpu', moment) : memoryLoadOf(pod, moment)) : undefined) ??
    usageByCommand(container)[resource] ??
    defaultUsage(container, resource)
  );
}

function usageByAnnotation({ metadata }: Pod, resource: 'cpu' | 'memory', moment: Moment): number | undefined {
  const text = metadata.annotations?.[`kwok.x-k8s.io/usage-${resource}`];
  return text === undefined ? undefined : parseCurve(text)?.at(moment, Date.parse(metadata.creationTimestamp!));
}

/** A server that waits: a tenth of the CPU and half of the memory that it requests; of one that requests nothing, a thousandth of a core and 10 MiB. */
function defaultUsage({ resources }: Container, resource: 'cpu' | 'memory'): number {
  const request = resources?.requests?.[resource];
  if (request === undefined) return resource === 'cpu' ? 0.001 : 10 * 1024 * 1024;
  return resource === 'cpu' ? milliValue(request) / 10_000 : value(request) / 2;
}

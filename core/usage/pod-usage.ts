import type { Container, Node, Pod } from '../schema/generated/kinds.ts';
import { type Usage, usageOf } from './container-usage.ts';
import type { Moment } from './moment.ts';

/** What each container of a pod that runs uses, in the order in which metrics-server tells of them; undefined of a pod of which nothing runs. */
export function podUsage(pod: Pod, moment: Moment): ReadonlyMap<string, Usage> | undefined {
  if (pod.status?.phase !== 'Running') return undefined;
  const node = pod.spec!.nodeName === undefined ? undefined : moment.state.get('nodes', undefined, pod.spec!.nodeName);
  const running = runningContainers(pod);
  if (running.length === 0) return undefined;
  return new Map(running.map((container) => [container.name, usageOf({ pod, container, node }, moment)]));
}

function runningContainers({ spec, status }: Pod): Container[] {
  const statuses = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
  const running = new Set(statuses.filter(({ state }) => state?.running).map(({ name }) => name));
  return [...spec!.containers, ...(spec!.initContainers ?? [])].filter(({ name }) => running.has(name));
}

/** What the operating system and the kubelet of a node use themselves. */
const SYSTEM: Usage = { cpu: 0.04, memory: 400 * 1024 * 1024 };

/** What is used of a node: by its pods, and by itself. */
export function nodeUsage({ metadata: { name } }: Node, moment: Moment): Usage {
  const used = moment.state.by('node', name).flatMap((pod) => [...(podUsage(pod, moment)?.values() ?? [])]);
  return used.reduce((sum, { cpu, memory }) => ({ cpu: sum.cpu + cpu, memory: sum.memory + memory }), SYSTEM);
}

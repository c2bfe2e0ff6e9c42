import { claimsOf } from '../resources/core/pod-claims.ts';
import { type Amounts, amountsOf, podRequests } from '../resources/core/pod-requests.ts';
import type { Node, Pod } from '../resources/generated/kinds.ts';
import type { State } from '../state/state.ts';
import type { PodInfo } from './framework.ts';

/** A node with the pods on it, summed up: what kube-scheduler's NodeInfo keeps. Pods placed in this pass are added as it goes. */
export class NodeInfo {
  readonly node: Node;
  readonly allocatable: Amounts;
  readonly requested: Record<string, number> = {};
  /** As `requested`, but a container that asks for nothing counts as 100m and 200 MB, so that such pods spread as well. */
  readonly scored = { cpu: 0, memory: 0 };
  readonly hostPorts: HostPort[] = [];
  pods = 0;
  /** The lowest priority of a pod on it; Infinity when there is none. */
  lowestPriority = Number.POSITIVE_INFINITY;

  constructor(node: Node, pods: readonly Pod[]) {
    this.node = node;
    this.allocatable = amountsOf(node.status?.allocatable);
    for (const pod of pods) if (!isFinished(pod)) this.add(podInfoOf(pod));
  }

  get name(): string {
    return this.node.metadata.name;
  }

  add({ pod, requests, hostPorts }: PodInfo): void {
    this.pods++;
    for (const name in requests) this.requested[name] = (this.requested[name] ?? 0) + requests[name]!;
    const { cpu, memory } = scoredRequests(pod, requests);
    this.scored.cpu += cpu;
    this.scored.memory += memory;
    this.lowestPriority = Math.min(this.lowestPriority, pod.spec!.priority ?? 0);
    this.hostPorts.push(...hostPorts);
  }
}

/** Every node of the cluster with its pods. */
export const nodeInfosOf = (state: State): NodeInfo[] => state.list<Node>('nodes').map((node) => new NodeInfo(node, state.by<Pod>('node', node.metadata.name)));

export const podInfoOf = (pod: Pod): PodInfo => ({ pod, requests: podRequests(pod), hostPorts: hostPortsOf(pod), claims: claimsOf(pod) });

/** A pod that has ended holds nothing of its node any more. */
export const isFinished = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

const DEFAULT_CPU = 100;
const DEFAULT_MEMORY = 200 * 1024 * 1024;

/** What a pod counts for in scores (pkg/scheduler/util, GetNonzeroRequests). */
export function scoredRequests({ spec }: Pod, requests: Amounts): { cpu: number; memory: number } {
  let cpu = requests['cpu'] ?? 0;
  let memory = requests['memory'] ?? 0;
  for (const { resources } of spec!.containers) {
    if (resources?.requests?.['cpu'] === undefined) cpu += DEFAULT_CPU;
    if (resources?.requests?.['memory'] === undefined) memory += DEFAULT_MEMORY;
  }
  return { cpu, memory };
}

/** A port of a node, on one of its addresses or (0.0.0.0) on all of them. */
export interface HostPort {
  readonly protocol: string;
  readonly ip: string;
  readonly port: number;
}

/** The ports of the node that a pod takes for as long as it runs: those of its containers and sidecars. */
export function hostPortsOf({ spec }: Pod): HostPort[] {
  const sidecars = spec!.initContainers?.filter(({ restartPolicy }) => restartPolicy === 'Always') ?? [];
  const out: HostPort[] = [];
  for (const { ports } of [...spec!.containers, ...sidecars]) {
    for (const { hostPort, hostIP, protocol } of ports ?? []) if (hostPort) out.push({ protocol: protocol ?? 'TCP', ip: hostIP || '0.0.0.0', port: hostPort });
  }
  return out;
}

import type { State } from '../projection/state.ts';
import { type Amounts, amountsOf, podRequests } from '../resources/core/pod-requests.ts';
import type { Node, Pod } from '../resources/generated/kinds.ts';

/** A node with the pods on it, summed up: what kube-scheduler's NodeInfo keeps. Pods placed in this pass are added as it goes. */
export class NodeInfo {
  readonly node: Node;
  readonly allocatable: Amounts;
  readonly requested: Record<string, number> = {};
  /** As `requested`, but a container that asks for nothing counts as 100m and 200 MB, so that such pods spread as well. */
  readonly scored = { cpu: 0, memory: 0 };
  /** `TCP/0.0.0.0/8080` of every host port in use. */
  readonly hostPorts = new Set<string>();
  pods = 0;

  constructor(node: Node, pods: readonly Pod[]) {
    this.node = node;
    this.allocatable = amountsOf(node.status?.allocatable);
    for (const pod of pods) if (!isFinished(pod)) this.add(pod);
  }

  add(pod: Pod): void {
    this.pods++;
    const requests = podRequests(pod);
    for (const name in requests) this.requested[name] = (this.requested[name] ?? 0) + requests[name]!;
    const { cpu, memory } = scoredRequests(pod, requests);
    this.scored.cpu += cpu;
    this.scored.memory += memory;
    for (const port of hostPortsOf(pod)) this.hostPorts.add(port);
  }
}

/** Every node of the cluster with its pods. */
export const nodeInfosOf = (state: State): NodeInfo[] => state.list<Node>('nodes').map((node) => new NodeInfo(node, state.by<Pod>('node', node.metadata.name)));

/** A pod that has ended holds nothing of its node any more. */
export const isFinished = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

const DEFAULT_CPU = 100;
const DEFAULT_MEMORY = 200 * 1024 * 1024;

export function scoredRequests({ spec }: Pod, requests: Amounts): { cpu: number; memory: number } {
  let cpu = requests['cpu'] ?? 0;
  let memory = requests['memory'] ?? 0;
  for (const { resources } of spec!.containers) {
    if (!resources?.requests?.['cpu']) cpu += DEFAULT_CPU;
    if (!resources?.requests?.['memory']) memory += DEFAULT_MEMORY;
  }
  return { cpu, memory };
}

export function hostPortsOf({ spec }: Pod): string[] {
  const out: string[] = [];
  for (const { ports } of spec!.containers) {
    for (const { hostPort, hostIP, protocol } of ports ?? []) if (hostPort) out.push(`${protocol ?? 'TCP'}/${hostIP || '0.0.0.0'}/${hostPort}`);
  }
  return out;
}

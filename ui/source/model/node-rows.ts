import type { Node, Pod } from './kinds.ts';
import { conditionOf, stateOf } from './pod-state.ts';
import { quantity } from './quantity.ts';

export interface NodeRow {
  readonly name: string;
  readonly node: Node | undefined;
  readonly pods: readonly Pod[];
  readonly zone: string | undefined;
  readonly instanceType: string | undefined;
  readonly isReady: boolean;
  readonly isCordoned: boolean;
  readonly cpu: Share;
  readonly memory: Share;
  readonly podCount: Share;
}

/** What is requested, of what there is. */
export interface Share {
  readonly used: number;
  readonly of: number;
}

/** Each node with its pods, and what they request of it. Pods that have ended request nothing. A node that is gone is shown for as long as it has pods. */
export function nodeRows(nodes: ReadonlyMap<string, Node>, pods: ReadonlyMap<string, Pod>): NodeRow[] {
  const byNode = new Map<string, Pod[]>([...nodes.keys()].map((name) => [name, []]));
  for (const pod of pods.values()) {
    const name = pod.spec?.nodeName;
    if (!name) continue;
    const there = byNode.get(name);
    if (there) there.push(pod);
    else byNode.set(name, [pod]);
  }
  return [...byNode]
    .map(([name, pods]) => rowOf(name, nodes.get(name), pods))
    .sort((a, b) => byName.compare(a.zone ?? '', b.zone ?? '') || byName.compare(a.name, b.name));
}

/** `node-2` before `node-10`. */
const byName = new Intl.Collator('en', { numeric: true });

function rowOf(name: string, node: Node | undefined, pods: readonly Pod[]): NodeRow {
  let [cpu, memory, count] = [0, 0, 0];
  for (const pod of pods) {
    if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') continue;
    const state = stateOf(pod);
    cpu += state.cpu;
    memory += state.memory;
    count++;
  }
  const { allocatable } = node?.status ?? {};
  const labels = node?.metadata.labels ?? {};
  return {
    name,
    node,
    pods,
    zone: labels['topology.kubernetes.io/zone'],
    instanceType: labels['node.kubernetes.io/instance-type'],
    isReady: conditionOf(node?.status?.conditions, 'Ready')?.status === 'True',
    isCordoned: node?.spec?.unschedulable === true,
    cpu: { used: cpu, of: quantity(allocatable?.['cpu']) },
    memory: { used: memory, of: quantity(allocatable?.['memory']) },
    podCount: { used: count, of: quantity(allocatable?.['pods']) },
  };
}

import { readiness } from '../../apis/core/node-agent.ts';
import { same, timestamp } from '../../kube/object.ts';
import type { Node, Taint } from '../../schema/generated/kinds.ts';
import { type Controller, nothing } from '../controller.ts';
import { updateTo } from '../shared/mutations.ts';

/**
 * Says in a node's taints what its conditions and its `spec.unschedulable` say, for the scheduler (pkg/controller/nodelifecycle, doNoScheduleTaintingPass;
 * Kubernetes documentation, "Taint Nodes by Condition"). The taints that evict: node-evictions.ts.
 */
export const nodeTaints: Controller<Node> = {
  name: 'node-controller',
  resource: 'nodes',
  reconcile({ object: node, now }) {
    if (!node || node.metadata.deletionTimestamp) return nothing;
    const before = node.spec?.taints ?? [];
    const taints = stamped(wanted(node, before, now), now);
    return same(before, taints) ? nothing : { mutations: [updateTo('nodes', withTaints(node, taints))] };
  },
};

export function withTaints(node: Node, taints: readonly Taint[]): Node {
  const { taints: _, ...spec } = node.spec ?? {};
  return { ...node, spec: { ...spec, ...(taints.length > 0 && { taints: [...taints] }) } };
}

export const NOT_READY = 'node.kubernetes.io/not-ready';
export const UNREACHABLE = 'node.kubernetes.io/unreachable';

/** The NoSchedule taints that are this controller's: which node has them. */
const own: readonly { readonly key: string; readonly holds: (node: Node, has: boolean) => boolean }[] = [
  // A machine that never said anything keeps what it got at creation (admission/taint-nodes-by-condition.ts) until it does.
  { key: NOT_READY, holds: (node, has) => readiness(node) === 'False' || (has && readiness(node) === undefined) },
  { key: UNREACHABLE, holds: (node) => readiness(node) === 'Unknown' },
  { key: 'node.kubernetes.io/memory-pressure', holds: (node) => isTrue(node, 'MemoryPressure') },
  { key: 'node.kubernetes.io/disk-pressure', holds: (node) => isTrue(node, 'DiskPressure') },
  { key: 'node.kubernetes.io/pid-pressure', holds: (node) => isTrue(node, 'PIDPressure') },
  { key: 'node.kubernetes.io/network-unavailable', holds: (node) => isTrue(node, 'NetworkUnavailable') },
  { key: 'node.kubernetes.io/unschedulable', holds: ({ spec }) => spec?.unschedulable === true },
];

const isTrue = ({ status }: Node, type: string): boolean => status?.conditions?.find((candidate) => candidate.type === type)?.status === 'True';

function wanted(node: Node, before: readonly Taint[], now: number): Taint[] {
  const isOf =
    ({ key }: { key: string }) =>
    (taint: Taint) =>
      taint.key === key && taint.effect === 'NoSchedule';
  const kept = before.filter((taint) => own.every((of) => !isOf(of)(taint) || of.holds(node, true)));
  const missing = own.filter((of) => of.holds(node, false) && !kept.some(isOf(of)));
  return [...kept, ...missing.map(({ key }) => ({ key, effect: 'NoSchedule', timeAdded: timestamp(now) }))];
}

/** How long a pod tolerates a taint counts from when it was added: for a taint without a time, as users write it, that is now. */
const stamped = (taints: readonly Taint[], now: number): Taint[] =>
  taints.map((taint) => (taint.effect === 'NoExecute' && !taint.timeAdded ? { ...taint, timeAdded: timestamp(now) } : taint));

import { same, timestamp } from '../../kube/object.ts';
import type { Node, Taint } from '../../schema/generated/kinds.ts';
import { type Controller, nothing } from '../controller.ts';
import { updateTo } from '../shared/mutations.ts';

/**
 * Says in a node's taints what its conditions and its `spec.unschedulable` say, for the scheduler and for eviction
 * (pkg/controller/nodelifecycle; Kubernetes documentation, "Taint Nodes by Condition"). Whether a node is alive is read from its Ready condition
 * alone: its Lease is not watched, for an idle cluster renews none.
 */
export const nodeTaints: Controller<Node> = {
  name: 'node-controller',
  resource: 'nodes',
  reconcile({ object: node, now }) {
    if (!node || node.metadata.deletionTimestamp) return nothing;
    const before = node.spec?.taints ?? [];
    const taints = stamped(wanted(node, before, now), now);
    if (same(before, taints)) return nothing;
    const { taints: _, ...spec } = node.spec ?? {};
    return { mutations: [updateTo('nodes', { ...node, spec: { ...spec, ...(taints.length > 0 && { taints }) } })] };
  },
};

const NOT_READY = 'node.kubernetes.io/not-ready';
const UNREACHABLE = 'node.kubernetes.io/unreachable';

/** The taints that are this controller's: which node has them. */
const own: readonly { readonly key: string; readonly effect: string; readonly holds: (node: Node) => boolean }[] = [
  { key: NOT_READY, effect: 'NoSchedule', holds: (node) => condition(node, 'Ready') === 'False' },
  { key: UNREACHABLE, effect: 'NoSchedule', holds: (node) => condition(node, 'Ready') === 'Unknown' },
  { key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule', holds: (node) => condition(node, 'MemoryPressure') === 'True' },
  { key: 'node.kubernetes.io/disk-pressure', effect: 'NoSchedule', holds: (node) => condition(node, 'DiskPressure') === 'True' },
  { key: 'node.kubernetes.io/pid-pressure', effect: 'NoSchedule', holds: (node) => condition(node, 'PIDPressure') === 'True' },
  { key: 'node.kubernetes.io/network-unavailable', effect: 'NoSchedule', holds: (node) => condition(node, 'NetworkUnavailable') === 'True' },
  { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule', holds: ({ spec }) => spec?.unschedulable === true },
  { key: NOT_READY, effect: 'NoExecute', holds: (node) => condition(node, 'Ready') === 'False' },
  { key: UNREACHABLE, effect: 'NoExecute', holds: (node) => condition(node, 'Ready') === 'Unknown' },
];

const condition = ({ status }: Node, type: string): string | undefined => status?.conditions?.find((candidate) => candidate.type === type)?.status;

function wanted(node: Node, before: readonly Taint[], now: number): Taint[] {
  const isOf =
    ({ key, effect }: { key: string; effect: string }) =>
    (taint: Taint) =>
      taint.key === key && taint.effect === effect;
  const kept = before.filter((taint) => own.every((of) => !isOf(of)(taint) || of.holds(node)));
  const missing = own.filter((of) => of.holds(node) && !kept.some(isOf(of)));
  return [...kept, ...missing.map(({ key, effect }) => ({ key, effect, timeAdded: timestamp(now) }))];
}

/** How long a pod tolerates a taint counts from when it was added: for a taint without a time, as users write it, that is now. */
const stamped = (taints: readonly Taint[], now: number): Taint[] =>
  taints.map((taint) => (taint.effect === 'NoExecute' && !taint.timeAdded ? { ...taint, timeAdded: timestamp(now) } : taint));

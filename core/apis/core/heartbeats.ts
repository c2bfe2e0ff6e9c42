import { microTimestamp, timestamp } from '../../kube/object.ts';
import type { Lease, Node, NodeCondition } from '../../schema/generated/kinds.ts';
import type { ShownInTime } from '../strategy.ts';
import { isServed, KUBELET_CONDITIONS, lostSince, readiness } from './node-agent.ts';

/**
 * What heartbeats would have written, derived where it is read: a kubelet renews its Lease every ten seconds and posts conditions that do not change every five
 * minutes. That of a node that is lost stands still since then.
 */
export const heartbeatOfNode: ShownInTime<Node> = {
  periodMs: 300_000,
  at(node, { time }) {
    const heard = lastHeard(node, time);
    const before = node.status?.conditions;
    if (heard === undefined || !before) return node;
    const conditions = before.map((condition) => beating(condition, heard));
    return conditions.every((condition, i) => condition === before[i]) ? node : { ...node, status: { ...node.status, conditions } };
  },
};

export const heartbeatOfLease: ShownInTime<Lease> = {
  periodMs: 10_000,
  at(lease, { state, time }) {
    const { namespace, name } = lease.metadata;
    const node = namespace === 'kube-node-lease' ? state.get('nodes', undefined, name) : undefined;
    const heard = node && lastHeard(node, time);
    const { renewTime } = lease.spec ?? {};
    if (heard === undefined || !renewTime || Date.parse(renewTime) >= heard) return lease;
    return { ...lease, spec: { ...lease.spec, renewTime: microTimestamp(heard) } };
  },
};

/** When the agent of a node was last heard of, ms since the epoch; undefined where there is none, or none says since when. */
function lastHeard(node: Node, time: number): number | undefined {
  if (!isServed(node)) return undefined;
  const since = lostSince(node);
  if (since !== undefined) return Math.min(time, Date.parse(since));
  return readiness(node) === 'Unknown' ? undefined : time;
}

/** A condition as it was posted last, if it is one that a kubelet posts. */
function beating(condition: NodeCondition, heard: number): NodeCondition {
  const { type, lastHeartbeatTime } = condition;
  if (!KUBELET_CONDITIONS.includes(type) || !lastHeartbeatTime || Date.parse(lastHeartbeatTime) >= heard) return condition;
  return { ...condition, lastHeartbeatTime: timestamp(heard) };
}

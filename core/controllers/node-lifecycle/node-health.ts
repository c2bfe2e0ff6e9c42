import { isServed, KUBELET_CONDITIONS, lostSince, readiness } from '../../apis/core/node-agent.ts';
import { clusterInstant, plus } from '../../instant.ts';
import { keyOf, timestamp } from '../../kube/object.ts';
import { controllerUser } from '../../kube/user.ts';
import type { Node, NodeCondition } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { type Controller, nothing } from '../controller.ts';
import { statusUpdate } from '../shared/mutations.ts';
import { nodeEvent } from './node-events.ts';

const LEASES = 'leases.coordination.k8s.io';
const NODE_LEASES = 'kube-node-lease';

/**
 * Says of a node of which nothing is heard any more that its conditions are unknown (pkg/controller/nodelifecycle, tryUpdateNodeHealth). The agents here are heard
 * of for as long as they are not lost: what their heartbeats would tell is derived (apis/core/heartbeats.ts). Of any other kubelet, a Lease that is renewed or a
 * condition that is posted again is a heartbeat.
 */
export const nodeHealth: Controller<Node> = {
  name: 'node-health',
  actor: controllerUser('node-controller'),
  resource: 'nodes',
  watches: {
    [LEASES]: ({ object: { metadata } }) => (metadata.namespace === NODE_LEASES ? [keyOf('nodes', undefined, metadata.name)] : []),
  },
  reconcile(context) {
    const { object: node, state, now } = context;
    if (!node || readiness(node) === 'Unknown') return nothing;
    const heard = lastHeard(node, state);
    if (heard === undefined) return nothing;
    const until = plus(heard, readiness(node) === undefined ? STARTUP_GRACE : MONITOR_GRACE);
    if (now <= until) return { mutations: [], enqueueAt: plus(until, 1) };
    const conditions = unknown(node, now);
    const events = readiness(node) === 'True' ? nodeEvent(context, node, 'NodeNotReady', `Node ${node.metadata.name} status is now: NodeNotReady`) : [];
    return { mutations: [...statusUpdate('nodes', node, { ...node.status, conditions }), ...events] };
  },
};

/** `--node-monitor-grace-period` and `--node-startup-grace-period`, ms. */
const MONITOR_GRACE = 50_000;
const STARTUP_GRACE = 60_000;

/** When something was last heard of a node's kubelet; undefined while an agent of ours is there. */
function lastHeard(node: Node, state: State) {
  if (isServed(node)) {
    const since = lostSince(node);
    return since === undefined ? undefined : clusterInstant(since);
  }
  const { name, creationTimestamp } = node.metadata;
  const posted = node.status?.conditions?.find(({ type }) => type === 'Ready')?.lastHeartbeatTime;
  const renewed = state.get(LEASES, NODE_LEASES, name)?.spec?.renewTime;
  const times = [creationTimestamp, posted, renewed].filter((time) => time !== undefined && time !== null).map((time) => Date.parse(time));
  return clusterInstant(Math.max(...times));
}

function unknown({ metadata, status }: Node, now: number): NodeCondition[] {
  const time = timestamp(now);
  const before = status?.conditions ?? [];
  const stopped = { status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.', lastTransitionTime: time };
  const known = before.map((condition) =>
    KUBELET_CONDITIONS.includes(condition.type) && condition.status !== 'Unknown' ? { ...condition, ...stopped } : condition,
  );
  const missing = KUBELET_CONDITIONS.filter((type) => before.every((condition) => condition.type !== type));
  const never = { status: 'Unknown', reason: 'NodeStatusNeverUpdated', message: 'Kubelet never posted node status.' };
  return [...known, ...missing.map((type) => ({ type, ...never, lastHeartbeatTime: metadata.creationTimestamp!, lastTransitionTime: time }))];
}

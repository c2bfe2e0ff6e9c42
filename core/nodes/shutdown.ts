import { agentOf, readiness } from '../apis/core/node-agent.ts';
import { CRITICAL_SINCE, criticalSince, endsLate, isShutDown, SHUTDOWN_SINCE, shutdownPeriods, shutdownSince } from '../apis/core/node-shutdown.ts';
import { isPodTerminal } from '../apis/core/pod-terminal.ts';
import { update } from '../apis/mutation.ts';
import { type ClusterInstant, clusterInstant, plus } from '../instant.ts';
import { keyOf, timestamp } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import { EventRecorder } from '../reconcile/event-recorder.ts';
import type { Attributed, Pass } from '../reconcile/reconciler.ts';
import type { Node } from '../schema/generated/kinds.ts';
import { nodeConditions } from './node-objects.ts';
import { annotated, identity } from './register-node.ts';
import { isTakenIn } from './taken-on-nodes.ts';

interface Shutdown {
  readonly mutations: readonly Attributed[];
  /** When to look at the node again. */
  readonly at?: ClusterInstant;
}

/**
 * What a kubelet does when its machine is about to shut down, and when that is over (pkg/kubelet/nodeshutdown): the node is not ready, takes no more pods, and ends those that it
 * has (sync-pod.ts), the critical ones when the others have ended or had their time.
 */
export function shutDownNode(node: Node, { state: ofPass, stateFor, now, env }: Pass): Shutdown {
  const since = shutdownSince(node);
  if (agentOf(node) === 'silent' || node.metadata.deletionTimestamp || (!isShutDown(node) && since === undefined)) return { mutations: [] };
  const { name } = node.metadata;
  const part = keyOf('nodes', undefined, name);
  const state = stateFor?.(part) ?? ofPass;
  const recorder = new EventRecorder({ state, component: 'kubelet', host: name, now, env });
  const by = { actor: userNamed(`system:node:${name}`), cause: Number(node.metadata.resourceVersion), part };
  const told = () => recorder.mutations().map((mutation) => ({ ...mutation, ...by }));

  if (!isShutDown(node)) {
    recorder.normal(node, 'NodeShutdown', 'Shutdown manager detected shutdown cancellation');
    recorder.normal(node, 'NodeReady', `Node ${name} status is now: NodeReady`);
    const noted = update('nodes', annotated(node, { [SHUTDOWN_SINCE]: undefined, [CRITICAL_SINCE]: undefined }));
    return { mutations: [{ ...noted, ...by }, { ...readyUpdate(node, READY, now), ...by }, ...told()] };
  }
  const mutations: Attributed[] = [];
  if (readiness(node) === 'True') {
    mutations.push({ ...readyUpdate(node, SHUTTING_DOWN, now), ...by });
    recorder.normal(node, 'NodeNotReady', `Node ${name} status is now: NodeNotReady`);
  }
  if (since === undefined) {
    mutations.unshift({ ...update('nodes', annotated(node, { [SHUTDOWN_SINCE]: timestamp(now) })), ...by });
    recorder.normal(node, 'NodeShutdown', 'Shutdown manager detected shutdown event');
  }
  if (since === undefined || criticalSince(node) !== undefined) return { mutations: [...mutations, ...told()] };
  const turn = plus(clusterInstant(since), shutdownPeriods(node).regularMs);
  const isWaitedFor = now < turn && state.by('node', name).some((pod) => isTakenIn(pod) && !isPodTerminal(pod) && !endsLate(pod));
  if (isWaitedFor) return { mutations: [...mutations, ...told()], at: turn };
  return { mutations: [...mutations, { ...update('nodes', annotated(node, { [CRITICAL_SINCE]: timestamp(now) })), ...by }, ...told()] };
}

const SHUTTING_DOWN = { status: 'False', reason: 'KubeletNotReady', message: 'node is shutting down' };
const READY = { status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' };

function readyUpdate(node: Node, verdict: typeof READY, now: number) {
  const times = nodeConditions(now).find(({ type }) => type === 'Ready')!;
  const conditions = (node.status?.conditions ?? []).map((condition) => (condition.type === 'Ready' ? { ...times, ...verdict } : condition));
  return update('nodes', { ...identity(node), status: { ...node.status, conditions } }, 'status');
}

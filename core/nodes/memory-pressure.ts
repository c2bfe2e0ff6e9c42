import { isCriticalPod } from '../apis/core/critical-pod.ts';
import { isServed } from '../apis/core/node-agent.ts';
import { podRequests } from '../apis/core/pod-requests.ts';
import { isPodTerminal } from '../apis/core/pod-terminal.ts';
import { update } from '../apis/mutation.ts';
import { type ClusterInstant, clusterInstant, plus } from '../instant.ts';
import { type Key, timestamp } from '../kube/object.ts';
import { formatQuantity, value } from '../kube/quantity.ts';
import { userNamed } from '../kube/user.ts';
import { EventRecorder } from '../reconcile/event-recorder.ts';
import type { Attributed, Pass } from '../reconcile/reconciler.ts';
import type { Node, NodeCondition, Pod } from '../schema/generated/kinds.ts';
import { index } from '../state/indexes.ts';
import type { State } from '../state/state.ts';
import { wantsMemory } from '../usage/container-usage.ts';
import type { Moment } from '../usage/moment.ts';
import { nodeUsage, podUsage } from '../usage/pod-usage.ts';
import { CLUSTER_RESOURCE_USAGES, RESOURCE_USAGES } from '../usage/resource-usages.ts';
import { hasMemoryLoads } from '../usage/shared-load.ts';
import { containersOf } from './containers-of.ts';
import { disrupted } from './disruption.ts';
import { identity } from './register-node.ts';

interface Relieved {
  readonly mutations: readonly Attributed[];
  readonly wakeups: ReadonlyMap<Key, ClusterInstant | undefined>;
}

/**
 * What kubelets do when the pods of a node use so much memory that it becomes short of it (pkg/kubelet/eviction): the node says so, and the pods that use the most beyond what they requested
 * are evicted, one every ten seconds. Only nodes are looked at on which something uses more than its share (`wantsMemory`): all others have room by how pods are placed.
 */
export function relieveNodes(nodes: Iterable<string>, pass: Pass): Relieved {
  const mutations: Attributed[] = [];
  const wakeups = new Map<Key, ClusterInstant | undefined>();
  // Whether to look is no decision.
  const unobserved = pass.state.observed(undefined);
  for (const name of nodes) {
    const found = unobserved.get('nodes', undefined, name);
    if (!found || !isServed(found) || !(isUnderPressure(found) || mayBeShort(name, unobserved))) continue;
    const key = pressureKey(name);
    const state = pass.stateFor?.(key) ?? pass.state;
    const node = state.get('nodes', undefined, name)!;
    let next: ClusterInstant | undefined;
    const changesAt = (at: ClusterInstant) => {
      next = next === undefined || at < next ? at : next;
    };
    const by = { actor: userNamed(`system:node:${name}`), cause: Number(node.metadata.resourceVersion), part: key };
    for (const mutation of relieve(node, { state, now: pass.now, changesAt }, pass)) mutations.push({ ...mutation, ...by });
    wakeups.set(key, next);
  }
  return { mutations, wakeups };
}

/** By which a node asks to be looked at again for its memory. */
const PRESSURE = 'memory-pressure';
const pressureKey = (node: string): Key => `${PRESSURE}//${node}`;
export const pressedNodes = (due: readonly Key[]): string[] => due.flatMap((key) => (key.startsWith(`${PRESSURE}//`) ? [key.slice(PRESSURE.length + 2)] : []));

const mayBeShort = (node: string, state: State): boolean =>
  state.keys(hungryPods, node).length > 0 || hasMemoryLoads(state) || state.count(RESOURCE_USAGES) > 0 || state.count(CLUSTER_RESOURCE_USAGES) > 0;

/** The pods of a node that say how much memory they use. */
const hungryPods = index(['pods'], (_key, pod) => (pod.spec?.nodeName && !isPodTerminal(pod) && wantsMemory(pod) ? [pod.spec.nodeName] : []));

const pressureOf = ({ status }: Node): NodeCondition | undefined => status?.conditions?.find(({ type }) => type === 'MemoryPressure');
const isUnderPressure = (node: Node): boolean => pressureOf(node)?.status === 'True';

/** `--eviction-hard memory.available<100Mi`, `--eviction-pressure-transition-period`, and how often the kubelet looks */
const THRESHOLD = 100 * 1024 * 1024;
const TRANSITION_MS = 300_000;
const INTERVAL_MS = 10_000;

function relieve(node: Node, moment: Moment, { env }: Pass) {
  const { state, now, changesAt } = moment;
  const available = value(node.status?.capacity?.['memory'] ?? '0') - nodeUsage(node, moment).memory;
  const recorder = new EventRecorder({ state, component: 'kubelet', host: node.metadata.name, now, env });
  const pressure = pressureOf(node);
  const observed = clusterInstant(pressure?.lastHeartbeatTime ?? timestamp(now));
  if (available >= THRESHOLD) {
    if (!isUnderPressure(node)) return [];
    const relievedAt = plus(observed, TRANSITION_MS);
    if (now < relievedAt) {
      changesAt(relievedAt);
      return [];
    }
    recorder.normal(node, 'NodeHasSufficientMemory', `Node ${node.metadata.name} status is now: NodeHasSufficientMemory`);
    return [conditionUpdate(node, SUFFICIENT, now), ...recorder.mutations()];
  }
  changesAt(plus(now, INTERVAL_MS));
  // It has looked a moment ago.
  if (isUnderPressure(node) && now < plus(observed, INTERVAL_MS)) return [];
  if (!isUnderPressure(node)) recorder.normal(node, 'NodeHasInsufficientMemory', `Node ${node.metadata.name} status is now: NodeHasInsufficientMemory`);
  recorder.warning(node, 'EvictionThresholdMet', 'Attempting to reclaim memory');
  const [victim] = ranked(node, moment);
  if (!victim) return [conditionUpdate(node, INSUFFICIENT, now), ...recorder.mutations()];
  const message = messageOf(victim, Math.max(0, available), moment);
  recorder.warning(victim, 'Evicted', message);
  const status = disrupted(victim, { reason: 'Evicted', message }, now);
  return [conditionUpdate(node, INSUFFICIENT, now), update('pods', { ...identity(victim), status }, 'status'), ...recorder.mutations()];
}

const INSUFFICIENT = { status: 'True', reason: 'KubeletHasInsufficientMemory', message: 'kubelet has insufficient memory available' };
const SUFFICIENT = { status: 'False', reason: 'KubeletHasSufficientMemory', message: 'kubelet has sufficient memory available' };

/** The heartbeat of the condition says when the pressure was last observed. */
function conditionUpdate(node: Node, verdict: typeof INSUFFICIENT, now: number) {
  const before = pressureOf(node);
  const time = timestamp(now);
  const lastTransitionTime = before?.status === verdict.status && before.lastTransitionTime ? before.lastTransitionTime : time;
  const condition: NodeCondition = { type: 'MemoryPressure', ...verdict, lastHeartbeatTime: time, lastTransitionTime };
  const others = (node.status?.conditions ?? []).filter(({ type }) => type !== 'MemoryPressure');
  return update('nodes', { ...identity(node), status: { ...node.status, conditions: [condition, ...others] } }, 'status');
}

/** Who is evicted first (helpers.go, rankMemoryPressure): who uses more than was requested, of lower priority, and the most beyond the request. Critical pods stay. */
function ranked({ metadata: { name } }: Node, moment: Moment): Pod[] {
  const candidates = moment.state.by('node', name).filter((pod) => !isPodTerminal(pod) && !pod.metadata.deletionTimestamp && !isCriticalPod(pod));
  const used = candidates.flatMap((pod) => {
    const usage = podUsage(pod, moment);
    if (!usage) return [];
    const memory = [...usage.values()].reduce((sum, one) => sum + one.memory, 0);
    return [{ pod, beyond: memory - (podRequests(pod)['memory'] ?? 0), priority: pod.spec?.priority ?? 0 }];
  });
  return used.sort((a, b) => Number(b.beyond > 0) - Number(a.beyond > 0) || a.priority - b.priority || b.beyond - a.beyond).map(({ pod }) => pod);
}

/** helpers.go, evictionMessage */
function messageOf(pod: Pod, available: number, moment: Moment): string {
  const containers = [...(podUsage(pod, moment) ?? [])].map(([name, { memory }]) => {
    const container = containersOf(pod).find((member) => member.container.name === name)!.container;
    const request = container.resources?.requests?.['memory'] ?? '0';
    return memory > value(request) ? `Container ${name} was using ${kibibytes(memory)}, request is ${request}, has larger consumption of memory. ` : '';
  });
  return `The node was low on resource: memory. Threshold quantity: ${kibibytes(THRESHOLD)}, available: ${kibibytes(available)}. ${containers.join('')}`;
}

const kibibytes = (bytes: number): string => formatQuantity({ nanos: BigInt(Math.floor(bytes / 1024)) * 1024n * 1_000_000_000n, format: 'BinarySI' });

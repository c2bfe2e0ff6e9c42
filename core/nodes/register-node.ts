import { DECLARED_FEATURES } from '../apis/core/declared-features.ts';
import { faultsOf, isNodeLost } from '../apis/core/faults.ts';
import { isLost, LOST_SINCE, lostSince, podRangeOf, readiness } from '../apis/core/node-agent.ts';
import { creation, type Mutation, update } from '../apis/mutation.ts';
import type { Env } from '../env.ts';
import { type KubeObject, same, timestamp } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import { EventRecorder } from '../reconcile/event-recorder.ts';
import type { Attributed } from '../reconcile/reconciler.ts';
import type { Node, NodeStatus } from '../schema/generated/kinds.ts';
import type { State } from '../state/state.ts';
import { csiNode, withDrivers } from './csi-node.ts';
import { allocatableOf, capacityOf, instanceType } from './ec2/instance-type.ts';
import { type NodeOptions, nodeConditions, nodeLabels, nodeLease, nodeStatus, numberOfAddress, numberOfPodCIDR, podCIDROf } from './node-objects.ts';

/**
 * What a kubelet and the node IPAM controller do for a Node that is there but not working yet, such as one that a user created by hand
 * with a `spec.providerID` of ours: labels, a range of pod addresses, status, a Lease, a CSINode. Nothing when it has all of these.
 */
export function registerNode(node: Node, context: Registration): Attributed[] {
  const { state, now, options, numbers } = context;
  const { name } = node.metadata;
  const by = { actor: userNamed(`system:node:${name}`), cause: Number(node.metadata.resourceVersion) };
  const mutations: Attributed[] = [];
  if (node.metadata.deletionTimestamp) return mutations;
  if (isLost(node) || isNodeLost(faultsOf(state), node))
    return lostSince(node) === undefined ? [{ ...update('nodes', annotated(node, { [LOST_SINCE]: timestamp(now) })), ...by }] : [];
  if (lostSince(node) !== undefined) return returned(node, context).map((mutation) => ({ ...mutation, ...by }));

  const range = podRangeOf(node);
  let known: number | undefined;
  const number = () => {
    known ??= numberOfPodCIDR(range ?? '') ?? nextNumber(numbers());
    return known;
  };
  const type = instanceType(node.metadata.labels?.['node.kubernetes.io/instance-type'] ?? '');
  const machine: NodeOptions = { ...options, ...(type && { architecture: type.architecture, capacity: capacityOf(type), allocatable: allocatableOf(type) }) };
  if (!range) {
    const podCIDR = podCIDROf(number());
    // Of which type a machine is, a cloud says, and not its kubelet.
    const { 'node.kubernetes.io/instance-type': _t, ...ofKubelet } = nodeLabels(name, machine);
    const labels = { ...ofKubelet, ...node.metadata.labels };
    const { resourceVersion: _, ...metadata } = node.metadata;
    const object: Node = { ...node, metadata: { ...metadata, labels }, spec: { ...node.spec, podCIDR, podCIDRs: [podCIDR] } };
    mutations.push({ ...update('nodes', object), ...by });
  }
  if (!node.status?.conditions?.some(({ type }) => type === 'Ready')) {
    // KWOK's nodes have a phase, by which its Stages select them.
    const phase = node.metadata.annotations?.['kwok.x-k8s.io/node'] === 'fake' && { phase: 'Running' };
    const status: NodeStatus = { ...node.status, ...withBrought(node, nodeStatus(node, number(), now, machine)), ...phase };
    mutations.push({ ...update('nodes', { ...identity(node), status }, 'status'), ...by });
  } else if (!same(node.status.declaredFeatures, DECLARED_FEATURES)) {
    mutations.push({ ...update('nodes', { ...identity(node), status: { ...node.status, declaredFeatures: [...DECLARED_FEATURES] } }, 'status'), ...by });
  }
  const leases = state.get('namespaces', undefined, 'kube-node-lease');
  if (leases && !leases.metadata.deletionTimestamp && !state.get('leases.coordination.k8s.io', 'kube-node-lease', name)) {
    mutations.push({ ...creation('leases.coordination.k8s.io', nodeLease(node, now)), ...by });
  }
  const csi = state.get('csinodes.storage.k8s.io', undefined, name);
  const registered = csi && withDrivers(csi, node);
  if (!csi) mutations.push({ ...creation('csinodes.storage.k8s.io', csiNode(node)), ...by });
  else if (registered) mutations.push({ ...update('csinodes.storage.k8s.io', registered), ...by });
  return mutations;
}

interface Registration {
  readonly state: State;
  readonly now: number;
  readonly env: Env;
  readonly options: NodeOptions;
  readonly numbers: () => Set<number>;
}

/** What a Node tells of its machine before a kubelet does, as manifests for KWOK and imported nodes do, wins. */
function withBrought({ status }: Node, ofKubelet: NodeStatus): NodeStatus {
  const { capacity, allocatable, addresses, nodeInfo } = status ?? {};
  return {
    ...ofKubelet,
    capacity: { ...ofKubelet.capacity, ...capacity },
    allocatable: { ...ofKubelet.allocatable, ...allocatable },
    ...(addresses && addresses.length > 0 && { addresses }),
    // Of one without, the API server makes a nodeInfo of empty texts.
    ...(nodeInfo?.kubeletVersion && { nodeInfo }),
  };
}

/** What an agent says first when its machine is back: its conditions, in so far as they are unknown by now. */
function returned(node: Node, { state, now, env }: Registration): Mutation[] {
  const well = new Map(nodeConditions(now).map((condition) => [condition.type, condition]));
  const conditions = node.status?.conditions?.map((condition) => (condition.status === 'Unknown' ? (well.get(condition.type) ?? condition) : condition));
  const mutations: Mutation[] = [update('nodes', annotated(node, { [LOST_SINCE]: undefined }))];
  if (readiness(node) !== 'Unknown') return mutations;
  const { name } = node.metadata;
  mutations.push(update('nodes', { ...identity(node), status: { ...node.status, ...(conditions && { conditions }) } }, 'status'));
  const events = state.get('namespaces', undefined, 'default');
  if (!events || events.metadata.deletionTimestamp) return mutations;
  const recorder = new EventRecorder({ state, component: 'kubelet', host: name, now, env });
  recorder.normal(node, 'NodeReady', `Node ${name} status is now: NodeReady`);
  return [...mutations, ...recorder.mutations()];
}

/** With some annotations set, or taken off. */
export function annotated(node: Node, changes: Readonly<Record<string, string | undefined>>): Node {
  const { resourceVersion: _, ...metadata } = node.metadata;
  const annotations = Object.fromEntries(
    Object.entries({ ...metadata.annotations, ...changes }).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  return { ...node, metadata: { ...metadata, annotations } };
}

/** The numbers of all nodes that have a range of pod addresses or an address of their own. */
export function takenNumbers(nodes: readonly Node[]): Set<number> {
  const numbers = nodes.flatMap(({ spec, status }) => [
    ...(spec?.podCIDR ? [numberOfPodCIDR(spec.podCIDR)] : []),
    ...(status?.addresses ?? []).map(({ address }) => numberOfAddress(address)),
  ]);
  return new Set(numbers.filter((number) => number !== undefined));
}

/** The first number that is free; taken from then on. */
function nextNumber(numbers: Set<number>): number {
  let number = 1;
  while (numbers.has(number)) number++;
  numbers.add(number);
  return number;
}

/** Enough of an object to say whose status it is, with the uid as the precondition. */
export const identity = ({ apiVersion, kind, metadata: { name, namespace, uid } }: KubeObject): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, ...(namespace && { namespace }), uid },
});

import { createHash } from 'node:crypto';
import { DECLARED_FEATURES } from '../apis/core/declared-features.ts';
import { PROVIDER } from '../apis/core/node-agent.ts';
import { microTimestamp, timestamp } from '../kube/object.ts';
import type { Lease, Node, NodeCondition, NodeStatus } from '../schema/generated/kinds.ts';
import { release } from '../schema/release.ts';

export interface NodeOptions {
  /** What `node-1`, `node-2`, … start with. */
  namePrefix?: string;
  architecture?: string;
  region?: string;
  /** Of each node, overriding or adding to the default machine's. */
  capacity?: Record<string, string>;
  /** What of it pods may use; what is not named here is the default's, or all of what `capacity` names. */
  allocatable?: Record<string, string>;
  /** `containerd://…`, of the runtime that the nodes' agent uses. */
  containerRuntimeVersion?: string;
}

/** The Nodes that a cluster starts with, ready to be created as they are: `node-1` to `node-<count>`, spread over three zones. */
export function nodeObjects(count: number, now: number, options: NodeOptions = {}): Node[] {
  return Array.from({ length: count }, (_, i) => nodeObject(i + 1, now, options));
}

function nodeObject(number: number, now: number, options: NodeOptions): Node {
  const { namePrefix = 'node-', region = 'eu-west-1' } = options;
  const name = `${namePrefix}${number}`;
  const zone = `${region}${'abc'[(number - 1) % 3]}`;
  const podCIDR = podCIDROf(number);
  const node: Node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'topology.kubernetes.io/region': region, 'topology.kubernetes.io/zone': zone } },
    spec: { podCIDR, podCIDRs: [podCIDR], providerID: `${PROVIDER}/${zone}/${name}` },
  };
  const labelled = { ...node, metadata: { ...node.metadata, labels: { ...node.metadata.labels, ...nodeLabels(name, options) } } };
  return { ...labelled, status: nodeStatus(labelled, number, now, options) };
}

/** The labels that a kubelet puts on its Node. */
export function nodeLabels(name: string, { architecture = 'arm64' }: NodeOptions): Record<string, string> {
  return {
    // Deprecated since 1.14, but the kubelet still sets them and old charts still select by them.
    'beta.kubernetes.io/arch': architecture,
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': architecture,
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': 'linux',
    'node.kubernetes.io/instance-type': architecture === 'arm64' ? 'm7g.large' : 'm7i.large',
  };
}

/**
 * The pods' addresses on the node with this number (from 1): 10.244.0.0/16 in parts of 256, as the node IPAM controller divides it. What comes after the last of 10.0.0.0/8 is of
 * 100.64.0.0/10, which EKS, too, takes for pods where the addresses of a VPC do not suffice.
 */
export function podCIDROf(number: number): string {
  const further = number - FIRST_SHARED;
  return further < 0 ? `10.${244 + (number >> 8)}.${number & 255}.0/24` : `100.${64 + (further >> 8)}.${further & 255}.0/24`;
}

/** The number of the node that has this podCIDR. */
export function numberOfPodCIDR(podCIDR: string): number | undefined {
  const [a, b, c] = podCIDR.split('.').map(Number) as [number, number, number];
  if (a === 100 && b >= 64 && b < 128) return FIRST_SHARED + ((b - 64) << 8) + c;
  return a === 10 && b >= 244 ? ((b - 244) << 8) | c : undefined;
}

const FIRST_SHARED = (256 - 244) << 8;

const addressOf = (number: number): string => `10.0.${number >> 8}.${number & 255}`;

/** The number of the node that has this address. */
export function numberOfAddress(address: string): number | undefined {
  const [a, b, c, d] = address.split('.').map(Number);
  return a === 10 && b === 0 ? (c! << 8) | d! : undefined;
}

/** What a kubelet reports of its machine: here one that is always well. */
export function nodeStatus(node: Node, number: number, now: number, options: NodeOptions): NodeStatus {
  const { architecture = 'arm64', containerRuntimeVersion = 'containerd://2.1.5' } = options;
  return {
    addresses: [
      { type: 'InternalIP', address: addressOf(number) },
      { type: 'Hostname', address: node.metadata.name },
    ],
    capacity: { ...CAPACITY, ...options.capacity },
    allocatable: { ...ALLOCATABLE, ...options.capacity, ...options.allocatable },
    conditions: nodeConditions(now),
    declaredFeatures: [...DECLARED_FEATURES],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: {
      architecture,
      bootID: uuidOf(`boot ${node.metadata.name}`),
      containerRuntimeVersion,
      kernelVersion: '6.12.46-66.121.amzn2023',
      kubeProxyVersion: '',
      kubeletVersion: release.version,
      machineID: hexOf(`machine ${node.metadata.name}`),
      operatingSystem: 'linux',
      osImage: 'Logplane simulated node',
      systemUUID: uuidOf(`system ${node.metadata.name}`),
    },
  };
}

// An m7g.large (2 vCPU, 8 GiB) as EKS reports it and with EKS's reservations; the pods are those of a plain kubelet.
const CAPACITY = { cpu: '2', 'ephemeral-storage': '83873772Ki', memory: '7971292Ki', pods: '110' };
const ALLOCATABLE = { cpu: '1930m', 'ephemeral-storage': '76224326324', memory: '7281116Ki', pods: '110' };

/*
 * No heartbeat is written. A kubelet renews its Lease and its conditions so that the node lifecycle controller notices when a machine is
 * gone; this agent is part of the control plane and runs whenever there is something for it to do, and a renewal would only grow the log of an
 * idle cluster. The times here are those of the registration: what a heartbeat would tell since then is derived where it is read (apis/core/heartbeats.ts).
 */
export function nodeConditions(now: number): NodeCondition[] {
  const condition = (type: string, status: string, reason: string, message: string): NodeCondition => ({
    type,
    status,
    lastHeartbeatTime: timestamp(now),
    lastTransitionTime: timestamp(now),
    reason,
    message,
  });
  return [
    condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
    condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
    condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
  ];
}

/** The Lease that stands for a node in `kube-node-lease`, made once and never renewed (see above). */
export function nodeLease(node: Node, now: number): Lease {
  const { name, uid } = node.metadata;
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace: 'kube-node-lease', ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid: uid! }] },
    spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime: microTimestamp(now) },
  };
}

const hexOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

function uuidOf(text: string): string {
  const hex = hexOf(text);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

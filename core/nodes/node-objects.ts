import { createHash } from 'node:crypto';
import { microTimestamp, timestamp } from '../kube/object.ts';
import type { CSINode, Lease, Node, NodeCondition, NodeStatus } from '../schema/generated/kinds.ts';
import { release } from '../schema/release.ts';

export interface NodeOptions {
  /** What `node-1`, `node-2`, … start with. */
  namePrefix?: string;
  architecture?: 'arm64' | 'amd64';
  region?: string;
  /** Of each node, overriding or adding to the default machine's. */
  capacity?: Record<string, string>;
  /** What of it pods may use; what is not named here is the default's, or all of what `capacity` names. */
  allocatable?: Record<string, string>;
  /** `containerd://…`, of the runtime that the nodes' agent uses. */
  containerRuntimeVersion?: string;
}

/** The nodes that the agent serves: those whose `spec.providerID` starts so. */
const PROVIDER = 'logplane://';

export const isServed = (node: Node | undefined): boolean => node?.spec?.providerID?.startsWith(PROVIDER) ?? false;

/**
 * Whether a node's agent is at work: it serves the node, the node is registered (it gets its status first, its pods after that), and it is Ready. One
 * that is not Ready takes in and starts nothing, and what is being deleted there waits.
 */
export const isWorking = (node: Node | undefined): boolean =>
  isServed(node) && node?.status?.allocatable !== undefined && node.status.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';

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

/** The pods' addresses on the node with this number (from 1): 10.244.0.0/16 in parts of 256, as the node IPAM controller divides it. */
export const podCIDROf = (number: number): string => `10.${244 + (number >> 8)}.${number & 255}.0/24`;

/** The number of the node that has this podCIDR. */
export function numberOfPodCIDR(podCIDR: string): number | undefined {
  const [a, b, c] = podCIDR.split('.').map(Number);
  return a === 10 && b! >= 244 ? ((b! - 244) << 8) | c! : undefined;
}

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
 * There are no heartbeats. A kubelet renews its Lease and its conditions so that the node lifecycle controller notices when a machine is
 * gone; this agent is part of the control plane and runs whenever there is something for it to do, so there is nothing to notice, and a
 * renewal would only grow the log of an idle cluster. The times are those of the registration.
 */
function nodeConditions(now: number): NodeCondition[] {
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

/** The Lease that stands for a node in `kube-node-lease`, made once and never renewed (see above), for clients that look for it. */
export function nodeLease(node: Node, now: number): Lease {
  const { name, uid } = node.metadata;
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace: 'kube-node-lease', ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid: uid! }] },
    spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime: microTimestamp(now) },
  };
}

/** What a kubelet says of the volumes that its node can have: none by a driver of its own, those of drivers that once were part of Kubernetes by their successors. */
export function csiNode({ metadata: { name, uid } }: Node): CSINode {
  const annotations = { 'storage.alpha.kubernetes.io/migrated-plugins': MIGRATED.map((plugin) => `kubernetes.io/${plugin}`).join() };
  const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name, uid: uid! }];
  return { apiVersion: 'storage.k8s.io/v1', kind: 'CSINode', metadata: { name, annotations, ownerReferences }, spec: { drivers: [] } };
}

/** pkg/volume/csi/csi_plugin.go */
const MIGRATED = ['aws-ebs', 'azure-disk', 'azure-file', 'cinder', 'gce-pd', 'portworx-volume', 'vsphere-volume'];

const hexOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

function uuidOf(text: string): string {
  const hex = hexOf(text);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

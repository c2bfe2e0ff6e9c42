import { matchesNode, untolerated } from '../apis/core/node-match.ts';
import { type Amounts, amountsOf, podRequests } from '../apis/core/pod-requests.ts';
import type { Node, Pod } from '../schema/generated/kinds.ts';
import type { Shortage } from './preemption.ts';

/** Why a node does not take a pod that was bound to it: the pod's reason, and the message of the Event. */
export interface Rejection {
  readonly reason: string;
  readonly message: string;
}

/** What the pods that a node has taken use of it. */
interface Usage {
  readonly pods: number;
  readonly amounts: Amounts;
  /** `80/TCP/0.0.0.0` */
  readonly hostPorts: ReadonlySet<string>;
}

/**
 * The kubelet's admission of a pod (pkg/kubelet/lifecycle/predicate.go, with the scheduler's AdmissionCheck). The scheduler has looked at
 * the same things, but it may not have bound the pod: DaemonSets of old, static manifests and users set `spec.nodeName` themselves.
 * Of several reasons the first is reported.
 */
export function admitPod(pod: Pod, node: Node, usage: Usage): Rejection | undefined {
  const { os } = pod.spec ?? {};
  const labelled = pod.metadata.labels?.['kubernetes.io/os'];
  if (labelled !== undefined && labelled !== 'linux') {
    return { reason: 'PodOSSelectorNodeLabelDoesNotMatch', message: "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label" };
  }
  if (os && os.name !== 'linux') return { reason: 'PodOSNotSupported', message: "Failed to admit pod as the OS field doesn't match node OS" };
  return insufficient(pod, node, usage) ?? unfit(pod, node, usage);
}

/** How much of each resource is missing for a pod that its node refuses for that alone; undefined: it has other reasons. */
export function shortageFor(pod: Pod, node: Node, usage: Usage): Shortage | undefined {
  const allocatable = amountsOf(node.status?.allocatable);
  const asked = { pods: 1, ...podRequests(pod) };
  const missing = Object.entries(asked).map(
    ([name, amount]) => [name, amount + (name === 'pods' ? usage.pods : (usage.amounts[name] ?? 0)) - (allocatable[name] ?? 0)] as const,
  );
  const isKnown = (name: string) => !name.includes('/') || allocatable[name] !== undefined;
  const shortage = new Map(missing.filter(([name, amount]) => amount > 0 && asked[name as keyof typeof asked] > 0 && isKnown(name)));
  return shortage.size > 0 && !unfit(pod, node, usage) ? shortage : undefined;
}

/** The first resource of which the node has too little left. */
export function insufficient(pod: Pod, node: Node, usage: Pick<Usage, 'pods' | 'amounts'>): Rejection | undefined {
  const allocatable = amountsOf(node.status?.allocatable);
  const short = (resource: string, requested: number, used: number): Rejection => ({
    reason: `OutOf${resource}`,
    message: `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${allocatable[resource] ?? 0}`,
  });
  if (usage.pods + 1 > (allocatable['pods'] ?? 0)) return short('pods', 1, usage.pods);
  const ofDevices = new Set(pod.status?.extendedResourceClaimStatus?.requestMappings.map(({ resourceName }) => resourceName));
  for (const [resource, requested] of Object.entries(podRequests(pod))) {
    // What are devices, a claim has got (isResourceBackedByDRA).
    if (ofDevices.has(resource)) continue;
    // An extended resource that the node knows nothing of belongs to the cluster, not to the node (removeMissingExtendedResources).
    if (requested === 0 || (resource.includes('/') && allocatable[resource] === undefined)) continue;
    const used = usage.amounts[resource] ?? 0;
    if (used + requested > (allocatable[resource] ?? 0)) return short(resource, requested, used);
  }
  return undefined;
}

function unfit(pod: Pod, node: Node, usage: Usage): Rejection | undefined {
  const failed = (predicate: string, why: string): Rejection => ({ reason: predicate, message: `Predicate ${predicate} failed: ${why}` });
  if (!matchesNode(pod.spec!, node)) return failed('NodeAffinity', "node(s) didn't match Pod's node affinity/selector");
  if (hostPortsOf(pod).some((port) => portTaken(port, usage.hostPorts))) {
    return failed('NodePorts', "node(s) didn't have free ports for the requested pod ports");
  }
  if (untolerated(node.spec?.taints, pod.spec!.tolerations, ['NoExecute'])) return failed('TaintToleration', "node(s) had taints that the pod didn't tolerate");
  return undefined;
}

/** The ports of the node that a pod takes, as `port/protocol/address`. */
export function hostPortsOf({ spec }: Pod): string[] {
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')];
  return containers.flatMap(({ ports = [] }) =>
    ports.filter(({ hostPort }) => hostPort).map(({ hostPort, protocol = 'TCP', hostIP = '0.0.0.0' }) => `${hostPort}/${protocol}/${hostIP}`),
  );
}

/** 0.0.0.0 stands for all addresses. */
function portTaken(port: string, taken: ReadonlySet<string>): boolean {
  if (taken.size === 0) return false;
  const cut = port.lastIndexOf('/') + 1;
  const everywhere = `${port.slice(0, cut)}0.0.0.0`;
  if (taken.has(port) || taken.has(everywhere)) return true;
  return port === everywhere && [...taken].some((other) => other.startsWith(port.slice(0, cut)));
}

import type { Node } from '../../schema/generated/kinds.ts';

/** Which nodes have an agent here, and what is heard of it: for the agents themselves, and for the controllers that watch over nodes. */

/** What the `spec.providerID` of a node of the plain shape starts with. */
export const PROVIDER = 'logplane://';

/** The annotation of a node whose providerID is that of a cloud. */
export const SIMULATED = 'logplane.dev/simulated';

/**
 * Whether an agent of ours is the kubelet of this Node: by its providerID, by an annotation, or by the one by which KWOK knows the nodes that it manages
 * (`kwok.x-k8s.io/node: fake`), so that manifests written for KWOK make working nodes too.
 */
export function isServed(node: Node | undefined): boolean {
  const { spec, metadata } = node ?? {};
  return (
    (spec?.providerID?.startsWith(PROVIDER) ?? false) ||
    metadata?.annotations?.[SIMULATED] === 'true' ||
    metadata?.annotations?.['kwok.x-k8s.io/node'] === 'fake'
  );
}

/** The annotation that says which addresses the pods of a node get, where its spec has no podCIDR: on EKS they are of the VPC. */
export const POD_RANGE = 'logplane.dev/pod-addresses';

export const podRangeOf = ({ spec, metadata }: Node): string | undefined => spec?.podCIDR ?? metadata.annotations?.[POD_RANGE];

/** The switch: a user who puts this annotation on a Node (with any value but `false`) loses the machine. */
export const LOST = 'logplane.dev/lost';

export function isLost({ metadata }: Node): boolean {
  const value = metadata.annotations?.[LOST];
  return value !== undefined && value !== 'false';
}

/** Since when no agent is heard of, RFC 3339: written by the agent as its last word, and taken off by it when it is back. */
export const LOST_SINCE = 'logplane.dev/lost-since';

export const lostSince = ({ metadata }: Node): string | undefined => metadata.annotations?.[LOST_SINCE];

/** The annotation that names the ConfigMap, as `namespace/name`, whose values are the manifests of a node's static pods. */
export const STATIC_PODS = 'logplane.dev/static-pods';

export function manifestsOf({ metadata }: Node): { namespace: string; name: string } | undefined {
  const [namespace, name, ...more] = metadata.annotations?.[STATIC_PODS]?.split('/') ?? [];
  return namespace && name && more.length === 0 ? { namespace, name } : undefined;
}

/** The conditions that a kubelet posts; NetworkUnavailable is another's. */
export const KUBELET_CONDITIONS: readonly string[] = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

/** The status of a node's Ready condition; undefined when none was ever posted. */
export const readiness = ({ status }: Node): string | undefined => status?.conditions?.find(({ type }) => type === 'Ready')?.status;

/**
 * What the agent of a node does for its pods: everything on a node that is Ready; on one that is not, it stops what is to stop and starts nothing; nothing at
 * all where it is not heard of, or not yet registered.
 */
export function agentOf(node: Node | undefined): 'works' | 'stops' | 'silent' {
  if (!node || !isServed(node) || node.status?.allocatable === undefined || isLost(node) || lostSince(node) !== undefined) return 'silent';
  const ready = readiness(node);
  return ready === 'True' ? 'works' : ready === 'False' ? 'stops' : 'silent';
}

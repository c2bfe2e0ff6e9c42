import { podRequests } from '../apis/core/pod-requests.ts';
import { isPodTerminal } from '../apis/core/pod-terminal.ts';
import { same } from '../kube/object.ts';
import type { Kinds, Node, Pod } from '../schema/generated/kinds.ts';
import { type Change, isOf } from '../state/change.ts';

/** What kinds of changes pods may wait for (framework.ClusterEvent). */
export type ClusterEvent =
  /** It has a node, takes less of it, has other labels, or holds nothing of it any more. */
  | 'pod-assigned'
  | 'pod-scaled-down'
  | 'pod-labelled'
  | 'pod-gone'
  | 'node-added'
  | 'node-gone'
  | 'node-allocatable'
  | 'node-labels'
  | 'node-taints'
  | 'node-uncordoned'
  | 'node-features'
  | 'namespace'
  | 'claim'
  | 'volume'
  | 'volume-gone'
  | 'storage-class'
  | 'csi-node'
  | 'csi-driver'
  | 'storage-capacity'
  | 'attachment-gone'
  | 'resource-claim'
  | 'resource-slice'
  | 'device-class';

/** What a change is to pods that wait; nothing, for most. */
export function clusterEventsOf(change: Change): readonly ClusterEvent[] {
  if (isOf(change, 'pods')) return podEvents(change);
  if (isOf(change, 'nodes')) return nodeEvents(change);
  for (const [resource, { stays, goes }] of others) if (isOf(change, resource)) return change.type === 'DELETED' ? goes : stays;
  return NONE;
}

const NONE: readonly ClusterEvent[] = [];

const others = Object.entries({
  namespaces: { stays: ['namespace'], goes: [] },
  persistentvolumeclaims: { stays: ['claim'], goes: [] },
  persistentvolumes: { stays: ['volume'], goes: [] },
  'storageclasses.storage.k8s.io': { stays: ['storage-class'], goes: [] },
  'csinodes.storage.k8s.io': { stays: ['csi-node'], goes: ['csi-node'] },
  'csidrivers.storage.k8s.io': { stays: ['csi-driver'], goes: ['csi-driver'] },
  'csistoragecapacities.storage.k8s.io': { stays: ['storage-capacity'], goes: [] },
  'volumeattachments.storage.k8s.io': { stays: [], goes: ['attachment-gone'] },
  'resourceclaims.resource.k8s.io': { stays: ['resource-claim'], goes: ['resource-claim'] },
  'resourceslices.resource.k8s.io': { stays: ['resource-slice'], goes: [] },
  'deviceclasses.resource.k8s.io': { stays: ['device-class'], goes: [] },
} satisfies { readonly [R in keyof Kinds]?: { readonly stays: readonly ClusterEvent[]; readonly goes: readonly ClusterEvent[] } }) as [
  keyof Kinds,
  { stays: readonly ClusterEvent[]; goes: readonly ClusterEvent[] },
][];

function podEvents({ type, object: pod, previous: before }: Change<Pod>): readonly ClusterEvent[] {
  const had = before !== undefined && holdsRoom(before);
  if (type === 'DELETED' || !holdsRoom(pod)) return had || (type === 'DELETED' && holdsRoom(pod)) ? ['pod-gone'] : NONE;
  if (!had) return ['pod-assigned'];
  const events: ClusterEvent[] = [];
  if (before.spec !== pod.spec && takesLess(pod, before)) events.push('pod-scaled-down');
  if (before.metadata.labels !== pod.metadata.labels && !same(before.metadata.labels, pod.metadata.labels)) events.push('pod-labelled');
  return events;
}

/** It has a node, or is promised one, and has not ended. */
const holdsRoom = (pod: Pod): boolean => (pod.spec?.nodeName || pod.status?.nominatedNodeName) !== undefined && !isPodTerminal(pod);

function takesLess(pod: Pod, before: Pod): boolean {
  const [now, then] = [podRequests(pod), podRequests(before)];
  return Object.keys(then).some((name) => (now[name] ?? 0) < then[name]!);
}

/** Nodes report their condition all the time, and mostly nothing new. */
function nodeEvents({ type, object: node, previous: before }: Change<Node>): readonly ClusterEvent[] {
  if (type === 'DELETED') return ['node-gone'];
  if (!before) return ['node-added'];
  const events: ClusterEvent[] = [];
  if (!same(before.status?.allocatable, node.status?.allocatable)) events.push('node-allocatable');
  if (!same(before.metadata.labels, node.metadata.labels)) events.push('node-labels');
  if (!same(before.spec?.taints, node.spec?.taints)) events.push('node-taints');
  if (before.spec?.unschedulable && !node.spec?.unschedulable) events.push('node-uncordoned');
  if (!same(before.status?.declaredFeatures, node.status?.declaredFeatures)) events.push('node-features');
  return events;
}

import { isPodTerminal } from '../apis/core/pod-terminal.ts';
import { same } from '../kube/object.ts';
import type { Node, Pod } from '../schema/generated/kinds.ts';
import { type Change, isOf } from '../state/change.ts';

/**
 * Whether a change may make a pending pod schedulable, so that it goes back to the queue (the QueueingHints of kube-scheduler's plugins, all
 * together): a new or changed pod,
 * room on a node, another node or a node changed in what matters, a claim, a volume or a class.
 */
export function shouldQueue(change: Change): boolean {
  return hints.some((hint) => hint(change));
}

const hints: readonly ((change: Change) => boolean)[] = [
  (change) => isOf(change, 'pods') && podShouldQueue(change),
  (change) => isOf(change, 'nodes') && nodeShouldQueue(change),
  (change) => change.type !== 'DELETED' && volumeResources.some((resource) => isOf(change, resource)),
];

const volumeResources = [
  'persistentvolumeclaims',
  'persistentvolumes',
  'storageclasses.storage.k8s.io',
  'csinodes.storage.k8s.io',
  'csidrivers.storage.k8s.io',
  'csistoragecapacities.storage.k8s.io',
  'resourceclaims.resource.k8s.io',
  'resourceslices.resource.k8s.io',
  'deviceclasses.resource.k8s.io',
];

function podShouldQueue({ type, object: pod, previous: before }: Change<Pod>): boolean {
  if (type === 'DELETED') return pod.spec?.nodeName !== undefined;
  // A pending pod itself: where it can go depends on its spec and its labels, not on its status.
  if (!pod.spec?.nodeName)
    return (
      before?.spec !== pod.spec ||
      before?.metadata.labels !== pod.metadata.labels ||
      before?.status?.resourceClaimStatuses !== pod.status?.resourceClaimStatuses
    );
  // One that has a node makes room when it ends, or is resized.
  if (!before?.spec?.nodeName) return false;
  return (isPodTerminal(pod) && !isPodTerminal(before)) || before.spec !== pod.spec;
}

/** Nodes report their condition all the time, and mostly nothing new. */
function nodeShouldQueue({ type, object: node, previous: before }: Change<Node>): boolean {
  if (type === 'DELETED') return false;
  return (
    !before ||
    !same(before.spec, node.spec) ||
    !same(before.metadata.labels, node.metadata.labels) ||
    !same(before.status?.allocatable, node.status?.allocatable)
  );
}

import { isPodTerminal } from '../apis/core/pod-terminal.ts';
import { same } from '../kube/object.ts';
import type { Node, Pod } from '../schema/generated/kinds.ts';
import type { Change } from '../state/change.ts';

/**
 * Whether a change may make a pending pod schedulable, so that it goes back to the queue (the QueueingHints of kube-scheduler's plugins, all
 * together): a new or changed pod,
 * room on a node, another node or a node changed in what matters, a claim, a volume or a class.
 */
export function shouldQueue(change: Change): boolean {
  const resource = change.key.slice(0, change.key.indexOf('/'));
  return hints[resource]?.(change) ?? false;
}

const hints: Readonly<Record<string, (change: Change) => boolean>> = {
  pods: podShouldQueue,
  nodes: nodeShouldQueue,
  persistentvolumeclaims: ({ type }) => type !== 'DELETED',
  persistentvolumes: ({ type }) => type !== 'DELETED',
  'storageclasses.storage.k8s.io': ({ type }) => type !== 'DELETED',
};

function podShouldQueue({ type, object, previous }: Change): boolean {
  const pod = object as Pod;
  const before = previous as Pod | undefined;
  if (type === 'DELETED') return pod.spec?.nodeName !== undefined;
  // A pending pod itself: where it can go depends on its spec and its labels, not on its status.
  if (!pod.spec?.nodeName) return before?.spec !== pod.spec || before?.metadata.labels !== pod.metadata.labels;
  // One that has a node makes room when it ends, or is resized.
  if (!before?.spec?.nodeName) return false;
  return (isPodTerminal(pod) && !isPodTerminal(before)) || before.spec !== pod.spec;
}

/** Nodes report their condition all the time, and mostly nothing new. */
function nodeShouldQueue({ type, object, previous }: Change): boolean {
  if (type === 'DELETED') return false;
  const node = object as Node;
  const before = previous as Node | undefined;
  return (
    !before ||
    !same(before.spec, node.spec) ||
    !same(before.metadata.labels, node.metadata.labels) ||
    !same(before.status?.allocatable, node.status?.allocatable)
  );
}

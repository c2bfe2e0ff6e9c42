import { isPodTerminal } from '../../apis/core/pod-terminal.ts';
import { type ClusterInstant, clusterInstant, plus } from '../../instant.ts';
import { type Key, timestamp } from '../../kube/object.ts';
import type { Pod, PodStatus } from '../../schema/generated/kinds.ts';
import { type Controller, nothing } from '../controller.ts';
import { deletionOf, statusUpdate } from '../shared/mutations.ts';

/**
 * Ends and deletes pods that no kubelet will ever end: those of nodes that are gone (pkg/controller/podgc, gcOrphaned). A pod that is younger than the
 * quarantine may be there before its node.
 */
export const podGarbageCollector: Controller<Pod> = {
  name: 'pod-garbage-collector',
  resource: 'pods',
  watches: {
    nodes: ({ type, object }, state): readonly Key[] => (type === 'DELETED' ? state.keys('node', object.metadata.name) : []),
  },
  reconcile({ object: pod, state, now }) {
    const node = pod?.spec?.nodeName;
    if (!pod || !node || state.get('nodes', undefined, node)) return nothing;
    const goesAt = plus(boundAt(pod), QUARANTINE);
    if (now < goesAt) return { mutations: [], enqueueAt: goesAt };
    // A Job that holds on to the pod has to see that it failed, and why.
    return { mutations: [...(isPodTerminal(pod) ? [] : statusUpdate('pods', pod, failed(pod, now))), { ...deletionOf('pods', pod), gracePeriodSeconds: 0 }] };
  },
};

/** How long a node may be missing to its pods, in ms (quarantineTime). */
const QUARANTINE = 40_000;

function boundAt({ metadata, status }: Pod): ClusterInstant {
  const scheduled = status?.conditions?.find(({ type, status: is }) => type === 'PodScheduled' && is === 'True');
  return clusterInstant(scheduled?.lastTransitionTime ?? metadata.creationTimestamp!);
}

function failed({ status, metadata }: Pod, now: number): PodStatus {
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByPodGC',
    message: 'PodGC: node no longer exists',
    lastTransitionTime: timestamp(now),
    ...(metadata.generation && { observedGeneration: metadata.generation }),
  };
  const others = status?.conditions?.filter(({ type }) => type !== condition.type) ?? [];
  return { ...status, phase: 'Failed', conditions: [...others, condition] };
}

import { isPodTerminal } from '../../apis/core/pod-terminal.ts';
import { type Key, timestamp } from '../../kube/object.ts';
import type { Pod, PodStatus } from '../../schema/generated/kinds.ts';
import { type Controller, nothing } from '../controller.ts';
import { deletionOf, statusUpdate } from '../shared/mutations.ts';

/** Ends and deletes pods at once that no kubelet will ever end: those of nodes that are gone (pkg/controller/podgc, gcOrphaned). */
export const podGarbageCollector: Controller<Pod> = {
  name: 'pod-garbage-collector',
  resource: 'pods',
  watches: {
    nodes: ({ type, object }, state): readonly Key[] => (type === 'DELETED' ? state.keys('node', object.metadata.name) : []),
  },
  reconcile({ object: pod, state, now }) {
    const node = pod?.spec?.nodeName;
    if (!pod || !node || state.get('nodes', undefined, node)) return nothing;
    // A Job that holds on to the pod has to see that it failed, and why.
    return { mutations: [...(isPodTerminal(pod) ? [] : statusUpdate('pods', pod, failed(pod, now))), { ...deletionOf('pods', pod), gracePeriodSeconds: 0 }] };
  },
};

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

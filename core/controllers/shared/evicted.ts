import { timestamp } from '../../kube/object.ts';
import { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { Pod } from '../../schema/generated/kinds.ts';
import type { ControllerContext, ControllerResult } from '../controller.ts';
import { deletionOf, statusUpdate } from './mutations.ts';

/** Lets a pod go that is not tolerated where it is, with the Event and the condition that say so. */
export function evicted(
  { state, now, env }: ControllerContext<Pod>,
  pod: Pod,
  { component, event, condition: { reason, message } }: Eviction,
): ControllerResult {
  const { generation } = pod.metadata;
  const recorder = new EventRecorder({ state, component, now, env });
  recorder.normal(pod, event.reason, event.message);
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason,
    message,
    lastTransitionTime: timestamp(now),
    ...(generation && { observedGeneration: generation }),
  };
  const others = pod.status?.conditions?.filter(({ type }) => type !== condition.type) ?? [];
  return {
    mutations: [...statusUpdate('pods', pod, { ...pod.status, conditions: [...others, condition] }), deletionOf('pods', pod), ...recorder.mutations()],
  };
}

interface Eviction {
  readonly component: string;
  readonly event: { readonly reason: string; readonly message: string };
  readonly condition: { readonly reason: string; readonly message: string };
}

import type { CreateMutation } from '../apis/mutation.ts';
import type { Env } from '../env.ts';
import { eventObject } from '../reconcile/event-recorder.ts';
import type { Pod } from '../schema/generated/kinds.ts';
import type { State } from '../state/state.ts';
import type { Member } from './containers-of.ts';
import type { ContainerRole } from './runtime.ts';

/** An Event that the kubelet records for a pod, or for one of its containers. */
export interface PodEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly about?: Member;
}

export const normal = (reason: string, message: string, about?: Member): PodEvent => ({ type: 'Normal', reason, message, ...(about && { about }) });
export const warning = (reason: string, message: string, about?: Member): PodEvent => ({ type: 'Warning', reason, message, ...(about && { about }) });

const FIELDS: Record<ContainerRole, string> = { init: 'initContainers', sidecar: 'initContainers', main: 'containers', ephemeral: 'ephemeralContainers' };

/** The mutations that record the Events of one pod, in their order. */
export function eventMutations(pod: Pod, events: readonly PodEvent[], context: { state: State; now: number; env: Env }): CreateMutation[] {
  return events.map(({ about, ...event }, sequence) => {
    const fieldPath = about && `spec.${FIELDS[about.role]}{${about.container.name}}`;
    const make = () =>
      eventObject({ ...event, ...(fieldPath && { fieldPath }), regarding: pod, component: 'kubelet', host: pod.spec!.nodeName!, sequence, ...context });
    let mutation = make();
    while (context.state.get('events', mutation.object.metadata.namespace, mutation.object.metadata.name)) mutation = make();
    return mutation;
  });
}

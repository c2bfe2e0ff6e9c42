import type { Mutation } from '../apis/mutation.ts';
import type { Env } from '../env.ts';
import { countedEvent, eventObject, singleEvent, totalEvent } from '../reconcile/event-recorder.ts';
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
  /** It is told each time that something comes round: one Event counts it. */
  readonly counted?: boolean;
  /** It is told of something that lasts, whenever that is looked at, and is to be recorded once: what it is, and since when; `isOver`: it does not last beyond this look. */
  readonly once?: { readonly what: string; readonly at: number; readonly isOver?: boolean };
  /** How often it happened until now. */
  readonly count?: number;
  /** How often it was tried in vain until now, which one Event tells. */
  readonly total?: number;
}

type Options = Pick<PodEvent, 'counted' | 'once' | 'count' | 'total'>;

const event = (type: PodEvent['type'], reason: string, message: string, about?: Member, options?: Options): PodEvent => ({
  type,
  reason,
  message,
  ...(about && { about }),
  ...options,
});

export const normal = (reason: string, message: string, about?: Member, options?: Options): PodEvent => event('Normal', reason, message, about, options);
export const warning = (reason: string, message: string, about?: Member, options?: Options): PodEvent => event('Warning', reason, message, about, options);

const FIELDS: Record<ContainerRole, string> = { init: 'initContainers', sidecar: 'initContainers', main: 'containers', ephemeral: 'ephemeralContainers' };

/** The mutations that record the Events of one pod, in their order. */
export function eventMutations(pod: Pod, events: readonly PodEvent[], context: { state: State; now: number; env: Env }): Mutation[] {
  return events.flatMap(({ about, counted, once, total, ...told }, sequence) => {
    const fieldPath = about && `spec.${FIELDS[about.role]}{${about.container.name}}`;
    const options = { ...told, ...(fieldPath && { fieldPath }), regarding: pod, component: 'kubelet', host: pod.spec!.nodeName!, sequence, ...context };
    if (once) {
      const { what, at, isOver } = once;
      const single = singleEvent({ ...options, what, at }, context.state);
      // One that is told of only now stands between the others of this look, like any other.
      if (!single || !isOver) return single ?? [];
    }
    if (total !== undefined) return totalEvent({ ...options, count: total }, context.state) ?? [];
    if (counted) return countedEvent(options, context.state);
    let mutation = eventObject(options);
    while (context.state.get('events', mutation.object.metadata.namespace, mutation.object.metadata.name)) mutation = eventObject(options);
    return mutation;
  });
}

import { isPodTerminal } from '../apis/core/pod-terminal.ts';
import { type Mutation, update } from '../apis/mutation.ts';
import type { Env } from '../env.ts';
import type { Pod } from '../schema/generated/kinds.ts';
import type { State } from '../state/state.ts';
import type { Rejection } from './admit-pod.ts';
import { disrupted } from './disruption.ts';
import type { NodeRoom } from './node-room.ts';
import { eventMutations, warning } from './pod-events.ts';
import { PREEMPTED, podsToPreempt } from './preemption.ts';
import { identity } from './register-node.ts';
import { isTakenIn } from './taken-on-nodes.ts';

type Made = { readonly type: 'made'; readonly mutations: readonly Mutation[] } | { readonly type: 'refused'; readonly rejection: Rejection };

/**
 * Lets pods of a node go for a critical one that is bound to it and that it has no room for (pkg/kubelet/preemption, HandleAdmissionFailure). Undefined when it is
 * refused for something else.
 */
export function makeRoom(critical: Pod, { state, room, now, env }: { state: State; room: NodeRoom; now: number; env: Env }): Made | undefined {
  const shortage = room.shortageFor(critical);
  if (!shortage) return undefined;
  const taken = state.by('node', critical.spec!.nodeName!).filter((pod) => isTakenIn(pod) && !isPodTerminal(pod));
  const victims = podsToPreempt(critical, taken, shortage);
  if (typeof victims === 'string') {
    const message = `Unexpected error while attempting to recover from admission failure: preemption: error finding a set of pods to preempt: ${victims}`;
    return { type: 'refused', rejection: { reason: 'UnexpectedAdmissionError', message } };
  }
  const mutations = victims.flatMap((pod) => [
    ...eventMutations(pod, [warning(PREEMPTED.reason, PREEMPTED.message)], { state, now, env }),
    update('pods', { ...identity(pod), status: disrupted(pod, PREEMPTED, now) }, 'status'),
  ]);
  return { type: 'made', mutations };
}

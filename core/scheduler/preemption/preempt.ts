import { type Mutation, update } from '../../apis/mutation.ts';
import { keyOf, timestamp } from '../../kube/object.ts';
import type { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { Pod, PodCondition } from '../../schema/generated/kinds.ts';
import { assume } from '../../state/evolve.ts';
import type { State } from '../../state/state.ts';
import { nominated, podKey } from '../nominations.ts';
import type { Nomination } from '../post-filter.ts';
import { spentFor } from './budgets.ts';
import { PREEMPTION_BY_SCHEDULER } from './default-preemption.ts';

type Preemption = Nomination & { readonly type: 'node' };

/**
 * Lets pods go for another one (prepareCandidate): each is told why, and deleted with the grace that it has; one that is going already just goes on. The pods of lower
 * priority that waited for the same node look for another one.
 */
export function preempt(
  preemptor: Pod,
  { node, victims }: Preemption,
  displaced: readonly Pod[],
  { recorder, now }: { recorder: EventRecorder; now: number },
): Mutation[] {
  const going = victims.filter(({ metadata }) => !metadata.deletionTimestamp);
  const deleted = going.flatMap((victim): Mutation[] => {
    const { namespace, name, uid } = victim.metadata;
    recorder.record({
      regarding: victim,
      related: preemptor,
      type: 'Normal',
      reason: 'Preempted',
      action: 'Preempting',
      message: `Preempted by pod ${preemptor.metadata.uid} on node ${node}`,
    });
    return [
      update('pods', disrupted(victim, preemptor, now), 'status'),
      { type: 'delete', resource: 'pods', namespace: namespace!, name, preconditions: { uid: uid! } },
    ];
  });
  return [...displaced.map((pod) => update('pods', nominated(pod, undefined), 'status')), ...deleted];
}

/** The pod with the condition that says why it ends. */
function disrupted(victim: Pod, preemptor: Pod, now: number): Pod {
  const conditions = victim.status?.conditions ?? [];
  const at = conditions.findIndex(({ type }) => type === 'DisruptionTarget');
  const before = conditions[at];
  const condition: PodCondition = {
    type: 'DisruptionTarget',
    status: 'True',
    lastTransitionTime: before?.status === 'True' ? before.lastTransitionTime! : timestamp(now),
    reason: PREEMPTION_BY_SCHEDULER,
    message: `${preemptor.spec!.schedulerName}: preempting to accommodate a higher priority pod`,
    ...(victim.metadata.generation && { observedGeneration: victim.metadata.generation }),
  };
  return { ...victim, status: { ...victim.status, conditions: at === -1 ? [...conditions, condition] : conditions.with(at, condition) } };
}

/** A pod that is no more nominated for a node, as the rest of the pass has it: its version is another one then, and whatever else is written of it goes over that. */
export const renounced = (pod: Pod): Pod => {
  const { resourceVersion: _, ...metadata } = pod.metadata;
  return { ...nominated(pod, undefined), metadata };
};

/** What the pods after it see: it waits for its node, the others go, and their budgets have that much less. */
export function withNomination(state: State, pod: Pod, { node, victims }: Preemption, displaced: readonly Pod[]): State {
  const going = victims.filter(({ metadata }) => !metadata.deletionTimestamp);
  let after = assume(state, podKey(pod), nominated(pod, node));
  for (const other of displaced) after = assume(after, podKey(other), nominated(other, undefined));
  for (const budget of spentFor(going, state))
    after = assume(after, keyOf('poddisruptionbudgets.policy', budget.metadata.namespace, budget.metadata.name), budget);
  for (const victim of going) {
    const gone = disrupted(victim, pod, state.time);
    after = assume(after, podKey(victim), { ...gone, metadata: { ...gone.metadata, deletionTimestamp: timestamp(state.time) } });
  }
  return after;
}

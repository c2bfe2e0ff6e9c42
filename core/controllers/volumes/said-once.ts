import type { Mutation } from '../../apis/mutation.ts';
import type { Env } from '../../env.ts';
import type { KubeObject } from '../../kube/object.ts';
import { EventRecorder } from '../../reconcile/event-recorder.ts';
import { index } from '../../state/indexes.ts';
import type { State } from '../../state/state.ts';

export type Said = readonly [type: 'Normal' | 'Warning', reason: string, message: string];

/** Events of something that waits, but for those that are there: it is looked at again and again, and has nothing new to say. */
export function sayOnce(
  { state, now, env }: { state: State; now: number; env: Env },
  { regarding, component, says }: { regarding: KubeObject; component: string; says: readonly Said[] },
): Mutation[] {
  const recorder = new EventRecorder({ state, component, now, env });
  const said = state.by(eventsOfStorage, regarding.metadata.uid!);
  for (const [type, reason, message] of says) {
    if (!said.some((event) => event.reason === reason && event.message === message)) recorder.record({ regarding, type, reason, message });
  }
  return recorder.mutations();
}

/** Whether any Event of an object is left. */
export const hasEvents = (state: State, { metadata }: KubeObject): boolean => state.keys(eventsOfStorage, metadata.uid!).length > 0;

/** By the uid of what they are of. Of pods, those alone that are told here. */
const eventsOfStorage = index(['events'], (_key, { involvedObject, reason }) => {
  const { kind, uid } = involvedObject ?? {};
  return uid && (kind === 'PersistentVolumeClaim' || kind === 'PersistentVolume' || (kind === 'Pod' && reason === 'FailedAttachVolume')) ? [uid] : [];
});

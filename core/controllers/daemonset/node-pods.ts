import { isReady } from '../../apis/core/pod-readiness.ts';
import { isPodTerminal } from '../../apis/core/pod-terminal.ts';
import type { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { DaemonSet, Pod } from '../../schema/generated/kinds.ts';
import { isAvailable } from '../shared/pod-readiness.ts';
import { hashOf } from './daemon-pod.ts';
import type { DaemonNode } from './node-fit.ts';
import { surgeOf } from './rolling-update.ts';

/** The pods of a node that must go: all where none may be, finished ones, and those that are too many (podsShouldBeOnNode). */
export function excessPods(set: DaemonSet, node: DaemonNode, context: { hash: string; now: number; recorder: EventRecorder }): Pod[] {
  const present = node.pods.filter(({ metadata }) => !metadata.deletionTimestamp);
  if (!node.mayStay) return present;
  const finished = present.filter(isPodTerminal);
  for (const pod of finished) reportFinished(set, pod, node, context.recorder);
  const running = present.filter((pod) => !finished.includes(pod)).sort(byPhaseAndCreation);
  return [...finished, ...(surgeOf(set) === 0 ? running.slice(1) : beyondSurge(set, running, context))];
}

/** While the node is surging, it keeps the oldest pod of the new revision and of an old one, which goes when the new one can take over. */
function beyondSurge(set: DaemonSet, running: readonly Pod[], { hash, now }: { hash: string; now: number }): Pod[] {
  const updated = running.find((pod) => hashOf(pod) === hash);
  const old = running.find((pod) => hashOf(pod) !== hash);
  const others = running.filter((pod) => pod !== updated && pod !== old);
  const replaced = updated && old && (!isReady(old) || isAvailable(updated, set.spec!.minReadySeconds ?? 0, now));
  return replaced ? [...others, old] : others;
}

function reportFinished(set: DaemonSet, { metadata, status }: Pod, node: DaemonNode, recorder: EventRecorder): void {
  const pod = `daemon pod ${metadata.namespace}/${metadata.name} on node ${node.name}`;
  if (status?.phase === 'Failed') recorder.warning(set, 'FailedDaemonPod', `Found failed ${pod}, will try to kill it`);
  else recorder.normal(set, 'SucceededDaemonPod', `Found succeeded ${pod}, will try to delete it`);
}

/** Those past Pending first, then the older ones. */
function byPhaseAndCreation({ metadata: a, status: s }: Pod, { metadata: b, status: t }: Pod): number {
  const pending = Number(s?.phase === 'Pending') - Number(t?.phase === 'Pending');
  return pending || ((a.creationTimestamp ?? '') < (b.creationTimestamp ?? '') ? -1 : 1);
}

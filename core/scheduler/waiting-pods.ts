import type { Pod, PodSpec } from '../schema/generated/kinds.ts';
import type { Change } from '../state/change.ts';
import { isOf } from '../state/change.ts';
import { podKey } from './nominations.ts';
import { QueueingChanges } from './queueing-hints.ts';

/**
 * The pods that were looked at and did not get a node, and which plugins rejected them: they are looked at again when something changes that those wait for. A memory that
 * saves work: of a pod that is not known here, as after a restart, nothing is taken for granted.
 */
export class WaitingPods {
  /** By their specs, which stay the same objects as long as they do not change. */
  readonly #rejected = new WeakMap<PodSpec, Rejection>();

  /** Those that have to be looked at: new ones, changed ones, and those that one of the changes may help; undefined: all. */
  awake(pods: readonly Pod[], changes: readonly Change[] | undefined): readonly Pod[] {
    if (!changes) {
      for (const { spec } of pods) this.#rejected.delete(spec!);
      return pods;
    }
    const queueing = new QueueingChanges(changes);
    const own = new Set(changes.filter(concernsItself).map(({ key }) => key));
    return pods.filter((pod) => {
      const rejection = this.#rejected.get(pod.spec!);
      if (!rejection || rejection.uid !== pod.metadata.uid) return true;
      if (!own.has(podKey(pod)) && !queueing.wake(pod, rejection.rejectors)) return false;
      // Until it has been looked at: a pass may come to its end before.
      this.#rejected.delete(pod.spec!);
      return true;
    });
  }

  reject({ spec, metadata }: Pod, rejectors: ReadonlySet<string>): void {
    this.#rejected.set(spec!, { uid: metadata.uid!, rejectors });
  }
}

interface Rejection {
  readonly uid: string;
  readonly rejectors: ReadonlySet<string>;
}

/** Whether there may be pods to look at after these changes. */
export const mayWake = (changes: readonly Change[]): boolean => changes.some(concernsItself) || !new QueueingChanges(changes).isEmpty;

/** What of a pending pod says where it can go, or whether it is to be looked at: not its status, but for its claims, and the node that it no more waits for. */
function concernsItself(change: Change): boolean {
  if (!isOf(change, 'pods') || change.type === 'DELETED' || change.object.spec?.nodeName) return false;
  const { object: pod, previous: before } = change;
  if (!before) return true;
  return (
    before.spec !== pod.spec ||
    before.metadata.labels !== pod.metadata.labels ||
    before.status?.resourceClaimStatuses !== pod.status?.resourceClaimStatuses ||
    (before.status?.nominatedNodeName !== undefined && pod.status?.nominatedNodeName === undefined)
  );
}

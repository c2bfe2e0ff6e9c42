import { isPodTerminal } from '../../apis/core/pod-terminal.ts';
import { type Key, parseKey } from '../../kube/object.ts';
import { controllerUser } from '../../kube/user.ts';
import type { Pod } from '../../schema/generated/kinds.ts';
import { emptyTree, type Tree } from '../../state/tree.ts';
import type { View } from '../../state/view.ts';
import { type Controller, nothing } from '../controller.ts';
import { forceDeletion } from './force-deletion.ts';

/**
 * Deletes pods that have ended where there are more of them than a threshold, the evicted ones first, then the oldest (pkg/controller/podgc, gcTerminated, and
 * `--terminated-pod-gc-threshold`).
 */
export function terminatedPods(threshold = THRESHOLD): Controller {
  return {
    name: 'terminated-pods',
    actor: controllerUser('pod-garbage-collector'),
    watches: {
      pods: ({ type, object, previous }) => (type !== 'DELETED' && isPodTerminal(object) && !(previous && isPodTerminal(previous)) ? [ALL_PODS] : []),
    },
    primaries: () => [ALL_PODS],
    reconcile({ state, now }) {
      const ended = state.view(endedPods);
      const tooMany = Math.min(ended.size - threshold, AT_ONCE);
      if (tooMany <= 0) return nothing;
      const pods: Pod[] = [];
      for (const key of ended.values()) {
        if (pods.length === tooMany) break;
        const { namespace, name } = parseKey(key);
        pods.push(state.get('pods', namespace, name)!);
      }
      // Those that are being deleted already are held by their finalizers.
      const mutations = pods.filter(({ metadata }) => !metadata.deletionTimestamp).flatMap((pod) => forceDeletion(pod, now));
      return { mutations, ...(mutations.length > 0 && ended.size - threshold > AT_ONCE && { enqueueAt: now }) };
    },
  };
}

const THRESHOLD = 12_500;

/** The others follow in the next round: each deletion is decided on the draft that the one before it leaves. */
const AT_ONCE = 500;

/** No pod is a primary object of its own: which are too many depends on all. */
const ALL_PODS: Key = 'pods//';

/** The keys of the pods that have ended, in the order in which they go. */
const endedPods: View<Tree<Key>, 'pods'> = {
  of: ['pods'],
  initial: emptyTree(),
  evolve(before, changes) {
    let after: Tree<Key> | undefined;
    for (const { type, key, object, previous } of changes) {
      const from = previous && placeOf(previous);
      const to = type === 'DELETED' ? undefined : placeOf(object);
      if (from === to) continue;
      after ??= before.clone();
      if (from !== undefined) after.delete(from);
      if (to !== undefined) after.set(to, key);
    }
    return after ?? before;
  },
};

function placeOf(pod: Pod): string | undefined {
  if (!isPodTerminal(pod)) return undefined;
  const { creationTimestamp, name, namespace } = pod.metadata;
  const isEvicted = pod.status?.phase === 'Failed' && pod.status.reason === 'Evicted';
  return [isEvicted ? 0 : 1, creationTimestamp, name, namespace].join(' ');
}

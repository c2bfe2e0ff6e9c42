import { clusterInstant, plus } from '../../instant.ts';
import { type Key, keyOf, parseKey } from '../../kube/object.ts';
import { controllerUser } from '../../kube/user.ts';
import { indexes } from '../../state/indexes.ts';
import type { State } from '../../state/state.ts';
import { type Controller, nothing } from '../controller.ts';
import { forceDeletion } from './force-deletion.ts';

/**
 * Deletes the pods of nodes that are not there, when they have been missing for as long as the quarantine lasts: a pod may be there before its node, and a node
 * that was deleted may come back (pkg/controller/podgc, gcOrphaned). Since when a node has been missing stands nowhere but in the key of its primary: one that is
 * missed anew is another primary.
 */
export const orphanedPods: Controller = {
  name: 'orphaned-pods',
  actor: controllerUser('pod-garbage-collector'),
  watches: {
    nodes: ({ type, time, object }) => (type === 'DELETED' ? [missing(object.metadata.name, time)] : []),
    pods: ({ type, time, object, previous }, state) => {
      const node = object.spec?.nodeName;
      return type !== 'DELETED' && node && node !== previous?.spec?.nodeName && !isThere(node, state) ? [missing(node, time)] : [];
    },
  },
  primaries: (state) => missingNodes(state),
  reconcile({ key, state, now }) {
    const { namespace: since, name } = parseKey(key);
    const pods = isThere(name, state) ? [] : state.by('node', name);
    if (pods.length === 0) return nothing;
    const until = plus(clusterInstant(Number(since)), QUARANTINE);
    if (now < until) return { mutations: [], enqueueAt: until };
    return { mutations: pods.flatMap((pod) => forceDeletion(pod, now, { reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists' })) };
  },
};

/** quarantineTime, ms. */
const QUARANTINE = 40_000;

const missing = (node: string, since: number): Key => keyOf('missing-nodes', String(since), node);

const isThere = (node: string, state: State): boolean => state.get('nodes', undefined, node) !== undefined;

/** A process that begins does not know since when: at the latest since the log was written to. */
function missingNodes(state: State): Key[] {
  const names = [...state.view(indexes.node).keys()].filter((name) => name !== '' && !isThere(name, state));
  return names.map((name) => missing(name, state.time));
}

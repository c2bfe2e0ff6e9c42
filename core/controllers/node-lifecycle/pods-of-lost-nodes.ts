import { readiness } from '../../apis/core/node-agent.ts';
import { type Key, timestamp } from '../../kube/object.ts';
import { controllerUser } from '../../kube/user.ts';
import { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { Pod } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { type Controller, nothing } from '../controller.ts';
import { statusUpdate } from '../shared/mutations.ts';

/**
 * Says of the pods of a node of which nothing is heard that they are not ready, so that no Service leads to them (pkg/controller/util/node, MarkPodsNotReady).
 * The node's agent says otherwise once it is back.
 */
export const podsOfLostNodes: Controller<Pod> = {
  name: 'pods-of-lost-nodes',
  actor: controllerUser('node-controller'),
  watches: {
    nodes: ({ type, object, previous }, state) =>
      type !== 'DELETED' && readiness(object) === 'Unknown' && !(previous && readiness(previous) === 'Unknown') ? state.keys('node', object.metadata.name) : [],
    pods: ({ key, type, object, previous }, state) => {
      const node = object.spec?.nodeName;
      return type !== 'DELETED' && node && node !== previous?.spec?.nodeName && isLost(node, state) ? [key] : [];
    },
  },
  primaries: podsOnLostNodes,
  reconcile({ object: pod, state, now, env }) {
    const ready = pod?.status?.conditions?.find(({ type }) => type === 'Ready');
    if (!pod || ready?.status !== 'True' || !isLost(pod.spec?.nodeName ?? '', state)) return nothing;
    const conditions = pod.status!.conditions!.map((condition) =>
      condition === ready ? { ...condition, status: 'False', lastTransitionTime: timestamp(now) } : condition,
    );
    const recorder = new EventRecorder({ state, component: 'node-controller', now, env });
    recorder.warning(pod, 'NodeNotReady', 'Node is not ready');
    return { mutations: [...statusUpdate('pods', pod, { ...pod.status, conditions }), ...recorder.mutations()] };
  },
};

function isLost(name: string, state: State): boolean {
  const node = state.get('nodes', undefined, name);
  return node !== undefined && readiness(node) === 'Unknown';
}

function* podsOnLostNodes(state: State): Iterable<Key> {
  for (const node of state.list('nodes')) {
    if (readiness(node) !== 'Unknown') continue;
    yield* state.keys('node', node.metadata.name);
  }
}

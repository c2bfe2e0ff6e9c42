import { Tolerations } from '../../apis/core/node-match.ts';
import { type ClusterInstant, clusterInstant } from '../../instant.ts';
import { type Key, keyOf, parseKey, same } from '../../kube/object.ts';
import { controllerUser } from '../../kube/user.ts';
import { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { Node, Pod, Taint } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { type Controller, nothing } from '../controller.ts';
import { evicted } from '../shared/evicted.ts';
import { isActive } from '../shared/pod-readiness.ts';

/** Deletes pods from nodes with NoExecute taints that they do not tolerate, or no longer (pkg/controller/tainteviction). */
export const taintEviction: Controller<Pod> = {
  name: 'taint-eviction-controller',
  // It has no service account of its own (cmd/kube-controller-manager/app/core.go, startTaintEvictionController).
  actor: controllerUser('node-controller'),
  resource: 'pods',
  watches: {
    nodes: ({ object, previous }, state): readonly Key[] => (same(previous?.spec?.taints, object.spec?.taints) ? [] : state.keys('node', object.metadata.name)),
  },
  reconcile(context) {
    const { object: pod, state, now } = context;
    if (!pod?.spec?.nodeName || !isActive(pod)) return nothing;
    const at = evictionTime(pod, taintsOf(pod.spec.nodeName, state), now);
    if (at === undefined) return nothing;
    if (at > now) return { mutations: [], enqueueAt: at };
    const { namespace, name } = pod.metadata;
    return evicted(context, pod, {
      component: 'taint-eviction-controller',
      event: { reason: 'TaintManagerEviction', message: `Marking for deletion Pod ${namespace}/${name}` },
      condition: { reason: 'DeletionByTaintManager', message: 'Taint manager: deleting due to NoExecute taint' },
    });
  },
};

/** Tells of pods that were to go and may stay, as no taint of their node evicts any more. That is told once, so that what has happened is the primary. */
export const cancelledEvictions: Controller = {
  name: 'cancelled-evictions',
  actor: controllerUser('node-controller'),
  watches: {
    nodes: ({ type, time, object, previous }, state): readonly Key[] => {
      const before = evictingOf(previous);
      if (type === 'DELETED' || before.length === 0 || evictingOf(object).length > 0) return [];
      const waited = (pod: Pod) => isActive(pod) && (evictionTime(pod, before, time) ?? 0) > time;
      return state
        .by('node', object.metadata.name)
        .filter(waited)
        .map(({ metadata }) => keyOf('pods-spared', metadata.namespace, metadata.name));
    },
  },
  primaries: () => [],
  reconcile({ key, state, now, env }) {
    const { namespace, name } = parseKey(key);
    const pod = state.get('pods', namespace, name);
    if (!pod) return nothing;
    const recorder = new EventRecorder({ state, component: 'taint-eviction-controller', now, env });
    recorder.normal(pod, 'TaintManagerEviction', `Cancelling deletion of Pod ${namespace}/${name}`);
    return { mutations: recorder.mutations() };
  },
};

const evictingOf = (node: Node | undefined): Taint[] => node?.spec?.taints?.filter(({ effect }) => effect === 'NoExecute') ?? [];

const taintsOf = (node: string, state: State): Taint[] => evictingOf(state.get('nodes', undefined, node));

/** When a pod has to go; undefined when it may stay. */
function evictionTime(pod: Pod, taints: readonly Taint[], now: number): ClusterInstant | undefined {
  const tolerations = Tolerations.of(pod.spec!.tolerations);
  const times = taints.map((taint) => toleratedUntil(taint, tolerations, now));
  const first = Math.min(...times);
  return first === Number.POSITIVE_INFINITY ? undefined : clusterInstant(first);
}

function toleratedUntil(taint: Taint, tolerations: Tolerations, now: number): number {
  // A new one has its time in the next round (node-taints.ts).
  const added = taint.timeAdded ? Date.parse(taint.timeAdded) : now;
  const seconds = tolerations.seconds(taint);
  return seconds === undefined ? Number.NEGATIVE_INFINITY : added + Math.max(0, seconds) * 1000;
}

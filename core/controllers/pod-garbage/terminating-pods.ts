import { readiness } from '../../apis/core/node-agent.ts';
import { clusterInstant, plus } from '../../instant.ts';
import type { Key } from '../../kube/object.ts';
import { controllerUser } from '../../kube/user.ts';
import type { Node, Pod } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { type Controller, nothing } from '../controller.ts';
import { forceDeletion } from './force-deletion.ts';

/**
 * Deletes pods that are being deleted and will not be ended by a kubelet: those that were never scheduled, and those of nodes that are declared to be out of
 * service (pkg/controller/podgc, gcUnscheduledTerminating and gcTerminating; Kubernetes documentation, "Non-graceful node shutdown").
 */
export const terminatingPods: Controller<Pod> = {
  name: 'terminating-pods',
  actor: controllerUser('pod-garbage-collector'),
  watches: {
    pods: ({ key, object, previous }) => (object.metadata.deletionTimestamp && !previous?.metadata.deletionTimestamp ? [key] : []),
    nodes: ({ type, object, previous }, state) =>
      type !== 'DELETED' && isOutOfService(object) && !(previous && isOutOfService(previous)) ? state.keys('node', object.metadata.name) : [],
  },
  primaries: terminating,
  reconcile({ object: pod, state, now }) {
    const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = pod?.metadata ?? {};
    if (!pod || !deletionTimestamp) return nothing;
    const { nodeName } = pod.spec ?? {};
    if (!nodeName) {
      const asked = clusterInstant(Date.parse(deletionTimestamp) - (deletionGracePeriodSeconds ?? 0) * 1000);
      const at = plus(asked, CHECK_PERIOD);
      if (now < at) return { mutations: [], enqueueAt: at };
    } else if (!isOutOfService(state.get('nodes', undefined, nodeName))) return nothing;
    const mutations = forceDeletion(pod, now);
    // What a finalizer holds was asked to go already.
    const isAsked = deletionGracePeriodSeconds === 0 && finalizers !== undefined && finalizers.length > 0;
    return { mutations: isAsked ? mutations.filter(({ type }) => type !== 'delete') : mutations };
  },
};

/** gcCheckPeriod, ms. */
const CHECK_PERIOD = 20_000;

const isOutOfService = (node: Node | undefined): boolean =>
  node !== undefined && readiness(node) !== 'True' && (node.spec?.taints?.some(({ key }) => key === 'node.kubernetes.io/out-of-service') ?? false);

function* terminating(state: State): Iterable<Key> {
  yield* state.keys('node', '');
  for (const node of state.list('nodes')) if (isOutOfService(node)) yield* state.keys('node', node.metadata.name);
}

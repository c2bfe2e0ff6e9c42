import { isReady } from '../../apis/core/pod-readiness.ts';
import { type Key, type KubeObject, keyOf, same } from '../../kube/object.ts';
import type { Pod } from '../../schema/generated/kinds.ts';
import type { Change } from '../../state/change.ts';
import type { State } from '../../state/state.ts';
import { isExternalMetric, metricNamesOf } from '../../usage/custom-metrics.ts';
import { CLUSTER_RESOURCE_USAGES, RESOURCE_USAGES } from '../../usage/resource-usages.ts';
import type { Watches } from '../controller.ts';
import { AUTOSCALERS, byTarget, targetPlace } from './scale-target.ts';
import { autoscalersOf } from './target-pods.ts';

/** What may come out different for an autoscaler when it changes: its target, the pods of its namespace, and what says how much they use. */
export const autoscalerWatches: Watches = {
  '*': (change, state) => (change.object.kind === 'Event' ? [] : [...ofTarget(change, state), ...ofMetrics(change, state)]),
  pods: ofPods,
};

function ofTarget({ object, previous }: Change, state: State): readonly Key[] {
  const { apiVersion, kind, metadata } = object;
  const keys = state.keys(byTarget, targetPlace(metadata.namespace, { apiVersion, kind, name: metadata.name }));
  // A write of the autoscaler's own is among them, and leads to one look more.
  return keys.length === 0 || (previous && isLike(object, previous)) ? [] : keys;
}

/** All but who owns which field. */
const isLike = (object: KubeObject, previous: KubeObject): boolean =>
  same({ ...object, metadata: 0 }, { ...previous, metadata: 0 }) && same(object.metadata.annotations, previous.metadata.annotations);

/** Those whose targets select the pod, or did. */
function ofPods({ type, object, previous }: Change<Pod>, state: State): readonly Key[] {
  if (state.count(AUTOSCALERS, object.metadata.namespace) === 0) return [];
  const isUnchanged =
    type !== 'DELETED' &&
    previous &&
    previous.status?.phase === object.status?.phase &&
    isReady(previous) === isReady(object) &&
    previous.metadata.deletionTimestamp === object.metadata.deletionTimestamp &&
    previous.spec === object.spec &&
    same(previous.metadata.labels, object.metadata.labels) &&
    same(previous.metadata.annotations, object.metadata.annotations);
  if (isUnchanged) return [];
  const pods = previous && !same(previous.metadata.labels, object.metadata.labels) ? [object, previous] : [object];
  return pods.flatMap((pod) => autoscalersOf(pod, state)).map(({ metadata }) => keyOf(AUTOSCALERS, metadata.namespace, metadata.name));
}

function ofMetrics({ key, object, previous }: Change, state: State): readonly Key[] {
  const resource = key.slice(0, key.indexOf('/'));
  if (
    resource === 'apiservices.apiregistration.k8s.io' ||
    resource === 'customresourcedefinitions.apiextensions.k8s.io' ||
    resource === CLUSTER_RESOURCE_USAGES
  )
    return inNamespace(undefined, state);
  const { namespace } = object.metadata;
  if (resource === RESOURCE_USAGES || isExternalMetric(object) || (previous && isExternalMetric(previous))) return inNamespace(namespace, state);
  const isDescribed = [object, previous].some((one) => one?.metadata.annotations && metricNamesOf(one).length > 0);
  // A Namespace's metrics are those of the autoscalers in it.
  return isDescribed ? inNamespace(namespace ?? object.metadata.name, state) : [];
}

const inNamespace = (namespace: string | undefined, state: State): Key[] =>
  state.list(AUTOSCALERS, namespace).map(({ metadata }) => keyOf(AUTOSCALERS, metadata.namespace, metadata.name));

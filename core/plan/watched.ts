import { apisOf } from '../apis/apis.ts';
import { agentOf } from '../apis/core/node-agent.ts';
import { isReady as isPodReady } from '../apis/core/pod-readiness.ts';
import { isPodTerminal } from '../apis/core/pod-terminal.ts';
import type { ObjectName } from '../apis/logplane/plan-status.ts';
import { controllerOf, type KubeObject } from '../kube/object.ts';
import type { Pod } from '../schema/generated/kinds.ts';
import type { State } from '../state/state.ts';
import { type Readiness, readinessOf } from './readiness.ts';

/** What has replicas, or runs, and nothing else makes it. */
const WORKLOADS = ['deployments.apps', 'statefulsets.apps', 'daemonsets.apps', 'replicasets.apps', 'replicationcontrollers', 'jobs.batch', 'pods'] as const;

/** An object that is to be ready, and how far it was at the beginning. */
export interface Watched extends ObjectName {
  /** It was ready. */
  readonly wasReady: boolean;
}

/** The workloads of a state, but for those that others make. */
export function workloadsOf(state: State): Watched[] {
  return WORKLOADS.flatMap((resource) =>
    (state.list(resource) as readonly KubeObject[]).filter((object) => !controllerOf(object)).map((object) => watchedOf(object, state)),
  );
}

function watchedOf({ apiVersion, kind, metadata: { namespace, name } }: KubeObject, state: State): Watched {
  const of = { apiVersion, kind, ...(namespace && { namespace }), name };
  return { ...of, wasReady: isReady(measured(of, state)) };
}

/** How far an object is; none: it is of no kind that is served. */
export const measured = ({ apiVersion, kind, namespace, name }: ObjectName, state: State): Readiness =>
  readinessOf(state, { apiVersion, kind, metadata: { name, ...(namespace && { namespace }) } });

export const isReady = ({ ready, wanted, failure }: Readiness): boolean => failure === undefined && ready >= wanted;

/** What is waited for, and since when. */
export interface Awaited {
  readonly workloads: readonly Watched[];
  /** What the plan has applied itself. */
  readonly applied: readonly ObjectName[];
  readonly start: State;
}

/**
 * Whether nothing that is waited for is on its way any more: all of it is ready, or has failed for good, and no pod is on its way from a machine that is lost, or to its end. What was not ready
 * before is not waited for.
 */
export function isSettled({ workloads, applied, start }: Awaited, state: State): boolean {
  const waitsFor = (of: ObjectName) => {
    const readiness = measured(of, state);
    if (readiness.failure !== undefined || isReady(readiness)) return false;
    const object = objectAt(of, state);
    return object !== undefined && !isLostWithNodes(object, { state, start });
  };
  if (applied.some(waitsFor) || workloads.some((one) => one.wasReady && waitsFor(one))) return false;
  return !state.list('pods').some((pod) => isMoving(pod, { state, start }));
}

/** Whether a DaemonSet is ready but for its pods on machines that were lost since: they end there, as they should. */
export function isLostWithNodes({ kind, metadata: { uid } }: KubeObject, { state, start }: { state: State; start: State }): boolean {
  if (kind !== 'DaemonSet' || uid === undefined) return false;
  const unready = (state.by('owner', uid) as readonly Pod[]).filter((pod) => pod.kind === 'Pod' && !isPodReady(pod));
  return unready.length > 0 && unready.every((pod) => isOnLostNode(pod, { state, start }));
}

function isOnLostNode({ spec }: Pod, { state, start }: { state: State; start: State }): boolean {
  const nodeName = spec!.nodeName;
  if (!nodeName) return false;
  const [was, is] = [start, state].map((at) => agentOf(at.get('nodes', undefined, nodeName)));
  return was === 'works' && is !== 'works';
}

/** The object of a name; a namespaced kind's is in `default` where that does not say. */
export function objectAt({ apiVersion, kind, namespace, name }: ObjectName, state: State): KubeObject | undefined {
  const resource = apisOf(state).ofKind(apiVersion, kind);
  return resource && state.get(resource.storedAs, resource.namespaced ? (namespace ?? 'default') : undefined, name);
}

function isMoving(pod: Pod, { state, start }: { state: State; start: State }): boolean {
  const { namespace, name, uid } = pod.metadata;
  const before = start.get('pods', namespace, name);
  const isOld = before?.metadata.uid === uid;
  if (pod.metadata.deletionTimestamp) return !(isOld && before?.metadata.deletionTimestamp);
  return !isPodTerminal(pod) && controllerOf(pod)?.kind !== 'DaemonSet' && isOnLostNode(pod, { state, start });
}

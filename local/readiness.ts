import { resourceByKind } from '../core/apis/registry.ts';
import { groupVersionOf } from '../core/kube/group-version-kind.ts';
import type { KubeObject } from '../core/kube/object.ts';
import type { State } from '../core/state/state.ts';

/** How far an applied object is: how many of how many it wants are ready, and why it will not get there, when it will not. */
export interface Readiness {
  readonly ready: number;
  readonly wanted: number;
  readonly failure?: string;
}

/** How far the object of a manifest is, as `kubectl rollout status` and `kubectl wait` judge it. Kinds that do nothing are ready when they exist. */
export function readinessOf(state: State, manifest: KubeObject): Readiness {
  const { group, version } = groupVersionOf(manifest.apiVersion);
  const resource = resourceByKind(group, version, manifest.kind);
  if (!resource) return { ready: 0, wanted: 0 };
  const namespace = resource.namespaced ? (manifest.metadata.namespace ?? 'default') : undefined;
  const object = state.get(resource.keptAs ?? resource.groupResource, namespace, manifest.metadata.name);
  if (!object) return { ready: 0, wanted: 1 };
  return measures[resource.groupResource]?.(object) ?? { ready: 1, wanted: 1 };
}

const measures: Record<string, (object: KubeObject) => Readiness> = {
  'deployments.apps': (object) => ({
    ...replicas(object, Math.min(object.status?.updatedReplicas ?? 0, object.status?.availableReplicas ?? 0)),
    ...failure(object, 'Progressing', 'False', 'ProgressDeadlineExceeded'),
  }),
  'replicasets.apps': (object) => replicas(object, object.status?.availableReplicas ?? 0),
  replicationcontrollers: (object) => replicas(object, object.status?.availableReplicas ?? 0),
  'statefulsets.apps': (object) => replicas(object, Math.min(object.status?.updatedReplicas ?? 0, object.status?.readyReplicas ?? 0)),
  'daemonsets.apps': (object) => {
    const { desiredNumberScheduled = 0, numberReady = 0, updatedNumberScheduled = 0 } = object.status ?? {};
    return observed(object) ? { ready: Math.min(numberReady, updatedNumberScheduled), wanted: desiredNumberScheduled } : { ready: 0, wanted: 1 };
  },
  'jobs.batch': (object) => ({
    ready: object.spec?.suspend || condition(object, 'Complete')?.status === 'True' ? 1 : 0,
    wanted: 1,
    ...failure(object, 'Failed', 'True'),
  }),
  pods: (object) => ({
    ready: condition(object, 'Ready')?.status === 'True' || object.status?.phase === 'Succeeded' ? 1 : 0,
    wanted: 1,
    ...(object.status?.phase === 'Failed' && { failure: object.status.reason ?? 'Failed' }),
  }),
};

function replicas(object: KubeObject, ready: number): Readiness {
  const wanted = object.spec?.replicas ?? 1;
  if (!observed(object)) return { ready: 0, wanted: Math.max(wanted, 1) };
  return { ready: Math.min(ready, wanted), wanted };
}

const observed = (object: KubeObject) => (object.status?.observedGeneration ?? 0) >= (object.metadata.generation ?? 0);

function failure(object: KubeObject, type: string, status: string, reason?: string): { failure?: string } {
  const found = condition(object, type);
  return found?.status === status && (!reason || found.reason === reason) ? { failure: found.reason ?? type } : {};
}

const condition = (object: KubeObject, type: string): { status: string; reason?: string } | undefined =>
  object.status?.conditions?.find((candidate: { type: string }) => candidate.type === type);

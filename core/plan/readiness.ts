import { apisOf } from '../apis/apis.ts';
import type { GroupResource, KubeObject } from '../kube/object.ts';
import type { Kinds } from '../schema/generated/kinds.ts';
import type { State } from '../state/state.ts';

/** How far an applied object is: how many of how many it wants are ready, and why it will not get there, when it will not. */
export interface Readiness {
  readonly ready: number;
  readonly wanted: number;
  readonly failure?: string;
}

/** How far the object of a manifest is, as `kubectl rollout status` and `kubectl wait` judge it. Kinds that do nothing are ready when they exist. */
export function readinessOf(state: State, manifest: KubeObject): Readiness {
  const resource = apisOf(state).ofKind(manifest.apiVersion, manifest.kind);
  if (!resource) return { ready: 0, wanted: 0 };
  const namespace = resource.namespaced ? (manifest.metadata.namespace ?? 'default') : undefined;
  const object = state.get(resource.storedAs, namespace, manifest.metadata.name);
  if (!object) return { ready: 0, wanted: 1 };
  return measureReadiness(resource.groupResource, object);
}

/** How far an object is that is there. */
export function measureReadiness(resource: GroupResource, object: KubeObject): Readiness {
  const measure = (measures as Readonly<Record<GroupResource, ((object: KubeObject) => Readiness) | undefined>>)[resource];
  return measure?.(object) ?? { ready: 1, wanted: 1 };
}

type Measures = { readonly [R in keyof Kinds]?: (object: Kinds[R]) => Readiness };

const measures: Measures = {
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

type Observed = KubeObject & { readonly status?: { readonly observedGeneration?: number } };
type Replicated = Observed & { readonly spec?: { readonly replicas?: number } };
type Conditioned = { readonly status?: { readonly conditions?: readonly { type: string; status: string; reason?: string }[] } };

function replicas(object: Replicated, ready: number): Readiness {
  const wanted = object.spec?.replicas ?? 1;
  if (!observed(object)) return { ready: 0, wanted: Math.max(wanted, 1) };
  return { ready: Math.min(ready, wanted), wanted };
}

const observed = (object: Observed) => (object.status?.observedGeneration ?? 0) >= (object.metadata.generation ?? 0);

function failure(object: Conditioned, type: string, status: string, reason?: string): { failure?: string } {
  const found = condition(object, type);
  return found?.status === status && (!reason || found.reason === reason) ? { failure: found.reason ?? type } : {};
}

const condition = (object: Conditioned, type: string): { status: string; reason?: string } | undefined =>
  object.status?.conditions?.find((candidate) => candidate.type === type);

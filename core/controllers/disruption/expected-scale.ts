import type { ApiResource } from '../../apis/api-resource.ts';
import { apisOf } from '../../apis/apis.ts';
import { apiVersionOf } from '../../kube/group-version-kind.ts';
import { controllerOf, type KubeObject, type OwnerReference } from '../../kube/object.ts';
import type { Pod } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';

/**
 * How many pods there should be: the replicas of all controllers of the pods, each counted once; a ReplicaSet's Deployment stands for it. Pods without a controller do
 * not count (getExpectedScale in pkg/controller/disruption).
 */
export type ExpectedScale = { readonly type: 'known'; readonly pods: number } | { readonly type: 'unknown'; readonly why: string };

export function expectedScale(pods: readonly Pod[], state: State): ExpectedScale {
  const scales = new Map<string, number>();
  for (const pod of pods) {
    const reference = controllerOf(pod);
    if (!reference || scales.has(reference.uid)) continue;
    const found = scaleOfController(reference, pod, state);
    if (typeof found === 'string') return { type: 'unknown', why: found };
    scales.set(found.uid, found.replicas);
  }
  return { type: 'known', pods: [...scales.values()].reduce((sum, replicas) => sum + replicas, 0) };
}

/** Which one it is and what it wants, or why that is not known. */
function scaleOfController(reference: OwnerReference, pod: Pod, state: State): { uid: string; replicas: number } | string {
  const controller = found(reference, pod, state);
  if (typeof controller === 'string') return controller;
  const above = controller.object.kind === 'ReplicaSet' ? controllerOf(controller.object) : undefined;
  const deployment = above?.kind === 'Deployment' ? found(above, pod, state) : undefined;
  const { object, replicasOf } = typeof deployment === 'object' ? deployment : controller;
  return { uid: object.metadata.uid!, replicas: replicasOf(object) ?? 0 };
}

function found({ apiVersion, kind, name, uid }: OwnerReference, pod: Pod, state: State) {
  const resource = apisOf(state).ofKind(apiVersion, kind);
  if (!resource) return `no matches for kind "${kind}" in version "${apiVersion}"`;
  const replicasOf = replicasIn(resource, apiVersion);
  if (!replicasOf) return `${resource.groupResource} does not implement the scale subresource`;
  const object = state.get(resource.storedAs, resource.namespaced ? pod.metadata.namespace : undefined, name);
  return object?.metadata.uid === uid ? { object, replicasOf } : `found no controllers for pod "${pod.metadata.name}"`;
}

function replicasIn({ group, strategy, versions }: ApiResource, apiVersion: string): ((object: KubeObject) => number | undefined) | undefined {
  const scale = strategy.scale ?? versions.find(({ version }) => apiVersionOf({ group, version }) === apiVersion)?.scale;
  return scale && ((object) => scale.replicas(object));
}

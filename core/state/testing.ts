import { clusterInstant } from '../instant.ts';
import { type GroupResource, type KubeObject, keyOf } from '../kube/object.ts';
import { type State, StateBuilder } from './state.ts';

/**
 * A state that holds `objects`, for tests. A resource's name is taken from the object's kind (`Pod` → `pods`,
 * `apps/v1 ReplicaSet` → `replicasets.apps`) unless `resources` names it. Objects get a resourceVersion if they have none.
 */
export function stateOf(objects: readonly KubeObject[], { resources = {} }: { resources?: Record<string, GroupResource> } = {}): State {
  const builder = new StateBuilder();
  objects.forEach((object, i) => {
    const { namespace, name, resourceVersion = String(i + 1) } = object.metadata;
    const key = keyOf(resources[object.kind] ?? resourceNameOf(object), namespace, name);
    builder.add(key, { ...object, metadata: { ...object.metadata, resourceVersion } });
  });
  return builder.state({ offset: objects.length, time: clusterInstant(0) });
}

/** The resource of an object by the rule that nearly all kinds follow. */
export function resourceNameOf(object: KubeObject): GroupResource {
  const group = object.apiVersion.includes('/') ? object.apiVersion.split('/')[0] : '';
  const kind = object.kind.toLowerCase();
  const plural = kind === 'endpoints' ? kind : kind.endsWith('ss') ? `${kind}es` : kind.endsWith('y') ? `${kind.slice(0, -1)}ies` : `${kind}s`;
  return group ? `${plural}.${group}` : plural;
}

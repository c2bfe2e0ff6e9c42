import { Apis } from '../apis/apis.ts';
import { clusterInstant } from '../instant.ts';
import { groupVersionOf } from '../kube/group-version-kind.ts';
import { clone, type GroupResource, type Key, type KubeObject, keyOf, timestamp } from '../kube/object.ts';
import { restoreSnapshot, takeSnapshot } from '../state/snapshot.ts';
import { type State, StateBuilder } from '../state/state.ts';
import { NOW } from './env.ts';

/**
 * A state that holds `objects`. A resource's name is taken from the object's kind (`Pod` → `pods`,
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

/** An object as a cluster has it: with a uid, an age, and the defaults of its kind. */
export function stored<T extends KubeObject>(given: T, now = NOW): T {
  const metadata = { uid: `uid-${given.metadata.name}`, creationTimestamp: timestamp(now), ...given.metadata };
  const object = clone({ ...given, metadata }) as T;
  const { strategy } = Apis.builtIn.resource(resourceNameOf(given))!;
  if (strategy.generation) object.metadata.generation ??= 1;
  strategy.defaults?.(object);
  return object;
}

/** The resource of an object by the rule that nearly all kinds follow. */
export function resourceNameOf(object: KubeObject): GroupResource {
  const { group } = groupVersionOf(object.apiVersion);
  const kind = object.kind.toLowerCase();
  const plural = kind === 'endpoints' ? kind : kind.endsWith('ss') ? `${kind}es` : kind.endsWith('y') ? `${kind.slice(0, -1)}ies` : `${kind}s`;
  return group ? `${plural}.${group}` : plural;
}

export const keyOfObject = (object: KubeObject): Key => keyOf(resourceNameOf(object), object.metadata.namespace, object.metadata.name);

/** A state as a snapshot brings it back. */
export async function throughSnapshot(state: State): Promise<State> {
  const turn = async () => undefined;
  const { snapshot, bytes } = await takeSnapshot(state, turn);
  return (await restoreSnapshot({ ...snapshot, bytes }, turn)).state;
}

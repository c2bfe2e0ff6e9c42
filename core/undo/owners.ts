import { apisOf } from '../apis/apis.ts';
import { type Key, type KubeObject, keyOf, type OwnerReference, parseKey } from '../kube/object.ts';
import type { State } from '../state/state.ts';

/** Where the owner of an object stands; undefined: nothing serves its kind. */
export function ownerKey(ref: OwnerReference, { metadata }: KubeObject, states: readonly State[]): Key | undefined {
  const resource = states.map((state) => apisOf(state).ofKind(ref.apiVersion, ref.kind)).find((found) => found !== undefined);
  return resource && keyOf(resource.storedAs, resource.namespaced ? metadata.namespace : undefined, ref.name);
}

export function at(state: State, key: Key): KubeObject | undefined {
  const { resource, namespace, name } = parseKey(key);
  return state.get(resource, namespace, name);
}

/** `Deployment "web"` */
export const ownerText = ({ kind, name }: OwnerReference): string => `${kind} ${JSON.stringify(name)}`;

/** An object whose owner references name the owners that are there, whatever uid those had; without those that are not. */
export function ownedByThoseThere(object: KubeObject, state: State): KubeObject {
  const { ownerReferences, ...metadata } = object.metadata;
  if (!ownerReferences) return object;
  const refs = ownerReferences.flatMap((ref) => {
    const key = ownerKey(ref, object, [state]);
    const owner = key && at(state, key);
    return owner ? [{ ...ref, uid: owner.metadata.uid! }] : [];
  });
  return { ...object, metadata: { ...metadata, ...(refs.length > 0 && { ownerReferences: refs }) } };
}

import { apisOf } from '../apis/apis.ts';
import { type Key, type KubeObject, keyOf, type OwnerReference, parseKey } from '../kube/object.ts';
import type { State } from '../state/state.ts';
import type { Conflict } from './plan.ts';

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

interface Around {
  /** The newest state first. */
  readonly states: readonly [State, ...State[]];
  /** What is to be created, and what is to be removed. */
  readonly comes: (key: Key) => boolean;
  readonly goes: (key: Key) => boolean;
}

/** What has owners, and none of them is there, the garbage collector takes away. */
export function ownerConflicts(key: Key, object: KubeObject, { states, comes, goes }: Around): Conflict[] {
  return (object.metadata.ownerReferences ?? []).flatMap((ref) => {
    const owner = ownerKey(ref, object, states);
    const isThere = owner !== undefined && (comes(owner) || (at(states[0], owner) !== undefined && !goes(owner)));
    return isThere ? [] : [{ key, why: `its owner ${ownerText(ref)} is not there` }];
  });
}

import { apisOf } from '../../apis/apis.ts';
import type { KubeObject, OwnerReference } from '../../kube/object.ts';
import type { State } from '../../state/state.ts';

export const FOREGROUND = 'foregroundDeletion';
export const ORPHAN = 'orphan';

/** The owners of an object, by what becomes of them (classifyReferences). */
interface Owners {
  /** They stay. */
  readonly solid: readonly OwnerReference[];
  /** They are gone. */
  readonly dangling: readonly OwnerReference[];
  /** They are being deleted as soon as the object is gone. */
  readonly waiting: readonly OwnerReference[];
  /** They are being deleted, and the object is to stay. */
  readonly orphaning: readonly OwnerReference[];
}

/**
 * Undefined when that is unknown, so that nothing may be deleted: a reference names a kind that is not served (its owners may exist all the same),
 * or an object in no namespace names an owner that would be in one.
 */
export function ownersOf(object: KubeObject, state: State): Owners | undefined {
  const owners = { solid: [] as OwnerReference[], dangling: [] as OwnerReference[], waiting: [] as OwnerReference[], orphaning: [] as OwnerReference[] };
  for (const ref of object.metadata.ownerReferences ?? []) {
    const resource = apisOf(state).ofKind(ref.apiVersion, ref.kind);
    if (!resource || (resource.namespaced && !object.metadata.namespace)) return undefined;
    // A namespaced owner is in the object's own namespace: one elsewhere is no owner.
    const owner = state.get(resource.storedAs, resource.namespaced ? object.metadata.namespace : undefined, ref.name);
    owners[fateOf(owner, ref)].push(ref);
  }
  return owners;
}

/** The references to objects that are in another namespace than the object itself, where no owner of it can be. */
export const outOfReach = ({ metadata: { namespace, ownerReferences = [] } }: KubeObject, state: State): OwnerReference[] =>
  ownerReferences.filter(({ uid }) => {
    const owner = state.by('uid', uid)[0];
    return owner?.metadata.namespace !== undefined && owner.metadata.namespace !== namespace;
  });

function fateOf(owner: KubeObject | undefined, { uid }: OwnerReference): keyof Owners {
  if (owner?.metadata.uid !== uid) return 'dangling';
  const { deletionTimestamp, finalizers } = owner.metadata;
  if (!deletionTimestamp) return 'solid';
  return finalizers?.includes(ORPHAN) ? 'orphaning' : finalizers?.includes(FOREGROUND) ? 'waiting' : 'solid';
}

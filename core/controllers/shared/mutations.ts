import type { DeleteMutation, UpdateMutation } from '../../apis/mutation.ts';
import { type GroupResource, type KubeObject, same } from '../../kube/object.ts';

/**
 * The mutations that controllers make of an object that they have before them. They name its uid, so that they never hit a successor of
 * the same name, and not its resourceVersion: a pass is decided again when another writer was first, and may write an object twice.
 */

export const deletionOf = (resource: GroupResource, { metadata: { namespace, name, uid } }: KubeObject): DeleteMutation => ({
  type: 'delete',
  resource,
  ...(namespace && { namespace }),
  name,
  ...(uid && { preconditions: { uid } }),
});

export const updateTo = (resource: GroupResource, object: KubeObject): UpdateMutation => ({ type: 'update', resource, object: unversioned(object) });

/** Brings an object's status (and annotations, which a status update may also set) to what is given; nothing when they are that already. */
export function statusUpdate(resource: GroupResource, object: KubeObject, status: object, annotations = object.metadata.annotations): UpdateMutation[] {
  if (same(object.status, status) && same(object.metadata.annotations, annotations)) return [];
  const changed = { ...object, metadata: { ...object.metadata, ...(annotations && { annotations }) }, status };
  return [{ type: 'update', resource, subresource: 'status', object: unversioned(changed) }];
}

/** Without the counts that are 0, which Kubernetes leaves out of a status. */
export function nonZero<T extends Record<string, number | undefined>>(counts: T): Partial<T> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count)) as Partial<T>;
}

function unversioned(object: KubeObject): KubeObject {
  const { resourceVersion: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

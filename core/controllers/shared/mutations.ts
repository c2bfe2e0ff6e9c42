import type { DeleteMutation, UpdateMutation } from '../../apis/mutation.ts';
import { fieldsOf } from '../../kube/fields.ts';
import { type GroupResource, type KubeObject, same } from '../../kube/object.ts';
import type { Kinds } from '../../schema/generated/kinds.ts';
import type { Exact, KindOf } from '../../schema/kind-of.ts';

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

export const updateTo = <R extends GroupResource, T extends KindOf<R>>(resource: R, object: T & Exact<T, KindOf<R>>): UpdateMutation<R> => ({
  type: 'update',
  resource,
  object: unversioned(object),
});

/** Brings an object's status (and annotations, which a status update may also set) to what is given; nothing when they are that already. */
export function statusUpdate<R extends keyof Kinds, S extends StatusOf<R>>(
  resource: R,
  object: KindOf<R>,
  status: S & Exact<S, StatusOf<R>>,
  annotations = object.metadata.annotations,
): UpdateMutation<R>[] {
  if (same(fieldsOf(object)['status'], status) && same(object.metadata.annotations, annotations)) return [];
  const changed: KindOf<R> = { ...object, metadata: { ...object.metadata, ...(annotations && { annotations }) }, status };
  return [{ type: 'update', resource, subresource: 'status', object: unversioned(changed) }];
}

type StatusOf<R extends keyof Kinds> = R extends unknown ? (Kinds[R] extends { status?: infer S } ? NonNullable<S> : never) : never;

/** Without the counts that are 0, which Kubernetes leaves out of a status. */
export function nonZero<T extends Record<string, number | undefined>>(counts: T): Partial<T> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count)) as Partial<T>;
}

function unversioned<T extends KubeObject>(object: T): T {
  const { resourceVersion: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

import type { UpdateMutation } from '../apis/mutation.ts';
import { type KubeObject, same } from '../kube/object.ts';
import { modifiedConflict, notFound } from '../kube/status.ts';
import { validateObjectMetaUpdate } from '../kube/validation/metadata.ts';
import { requiredFieldErrors } from '../schema/required-fields.ts';
import type { Decision } from './decision.ts';
import { type Draft, deleted, metadataErrors, modified, refuse, uidConflict } from './outcome.ts';
import { taken } from './subresource-parts.ts';

/** An object as it should be, or the part of it that a subresource speaks of (rest/update.go, BeforeUpdate). */
export function decideUpdate({ object: given, subresource }: UpdateMutation, draft: Draft): Decision {
  const { resource, state } = draft;
  const { namespace, name, uid, resourceVersion } = given.metadata;
  const previous = state.get(resource.groupResource, resource.namespaced ? namespace : undefined, name);
  if (!previous) throw notFound(resource, name);
  if (uid && uid !== previous.metadata.uid) throw uidConflict(resource, previous.metadata, uid);
  if (resourceVersion && resourceVersion !== previous.metadata.resourceVersion) throw modifiedConflict(resource, name);

  const object = taken(given, previous, { resource, subresource });
  if (subresource === 'status') checkStatus(object, previous, draft);
  else prepareAndCheck(object, previous, { draft, subresource });
  return isReleased(object, previous, draft) ? deleted(object, draft) : modified(object, previous, draft);
}

function checkStatus(object: KubeObject, previous: KubeObject, { resource }: Draft): void {
  const { strategy } = resource;
  strategy.prepareForStatusUpdate?.(object, previous);
  refuse(resource, object, [...validateObjectMetaUpdate(object, previous), ...(strategy.validateStatusUpdate?.(object, previous) ?? [])]);
}

function prepareAndCheck(object: KubeObject, previous: KubeObject, { draft, subresource }: { draft: Draft; subresource: UpdateMutation['subresource'] }): void {
  const { resource } = draft;
  const { strategy } = resource;
  strategy.defaults?.(object);
  strategy.prepareForUpdate?.(object, previous, draft, subresource);
  strategy.admit?.(object, previous, draft);
  refuse(resource, object, [
    ...validateObjectMetaUpdate(object, previous),
    ...metadataErrors(resource, object),
    ...(strategy.validate?.(object) ?? requiredFieldErrors(object, resource.versions[0]!.type)),
    ...(strategy.validateUpdate?.(object, previous, subresource) ?? []),
  ]);
  if (strategy.generation && !same(withoutMetadataAndStatus(object), withoutMetadataAndStatus(previous))) {
    object.metadata.generation = (previous.metadata.generation ?? 0) + 1;
  }
}

/** ShouldDeleteDuringUpdate: the update that takes the last finalizer off a deleted object, whose grace period is over, lets it go. */
function isReleased(object: KubeObject, previous: KubeObject, { resource }: Draft): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds } = previous.metadata;
  return deletionTimestamp !== undefined && !deletionGracePeriodSeconds && !object.metadata.finalizers?.length && !resource.strategy.pendingDeletion?.(object);
}

function withoutMetadataAndStatus({ metadata: _m, status: _s, ...rest }: KubeObject): unknown {
  return rest;
}

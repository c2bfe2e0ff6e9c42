import type { Ask } from '../admission/ask.ts';
import type { ApiResource } from '../apis/api-resource.ts';
import type { UpdateMutation } from '../apis/mutation.ts';
import { scalingOf } from '../apis/scale.ts';
import type { Strategy } from '../apis/strategy.ts';
import { refuseEscalation } from '../auth/rbac/escalation.ts';
import { fieldsOf } from '../kube/fields.ts';
import { clone, type KubeObject, same } from '../kube/object.ts';
import { type FieldError, notFound } from '../kube/status.ts';
import { componentOf } from '../kube/user.ts';
import { validateObjectMetaUpdate } from '../kube/validation/metadata.ts';
import { sharing } from '../log/patch.ts';
import { requiredFieldErrors } from '../schema/required-fields.ts';
import { decideCreate } from './create.ts';
import type { Asking, Deciding, Decision } from './decision.ts';
import { Draft } from './draft.ts';
import { deleted, modified } from './events.ts';
import { type Ownership, trackFields, trackStatus } from './field-tracking.ts';
import { statusSharedWithLast } from './like-objects.ts';
import { checkUid, checkVersion } from './preconditions.ts';
import { admit, defaults, mutate, ownMetadataErrors, refuse, type Stage, standardFinalizerErrors, through } from './stages.ts';
import { taken } from './subresource-parts.ts';
import { toStorageVersion } from './to-storage-version.ts';
import { asking, inVersion } from './versions.ts';

/** An object as it should be, in the order of apiserver/pkg/registry/generic/registry/store.go (Update) and rest.BeforeUpdate. */
const stages: readonly Stage[] = [
  defaults,
  trackFields,
  mutate,
  takeAgain,
  defaults,
  refuseEscalation,
  checkVersion,
  prepare,
  share,
  validate,
  admit,
  toStorageVersion,
];

/** Its status alone: the defaults and the rules of the rest of it are not asked. */
const statusStages: readonly Stage[] = [trackFields, mutate, takeAgain, checkVersion, prepareStatus, validateStatus, admit, trackStatus, toStorageVersion];

/** Throws 403, 404, 409 (it is another one, or has changed since the version that the update names), 422. */
export function decideUpdate(mutation: UpdateMutation, resource: ApiResource, context: Deciding, tracked?: Ownership): Decision | Asking {
  const { object: given, subresource, replace, patched, scaled, manager } = mutation;
  const { name, uid, resourceVersion, managedFields: sentManagedFields } = given.metadata;
  const namespace = resource.namespaced ? given.metadata.namespace : undefined;
  const stored = context.state.get(resource.storedAs, namespace, name);
  if (!stored && !(replace && !subresource && resource.strategy.createOnUpdate)) throw notFound(resource, name);
  // An apply that names another object is told so by validation.
  if (!patched && !tracked) checkUid(uid, { of: resource, stored: { resource, namespace, name, uid: stored?.metadata.uid } });
  if (!stored)
    return decideCreate(
      { type: 'create', resource: mutation.resource, object: unversioned(given), named: true, ...(manager && { manager }) },
      resource,
      context,
    );

  const asks: Ask[] = [];
  const old = inVersion(stored, { resource, apiVersion: given.apiVersion, ask: asking(context.answers, asks) });
  if (!old) return { asks };
  const taking = { resource, subresource, whole: replace === true };
  const own = taken(subresource === 'status' && replace ? defaulted(given, resource) : given, old, taking);
  const object = subresource === 'status' && resource.storedAs === 'pods' ? statusSharedWithLast(own) : own;
  // The version that the client knows, until `checkVersion` has compared it.
  if (resourceVersion === undefined) delete object.metadata.resourceVersion;
  else object.metadata.resourceVersion = resourceVersion;
  if (tracked && uid) object.metadata.uid = uid;
  const ownership = tracked ?? { manager: { ...(subresource && { subresource }), ...(manager ?? { name: componentOf(context.actor) }) }, sentManagedFields };
  const versionRequired = replace === true && !tracked;
  const scale = scaled && scalingOf(resource, object.apiVersion);
  const draft = new Draft({ operation: 'UPDATE', resource, subresource, namespace, name, object, old, versionRequired, scale, taking, ...ownership }, context);
  const asked = through(subresource === 'status' ? statusStages : stages, draft);
  if (asked) return asked;
  return isReleased(draft) ? { ...deleted(draft.object, draft), old: stored } : modified(draft.object, stored, draft);
}

/** What a client sends of a status has defaults too, as far as they are taken of it: those of the labels. */
function defaulted(given: KubeObject, { strategy }: ApiResource): KubeObject {
  if (!strategy.defaults) return given;
  const object = clone(given);
  strategy.defaults(object);
  return object;
}

function unversioned(object: KubeObject): KubeObject {
  const { resourceVersion: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** A plugin that put another object in its place has no more say than the client: what does not belong to the write stays as it was. */
function takeAgain(draft: Draft): void {
  const { object, old, given, taking } = draft;
  if (object === given || !taking) return;
  const { resourceVersion } = object.metadata;
  const again = taken(object, old!, taking);
  if (resourceVersion === undefined) delete again.metadata.resourceVersion;
  else again.metadata.resourceVersion = resourceVersion;
  draft.object = again;
}

function prepareStatus({ resource: { strategy }, object, old, now }: Draft): void {
  strategy.prepareForStatusUpdate?.(object, old!, { now });
}

function validateStatus({ resource, object, old }: Draft): void {
  refuse(resource, object, [...metadataUpdateErrors(resource, object, old!), ...(resource.strategy.validateStatusUpdate?.(object, old!) ?? [])]);
}

function prepare(draft: Draft): void {
  const { resource, object, old, subresource } = draft;
  const { strategy } = resource;
  strategy.prepareForUpdate?.(object, old!, draft, subresource as UpdateMutation['subresource']);
  if (isNewGeneration(object, old!, strategy)) object.metadata.generation = (old!.metadata.generation ?? 0) + 1;
}

/** What stays as it was is found once: those who compare the two after this see that they share it. Nothing changes the object in place from here on. */
function share(draft: Draft): void {
  draft.object = sharing(draft.old, draft.object);
}

function validate({ resource, object, old, subresource }: Draft): void {
  const { strategy, custom } = resource;
  // It was valid as it is, but for a custom object, whose schema may have become another one.
  if (object === old && !custom) return;
  const whole = () => strategy.validateChange?.(object, old!) ?? strategy.validate?.(object, old) ?? requiredFieldErrors(object, resource.storageVersion.type);
  const change = () => strategy.validateUpdate?.(object, old!, subresource as UpdateMutation['subresource']) ?? [];
  refuse(resource, object, [
    ...metadataUpdateErrors(resource, object, old!),
    ...ownMetadataErrors(resource, object, old!),
    ...(strategy.updateRules === 'first' ? [change, whole] : [whole, change]).flatMap((check) => check()),
  ]);
}

/** Each of them comes twice, from rest.BeforeUpdate and from the kind's own validation; the message names it once. */
function metadataUpdateErrors(resource: ApiResource, object: KubeObject, old: KubeObject): FieldError[] {
  const { metadataRules, metadataUpdateRules } = resource.strategy;
  const errors = validateObjectMetaUpdate(object, old);
  if (metadataRules === 'generic' || metadataUpdateRules === 'generic') return errors;
  return [...errors, ...errors, ...standardFinalizerErrors(resource, object)];
}

/** ShouldDeleteDuringUpdate: the update that takes the last finalizer off a deleted object, whose grace period is over, lets it go. */
function isReleased({ resource, object, old }: Draft): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds } = old!.metadata;
  return deletionTimestamp !== undefined && !deletionGracePeriodSeconds && !object.metadata.finalizers?.length && !resource.strategy.pendingDeletion?.(object);
}

function isNewGeneration(object: KubeObject, old: KubeObject, { generation }: Strategy): boolean {
  if (generation === undefined || generation === 'never') return false;
  if (!same(withoutMetadataAndStatus(object), withoutMetadataAndStatus(old))) return true;
  if (generation === 'spec') return false;
  const part = generation === 'spec or labels' ? 'labels' : 'annotations';
  return !same(object.metadata[part] ?? {}, old.metadata[part] ?? {});
}

function withoutMetadataAndStatus(object: KubeObject): unknown {
  const { metadata: _m, status: _s, ...rest } = fieldsOf(object);
  return rest;
}

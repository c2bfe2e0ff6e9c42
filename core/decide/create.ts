import type { ApiResource } from '../apis/api-resource.ts';
import type { CreateMutation } from '../apis/mutation.ts';
import { setNoEffectCondition } from '../apis/no-effect.ts';
import { refused } from '../auth/authorizer.ts';
import { clusterAuthorizer } from '../auth/cluster-authorizer.ts';
import { refuseEscalation } from '../auth/rbac/escalation.ts';
import { clone, timestamp } from '../kube/object.ts';
import { alreadyExists, forbidden, plainError } from '../kube/status.ts';
import { componentOf } from '../kube/user.ts';
import { requiredFieldErrors } from '../schema/required-fields.ts';
import type { Asking, Deciding, Decision } from './decision.ts';
import { Draft } from './draft.ts';
import { added } from './events.ts';
import { type Ownership, sentAlone, trackFields } from './field-tracking.ts';
import { shareWithLast } from './like-objects.ts';
import { admit, defaults, genericMetadataErrors, mutate, ownMetadataErrors, refuse, type Stage, through } from './stages.ts';
import { toStorageVersion } from './to-storage-version.ts';

/** A new object, in the order of apiserver/pkg/endpoints/handlers/create.go and rest.BeforeCreate; whether its name is free is seen last of all. */
const stages: readonly Stage[] = [
  defaults,
  trackFields,
  mutate,
  defaults,
  refuseEscalation,
  prepare,
  validate,
  authorizeCreation,
  admit,
  defaultsWhenKept,
  checkIsNew,
  shareWithLast,
  toStorageVersion,
];

/** Throws 403, 404 (no such namespace), 409 (the name is taken), 422. */
export function decideCreate(
  { object: given, manager, named }: CreateMutation,
  resource: ApiResource,
  context: Deciding,
  tracked?: Ownership,
): Decision | Asking {
  if (resource.custom?.terminating) throw forbidden(resource, given.metadata.name ?? '', TERMINATING);
  const object = clone(given);
  const { namespace, name = '', managedFields: sentManagedFields } = object.metadata;
  delete object.metadata.managedFields;
  const ownership = tracked ?? { manager: manager ?? { name: componentOf(context.actor) }, sentManagedFields };
  const draft = new Draft(
    {
      operation: 'CREATE',
      resource,
      subresource: undefined,
      namespace,
      name,
      requestName: named ? name : '',
      object,
      old: undefined,
      ...ownership,
      sent: sentAlone(given, resource, ownership),
    },
    context,
  );
  return through(stages, draft) ?? added(draft.object, draft);
}

const TERMINATING = 'create not allowed while custom resource definition is terminating';

/** What the server owns, the client cannot set (rest.BeforeCreate, FillObjectMetaSystemFields). */
function prepare(draft: Draft): void {
  const { resource, object, env, now } = draft;
  const { strategy } = resource;
  const { metadata } = object;
  if (!metadata.name && metadata.generateName !== undefined) metadata.name = generatedName(draft);
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.selfLink;
  delete metadata.generation;
  // Its own uid is written before those of its owners, as Kubernetes writes them.
  const { ownerReferences } = metadata;
  delete metadata.ownerReferences;
  metadata.uid = env.ids.uid();
  metadata.creationTimestamp = timestamp(now);
  if (ownerReferences) metadata.ownerReferences = ownerReferences;
  if (strategy.generation) metadata.generation = 1;
  if (!resource.namespaced) delete metadata.namespace;
  strategy.prepareForCreate?.(object, draft);
  setNoEffectCondition(resource, object, now);
}

// apiserver/pkg/storage/names: 63 characters with the suffix.
const MAX_GENERATED_PREFIX = 58;
/** How often a name is drawn that turns out to be taken (apiserver/pkg/registry/generic/registry, maxNameGenerationCreateAttempts). */
const DRAWS = 8;

function generatedName({ resource: { storedAs }, object: { metadata }, state, namespace, env }: Draft): string {
  const prefix = metadata.generateName!.slice(0, MAX_GENERATED_PREFIX);
  let name = '';
  for (let i = 0; i < DRAWS; i++) {
    name = `${prefix}${env.ids.suffix()}`;
    if (!state.get(storedAs, namespace, name)) break;
  }
  return name;
}

function validate(draft: Draft): void {
  const { resource, object } = draft;
  const { strategy } = resource;
  const own = strategy.validate?.(object) ?? requiredFieldErrors(object, resource.storageVersion.type);
  refuse(resource, object, [...ownMetadataErrors(resource, object), ...own, ...(strategy.validateCreate?.(object, draft) ?? [])]);
  // What the rules of a kind let pass, those of all do too, but for what these leave out.
  if (strategy.metadataRules === 'generic' || strategy.anyGenerateName) refuse(resource, object, genericMetadataErrors(resource, object));
}

/** A user who may change what is there may not therefore make what is not: asked once the object is valid (apiserver/pkg/endpoints/handlers/update.go, withAuthorization). Throws 403. */
function authorizeCreation({ requestName: name, user, resource: { group, resource }, version, namespace, state }: Draft): void {
  if (name === '') return;
  const attributes = { user, verb: 'create', group, version, resource, ...(namespace && { namespace }), name };
  const { allowed, reason } = clusterAuthorizer.authorize(attributes, state);
  if (!allowed) throw refused(attributes, reason);
}

function defaultsWhenKept(draft: Draft): void {
  if (draft.resource.strategy.defaultsWhenKept) defaults(draft);
}

/** What the storage refuses. */
function checkIsNew({ resource, object, state, name, namespace }: Draft): void {
  const { metadata } = object;
  if (metadata.resourceVersion) throw plainError('resourceVersion should not be set on objects to be created');
  const there = state.get(resource.storedAs, namespace, metadata.name);
  if (!there) return;
  const refused = alreadyExists(resource, metadata.name);
  // rest.CheckGeneratedNameError
  if (!name) refused.status.message += ', the server was not able to generate a unique name for the object';
  if (there.metadata.deletionTimestamp) refused.status.message = `object is being deleted: ${refused.status.message}`;
  throw refused;
}

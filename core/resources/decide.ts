import type { Env } from '../env.ts';
import type { LogEvent, Offset } from '../log/log.ts';
import { diff } from '../log/patch.ts';
import { clone, type KubeObject, keyOf, same, timestamp } from '../object.ts';
import type { State } from '../projection/state.ts';
import { alreadyExists, badRequest, conflict, type FieldError, forbidden, invalid, modifiedConflict, notFound } from '../status.ts';
import { requiredFieldErrors } from './decode.ts';
import type { BindMutation, CreateMutation, DeleteMutation, Mutation, UpdateMutation } from './mutation.ts';
import { resourceByGroupResource } from './registry.ts';
import type { Resource } from './resource.ts';
import type { StrategyContext } from './strategy.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from './validation/metadata.ts';

/**
 * Turns a mutation into the events that carry it out, by the rules that all kinds share (Kubernetes' generic registry:
 * apiserver/pkg/registry/generic/registry/store.go, rest/create.go, rest/update.go, rest/delete.go) and the strategy of its kind.
 * Clients and reconcilers come through here alike. Pure: nothing is written; the caller appends the events, or drops them (dry run).
 *
 * Throws a StatusError, with nothing changed, when the mutation is refused: NotFound, AlreadyExists, Conflict, Invalid, Forbidden, BadRequest.
 */
export function decide(state: State, mutation: Mutation, context: DecideContext): Decision {
  const resource = resourceByGroupResource(mutation.resource);
  if (!resource) throw new Error(`no such resource: ${mutation.resource}`);
  const strategyContext = { state, env: context.env, now: context.now, actor: context.actor };
  switch (mutation.type) {
    case 'create':
      return decideCreate(resource, mutation, strategyContext, context);
    case 'update':
      return decideUpdate(resource, mutation, strategyContext, context);
    case 'delete':
      return decideDelete(resource, mutation, strategyContext, context);
    case 'bind':
      return decideBind(resource, mutation, strategyContext, context);
  }
}

export interface DecideContext {
  readonly env: Env;
  /** ms since the epoch */
  readonly now: number;
  readonly actor: string;
  readonly cause?: Offset;
}

export interface Decision {
  /** None when nothing changes (an update to what is there already). */
  readonly events: readonly LogEvent[];
  /** The object as it will be, its resourceVersion still that of before (none when created); a deleted one as it was last. */
  readonly object: KubeObject;
  readonly deleted: boolean;
}

function decideCreate(resource: Resource, { object: given }: CreateMutation, context: StrategyContext, origin: DecideContext): Decision {
  const { strategy } = resource;
  const object = clone(given);
  const { metadata } = object;
  if (metadata.resourceVersion) throw badRequest('resourceVersion should not be set on objects to be created');
  if (resource.namespaced) admitToNamespace(resource, object, context.state);
  strategy.defaults?.(object);

  // rest.FillObjectMetaSystemFields and BeforeCreate: what the server owns, the client cannot set.
  if (!metadata.name && metadata.generateName) metadata.name = `${metadata.generateName.slice(0, 58)}${context.env.ids.suffix()}`;
  delete metadata.resourceVersion;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.selfLink;
  delete metadata.generation;
  metadata.uid = context.env.ids.uid();
  metadata.creationTimestamp = timestamp(context.now);
  if (strategy.generation) metadata.generation = 1;
  if (!resource.namespaced) delete metadata.namespace;

  strategy.prepareForCreate?.(object, context);
  strategy.admit?.(object, undefined, context);
  refuse(resource, object, [...metaErrors(resource, object), ...(strategy.validate?.(object) ?? requiredFieldErrors(object, definitionOf(resource)))]);
  if (context.state.get(resource.groupResource, metadata.namespace, metadata.name)) throw alreadyExists(resource, metadata.name);
  return { events: [{ type: 'ADDED', key: keyIn(resource, object), object, ...by(origin) }], object, deleted: false };
}

function decideUpdate(resource: Resource, { object: given, subresource }: UpdateMutation, context: StrategyContext, origin: DecideContext): Decision {
  const { strategy } = resource;
  const { namespace, name, uid, resourceVersion } = given.metadata;
  const previous = context.state.get(resource.groupResource, resource.namespaced ? namespace : undefined, name);
  if (!previous) throw notFound(resource, name);
  if (uid && uid !== previous.metadata.uid) {
    throw conflict(resource, name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${previous.metadata.uid}`);
  }
  if (resourceVersion && resourceVersion !== previous.metadata.resourceVersion) throw modifiedConflict(resource, name);

  const object = subresource === 'status' ? withStatusOf(given, previous) : withSpecOf(resource, given, previous, subresource);
  if (subresource === 'status') {
    strategy.prepareForStatusUpdate?.(object, previous);
    refuse(resource, object, [...validateObjectMetaUpdate(object, previous), ...(strategy.validateStatusUpdate?.(object, previous) ?? [])]);
  } else {
    strategy.defaults?.(object);
    strategy.prepareForUpdate?.(object, previous, context);
    strategy.admit?.(object, previous, context);
    const own = strategy.validate?.(object) ?? requiredFieldErrors(object, definitionOf(resource));
    refuse(resource, object, [
      ...validateObjectMetaUpdate(object, previous),
      ...metaErrors(resource, object),
      ...own,
      ...(strategy.validateUpdate?.(object, previous) ?? []),
    ]);
    if (strategy.generation && !same(withoutMetadataAndStatus(object), withoutMetadataAndStatus(previous))) {
      object.metadata.generation = (previous.metadata.generation ?? 0) + 1;
    }
  }

  // ShouldDeleteDuringUpdate: the update that takes the last finalizer off a deleted object lets it go.
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata;
  const held = previous.metadata.finalizers?.length || strategy.pendingDeletion?.(previous);
  if (deletionTimestamp && held && !finalizers?.length && !strategy.pendingDeletion?.(object) && !deletionGracePeriodSeconds) {
    return { events: [{ type: 'DELETED', key: keyIn(resource, object), ...by(origin) }], object, deleted: true };
  }
  return modified(resource, object, previous, origin);
}

function decideDelete(resource: Resource, mutation: DeleteMutation, context: StrategyContext, origin: DecideContext): Decision {
  const { strategy } = resource;
  const { namespace, name, preconditions, gracePeriodSeconds: requested, propagationPolicy } = mutation;
  const previous = context.state.get(resource.groupResource, namespace, name);
  if (!previous) throw notFound(resource, name);
  const { uid, resourceVersion } = preconditions ?? {};
  if (uid && uid !== previous.metadata.uid) {
    throw conflict(resource, name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${previous.metadata.uid}`);
  }
  if (resourceVersion && resourceVersion !== previous.metadata.resourceVersion) {
    throw conflict(
      resource,
      name,
      `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${previous.metadata.resourceVersion}`,
    );
  }

  const finalizers = finalizersFor(previous, propagationPolicy ?? strategy.defaultPropagation);
  const already = previous.metadata.deletionTimestamp !== undefined;
  const grace = strategy.gracePeriodSeconds?.(previous, requested) ?? 0;
  const object: KubeObject = { ...previous, metadata: { ...previous.metadata } };
  if (finalizers.length > 0) object.metadata.finalizers = finalizers;
  else delete object.metadata.finalizers;

  const pending = grace > 0 || finalizers.length > 0 || strategy.pendingDeletion?.(previous);
  if (!pending) return { events: [{ type: 'DELETED', key: keyIn(resource, object), ...by(origin) }], object: previous, deleted: true };

  // BeforeDelete: a deletion under way can only be made shorter.
  const current = previous.metadata.deletionGracePeriodSeconds ?? 0;
  if (!already || (requested !== undefined && grace < current)) {
    const started = already ? Date.parse(previous.metadata.deletionTimestamp!) - current * 1000 : context.now;
    object.metadata.deletionTimestamp = timestamp(started + grace * 1000);
    object.metadata.deletionGracePeriodSeconds = grace;
    if (object.metadata.generation) object.metadata.generation++;
    strategy.markDeleted?.(object);
  }
  return modified(resource, object, previous, origin);
}

/** registry/core/pod/storage BindingREST: a pod is assigned once, while it is neither deleted nor held back by scheduling gates. */
function decideBind(resource: Resource, { namespace, name, node, uid, annotations }: BindMutation, context: StrategyContext, origin: DecideContext): Decision {
  const previous = context.state.get(resource.groupResource, namespace, name);
  if (!previous) throw notFound(resource, name);
  const { metadata, spec, status } = previous;
  if (uid && uid !== metadata.uid) throw conflict(resource, name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`);
  if (metadata.deletionTimestamp) throw conflict({ group: '', resource: 'pods/binding' }, name, `pod ${name} is being deleted, cannot be assigned to a host`);
  if (spec.nodeName) throw conflict({ group: '', resource: 'pods/binding' }, name, `pod ${name} is already assigned to node "${spec.nodeName}"`);
  if (spec.schedulingGates?.length) throw conflict({ group: '', resource: 'pods/binding' }, name, `pod ${name} has non-empty .spec.schedulingGates`);
  const condition = { type: 'PodScheduled', status: 'True', lastTransitionTime: timestamp(context.now) };
  const others = (status?.conditions ?? []).filter(({ type }: { type: string }) => type !== 'PodScheduled');
  const object: KubeObject = {
    ...previous,
    metadata: annotations ? { ...metadata, annotations: { ...metadata.annotations, ...annotations } } : metadata,
    spec: { ...spec, nodeName: node },
    status: { ...status, conditions: [...others, condition] },
  };
  return modified(resource, object, previous, origin);
}

function modified(resource: Resource, object: KubeObject, previous: KubeObject, origin: DecideContext): Decision {
  const key = keyIn(resource, object);
  const patch = diff(previous, object);
  if (patch && Object.keys(patch).length === 0) return { events: [], object: previous, deleted: false };
  const event: LogEvent = patch ? { type: 'MODIFIED', key, patch, ...by(origin) } : { type: 'MODIFIED', key, object, ...by(origin) };
  return { events: [event], object, deleted: false };
}

/** The NamespaceLifecycle admission plugin: objects come into namespaces that exist and stay. */
function admitToNamespace(resource: Resource, object: KubeObject, state: State): void {
  const { namespace, name, generateName } = object.metadata;
  const into = state.get('namespaces', undefined, namespace!);
  if (!into) throw notFound({ group: '', resource: 'namespaces' }, namespace ?? '');
  if (into.metadata.deletionTimestamp) {
    const refused = forbidden(resource, name || generateName || '', `unable to create new content in namespace ${namespace} because it is being terminated`);
    refused.status.details!.causes = [{ reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' }];
    throw refused;
  }
}

/** What a full update may set: all but what the server owns, and status where status has its own subresource. */
function withSpecOf(resource: Resource, given: KubeObject, previous: KubeObject, subresource: string | undefined): KubeObject {
  const object: KubeObject = clone({ ...given, metadata: ownedMetadata(given, previous) });
  const keepsStatus = !subresource && resource.versions.some(({ subresources }) => 'status' in subresources);
  if (keepsStatus) {
    if (previous.status === undefined) delete object.status;
    else object.status = previous.status;
  }
  return object;
}

/** What a status update may set: status and annotations; the rest stays (each kind's statusStrategy.PrepareForUpdate). */
function withStatusOf(given: KubeObject, previous: KubeObject): KubeObject {
  const metadata = { ...previous.metadata };
  if (given.metadata.annotations) metadata.annotations = given.metadata.annotations;
  const { status: _, ...rest } = previous;
  return { ...rest, metadata, ...(given.status !== undefined && { status: given.status }) };
}

function ownedMetadata(given: KubeObject, previous: KubeObject): KubeObject['metadata'] {
  const { uid, resourceVersion, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation, generateName, namespace } = previous.metadata;
  const metadata = { ...given.metadata, uid, resourceVersion, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation, namespace };
  if (metadata.generateName === undefined) metadata.generateName = generateName;
  delete metadata.selfLink;
  for (const name of Object.keys(metadata) as (keyof typeof metadata)[]) if (metadata[name] === undefined) delete metadata[name];
  return metadata;
}

/** `deletionFinalizersForGarbageCollection`: how dependents are to be treated is kept as a finalizer of the deleted object. */
function finalizersFor(object: KubeObject, policy: 'Background' | 'Foreground' | 'Orphan' | undefined): string[] {
  const finalizers = object.metadata.finalizers ?? [];
  if (policy === undefined) return finalizers;
  const others = finalizers.filter((name) => name !== 'orphan' && name !== 'foregroundDeletion');
  if (policy === 'Orphan') return [...others, 'orphan'];
  if (policy === 'Foreground') return [...others, 'foregroundDeletion'];
  return others;
}

function withoutMetadataAndStatus({ metadata: _m, status: _s, ...rest }: KubeObject): unknown {
  return rest;
}

function metaErrors(resource: Resource, object: KubeObject): FieldError[] {
  return validateObjectMeta(object, { namespaced: resource.namespaced, nameFormat: resource.strategy.nameFormat ?? 'subdomain' });
}

function refuse(resource: Resource, object: KubeObject, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid({ group: resource.group, kind: resource.kind }, object.metadata.name ?? '', errors);
}

const definitionOf = (resource: Resource): string => resource.versions[0]!.type;

const keyIn = (resource: Resource, object: KubeObject) =>
  keyOf(resource.groupResource, resource.namespaced ? object.metadata.namespace : undefined, object.metadata.name);

const by = ({ actor, cause }: DecideContext) => ({ actor, ...(cause !== undefined && { cause }) });

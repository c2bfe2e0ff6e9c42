import { apisOf } from '../../apis/apis.ts';
import type { RestoredObject, RestoredStatus } from '../../apis/logplane/restored-objects.ts';
import type { Mutation } from '../../apis/mutation.ts';
import type { ClusterInstant } from '../../instant.ts';
import { type Key, type KubeObject, parseKey, same } from '../../kube/object.ts';
import { StatusError, unknownPath } from '../../kube/status.ts';
import type { FieldManager } from '../../log/event.ts';
import type { State } from '../../state/state.ts';
import { withContent } from '../../undo/content.ts';
import { ownedByThoseThere } from '../../undo/owners.ts';
import type { Conflict, ObjectChange, Plan } from '../../undo/plan.ts';
import { recreated } from '../../undo/recreated.ts';
import { answerObject } from '../answers/answers.ts';
import type { WriteCall } from '../call.ts';
import { fieldManagerOf } from '../request/field-manager.ts';
import type { Verb } from '../request/request-info.ts';
import { refuseUnlessStillPermitted } from '../request/still-permitted.ts';
import { callWithin } from '../transactions/call-within.ts';
import { refusedAt } from '../transactions/refused-at.ts';
import type { Came, Script, Write } from '../write.ts';

interface Carried {
  /** The record of it. */
  readonly given: KubeObject;
  readonly force: boolean;
  readonly dryRun: boolean;
  /** What is to be done, by the newest state. Pure. Throws the Status that refuses it. */
  readonly planOf: (state: State) => Plan;
}

/**
 * A record of changes to many objects, and the changes, as one entry: each authorized as a request of its user, and admitted as one. Answers 201. Throws 403 for what its user may not do, 409
 * with all that is in the way, what a change is refused with, and 413 where all of it does not fit into one entry; nothing is written then.
 */
export function carryOut(call: WriteCall, { given, force, dryRun, planOf }: Carried): Write {
  const resource = call.target.resource.groupResource;
  const manager = fieldManagerOf(call);

  function* plan(state: State, now: ClusterInstant): Script {
    const { offset, changes, skipped, conflicts } = planOf(state);
    for (const change of changes) permit(call, change, { state, now });
    const standing = force ? conflicts.filter(({ isFinal }) => isFinal) : conflicts;
    if (standing.length > 0) throw inTheWay(call, given, standing);
    const created = yield { mutation: { type: 'create', resource, object: given, manager } };
    const cause = created.state.offset - created.decision.events.length + 1;
    const objects: RestoredObject[] = [];
    let left = created.state;
    for (const change of changes) {
      try {
        const came = yield { mutation: mutationOf(change, left, manager), call: requestFor(call, change, left), cause };
        left = came.state;
        objects.push(resultOf(change, came, dryRun));
      } catch (error) {
        throw refusedAt(nameOf(change.key), error);
      }
    }
    const status = { ...(!dryRun && { request: cause }), ...statusOf(objects, { offset, skipped }) };
    const record = { ...created.decision.object, status } as KubeObject;
    yield { mutation: { type: 'update', resource, object: record, subresource: 'status' }, isNote: true };
  }

  return { dryRun, atomic: true, namesOffsets: true, plan, answer: (written) => answerObject(call, written.at(-1)!.object, 201) };
}

/** Whether the user may do this, and may see what comes of it. What is to be served again is asked for by the name that it had. */
function permit(call: WriteCall, { key, operation }: ObjectChange, { state, now }: { state: State; now: ClusterInstant }): void {
  const { resource: groupResource, namespace, name } = parseKey(key);
  const [resource = '', ...group] = groupResource.split('.');
  const version = apisOf(state).resource(groupResource)?.versions[0]?.version ?? '';
  for (const verb of ['get', verbs[operation]]) {
    const named = verb === 'create' ? undefined : name;
    // A namespace is in itself, as in any request.
    const within = groupResource === 'namespaces' ? named : namespace;
    const attributes = {
      user: call.user,
      verb,
      group: group.join('.'),
      version,
      resource,
      ...(within && { namespace: within }),
      ...(named && { name: named }),
    };
    refuseUnlessStillPermitted({ ...call, attributes }, state, now);
  }
}

const verbs = { Create: 'create', Update: 'update', Delete: 'delete' } as const satisfies Record<ObjectChange['operation'], Verb>;

/** The request that a change stands for. Throws 404 where its kind is not served: its definition comes before it. */
function requestFor(call: WriteCall, { key, operation }: ObjectChange, state: State): WriteCall {
  const { resource: groupResource, namespace, name } = parseKey(key);
  const resource = apisOf(state).resource(groupResource);
  if (!resource) throw unknownPath();
  const { group, resource: plural, versions } = resource;
  const verb = verbs[operation];
  const within = {
    verb,
    group,
    version: versions[0]!.version,
    resource: plural,
    namespace: namespace || undefined,
    name: verb === 'create' ? undefined : name,
  };
  return callWithin(call, within, state);
}

function mutationOf(change: ObjectChange, state: State, manager: FieldManager): Mutation {
  const { resource, namespace, name } = parseKey(change.key);
  if (change.operation === 'Delete') {
    return { type: 'delete', resource, ...(namespace && { namespace }), name, preconditions: { uid: change.object.metadata.uid! } };
  }
  if (change.operation === 'Create') return { type: 'create', resource, object: recreated(resource, change.object, state), manager };
  const changed = withContent(change.object, change.content);
  const hasSameOwners = same(changed.metadata.ownerReferences, change.object.metadata.ownerReferences);
  const object = hasSameOwners ? changed : ownedByThoseThere(changed, state);
  return { type: 'update', resource, object, replace: true, patched: true, manager };
}

const MAX_NAMED = 20;

/** 409 that names all that is in the way, as far as that is not too much. */
function inTheWay({ target }: WriteCall, { metadata }: KubeObject, conflicts: readonly Conflict[]): StatusError {
  const { group, resource, groupResource } = target.resource;
  const told = conflicts.slice(0, MAX_NAMED).map(({ key, why }) => `${nameOf(key)}: ${why}`);
  const more = conflicts.length > MAX_NAMED ? [`and ${conflicts.length - MAX_NAMED} more`] : [];
  const name = metadata.name ?? metadata.generateName ?? '';
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `Operation cannot be fulfilled on ${groupResource} ${JSON.stringify(name)}: ${[...told, ...more].join('; ')}`,
    reason: 'Conflict',
    details: {
      ...(name && { name }),
      group,
      kind: resource,
      causes: conflicts.map(({ key, why, field }) => ({
        reason: field ? 'FieldManagerConflict' : 'Conflict',
        message: `${nameOf(key)}: ${why}`,
        ...(field && { field }),
      })),
    },
    code: 409,
  });
}

/** `deployments.apps "shop/web"` */
function nameOf(key: Key): string {
  const { resource, namespace, name } = parseKey(key);
  return `${resource} ${JSON.stringify(namespace ? `${namespace}/${name}` : name)}`;
}

function resultOf(change: ObjectChange, { state }: Came, dryRun: boolean): RestoredObject {
  const { operation, key } = change;
  const { resource, namespace, name } = parseKey(key);
  const resourceVersion = dryRun ? undefined : state.get(resource, namespace, name)?.metadata.resourceVersion;
  return {
    operation,
    resource,
    ...(namespace && { namespace }),
    name,
    ...(change.operation === 'Update' && { fields: change.fields }),
    ...(resourceVersion && { resourceVersion }),
  };
}

function statusOf(objects: readonly RestoredObject[], { offset, skipped }: Pick<Plan, 'offset' | 'skipped'>): RestoredStatus {
  const count = (operation: RestoredObject['operation']) => objects.filter((object) => object.operation === operation).length;
  return {
    offset,
    created: count('Create'),
    changed: count('Update'),
    removed: count('Delete'),
    objects,
    ...(skipped.length > 0 && {
      skipped: skipped.slice(0, MAX_SKIPPED).map(({ key, reason }) => {
        const { resource, namespace, name } = parseKey(key);
        return { resource, ...(namespace && { namespace }), name, reason };
      }),
    }),
  };
}

const MAX_SKIPPED = 100;

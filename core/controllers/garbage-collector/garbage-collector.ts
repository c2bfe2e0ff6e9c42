import { apisOf, changesApis } from '../../apis/apis.ts';
import type { Mutation } from '../../apis/mutation.ts';
import { type Key, type KubeObject, keyOf, type OwnerReference, parseKey, same } from '../../kube/object.ts';
import { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { Change } from '../../state/change.ts';
import type { State } from '../../state/state.ts';
import { type Controller, type ControllerResult, nothing } from '../controller.ts';
import { withoutFinalizer } from '../shared/finalizers.ts';
import { deletionOf, updateTo } from '../shared/mutations.ts';
import { FOREGROUND, ORPHAN, outOfReach, ownersOf } from './owners.ts';

/**
 * Deletes what its owners left behind, and carries out how a deletion is to treat dependents: background, foreground or orphan
 * (Kubernetes documentation, "Garbage Collection"; pkg/controller/garbagecollector). Its primaries are objects of every resource but Events (graph_builder.go,
 * DefaultIgnoredResources).
 */
export const garbageCollector: Controller = {
  name: 'generic-garbage-collector',
  resource: 'namespaces',
  watches: { '*': concerned },
  primaries: allOwnedOrHeld,
  reconcile({ key, object, state, now, env }) {
    if (!object) return nothing;
    const { resource } = parseKey(key);
    // What is no longer served is left as it is, as by Kubernetes, which learns from discovery what there is.
    if (!apisOf(state).resource(resource)) return nothing;
    const { deletionTimestamp, finalizers = [], ownerReferences = [] } = object.metadata;
    if (deletionTimestamp && finalizers.includes(ORPHAN)) return orphan(resource, object, state);
    if (deletionTimestamp && finalizers.includes(FOREGROUND)) return foreground(resource, object, state);
    if (ownerReferences.length === 0 || deletionTimestamp) return nothing;
    const recorder = new EventRecorder({ state, component: 'garbage-collector-controller', now, env });
    for (const reference of outOfReach(object, state)) recorder.warningOnce(object, 'OwnerRefInvalidNamespace', invalidNamespace(reference, object));
    return { mutations: [...collect(resource, object, state).mutations, ...recorder.mutations()] };
  },
};

const invalidNamespace = ({ apiVersion, kind, name, uid }: OwnerReference, { metadata: { namespace = '' } }: KubeObject): string =>
  `ownerRef [${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}] does not exist in namespace ${JSON.stringify(namespace)}`;

/** An object with owners: it goes when all of them are gone or wait for it to go; references to those that are gone go otherwise. */
function collect(resource: string, object: KubeObject, state: State): ControllerResult {
  const owners = ownersOf(object, state);
  if (!owners) return nothing;
  const { solid, dangling, waiting, orphaning } = owners;
  if (dangling.length + waiting.length + orphaning.length === 0) return nothing;
  // An owner that orphans it leaves it to itself, as one that stays does.
  if (solid.length + orphaning.length > 0) return { mutations: [withOwners(resource, object, solid)] };
  if (waiting.length > 0) return { mutations: collectForeground(resource, object, state) };
  const { finalizers = [] } = object.metadata;
  const propagationPolicy = finalizers.includes(ORPHAN) ? 'Orphan' : finalizers.includes(FOREGROUND) ? 'Foreground' : 'Background';
  return { mutations: [{ ...deletionOf(resource, object), propagationPolicy }] };
}

/** An object whose owner waits for it to go: its own dependents go first, too. */
function collectForeground(resource: string, object: KubeObject, state: State): Mutation[] {
  const dependents = state.by('owner', object.metadata.uid!);
  if (dependents.length === 0) return [{ ...deletionOf(resource, object), propagationPolicy: 'Background' }];
  // Where a dependent waits in turn, there may be a circle of owners: it would never end.
  const circular = dependents.some(({ metadata }) => metadata.deletionTimestamp && metadata.finalizers?.includes(FOREGROUND));
  const unblocked = object.metadata.ownerReferences!.map((ref) => ({ ...ref, blockOwnerDeletion: false }));
  return [...(circular ? [withOwners(resource, object, unblocked)] : []), { ...deletionOf(resource, object), propagationPolicy: 'Foreground' }];
}

/** Deleted with its dependents to stay: they lose their reference to it, then it may go. */
function orphan(resource: string, object: KubeObject, state: State): ControllerResult {
  const mutations: Mutation[] = [];
  for (const key of state.keys('owner', object.metadata.uid!)) {
    const { resource: dependents, namespace, name } = parseKey(key);
    const dependent = state.get(dependents, namespace, name)!;
    // Whichever owner of several is looked at first, in one pass all come to the same: those that stay.
    const solid = ownersOf(dependent, state)?.solid ?? dependent.metadata.ownerReferences!.filter(({ uid }) => uid !== object.metadata.uid);
    mutations.push(withOwners(dependents, dependent, solid));
  }
  return { mutations: [...mutations, updateTo(resource, withoutFinalizer(object, ORPHAN))] };
}

/** Deleted after its dependents: those that block it must be gone. The dependents themselves are collected as primaries of their own. */
function foreground(resource: string, object: KubeObject, state: State): ControllerResult {
  const blocked = state
    .by('owner', object.metadata.uid!)
    .some((dependent) => dependent.metadata.ownerReferences?.some((ref) => ref.uid === object.metadata.uid && ref.blockOwnerDeletion));
  return blocked ? nothing : { mutations: [updateTo(resource, withoutFinalizer(object, FOREGROUND))] };
}

function withOwners(resource: string, object: KubeObject, owners: readonly OwnerReference[]): Mutation {
  const { ownerReferences: _, ...metadata } = object.metadata;
  return updateTo(resource, { ...object, metadata: { ...metadata, ...(owners.length > 0 && { ownerReferences: [...owners] }) } });
}

/** Which primaries a change of any object touches. */
function concerned(change: Change, state: State): Key[] {
  const { type, key, object, previous } = change;
  if (key.startsWith('events/')) return [];
  // An owner of a kind that was not served could not be told from one that is gone.
  if (changesApis(change)) return [...allOwnedOrHeld(state)];
  const { metadata } = object;
  if (type === 'DELETED') return [...state.keys('owner', metadata.uid!), ...waitingOwners(object, state)];
  const before = previous?.metadata;
  const keys: Key[] = [];
  const deleting = metadata.deletionTimestamp !== undefined && (before?.deletionTimestamp === undefined || !same(before.finalizers, metadata.finalizers));
  if (deleting) keys.push(key, ...(metadata.finalizers?.includes(FOREGROUND) ? state.keys('owner', metadata.uid!) : []));
  if (metadata.ownerReferences && before?.ownerReferences !== metadata.ownerReferences) keys.push(key);
  if (before?.ownerReferences && before.ownerReferences !== metadata.ownerReferences) keys.push(...waitingOwners(previous!, state));
  return keys;
}

const waitingOwners = ({ metadata }: KubeObject, state: State): Key[] =>
  (metadata.ownerReferences ?? [])
    .filter(({ uid }) => state.by('uid', uid)[0]?.metadata.finalizers?.includes(FOREGROUND))
    .flatMap(({ uid }) => state.keys('uid', uid));

function* allOwnedOrHeld(state: State): Generator<Key> {
  for (const { groupResource } of apisOf(state).resources) {
    if (groupResource === 'events') continue;
    for (const { metadata } of state.list(groupResource)) {
      if (metadata.ownerReferences?.length || metadata.deletionTimestamp) yield keyOf(groupResource, metadata.namespace, metadata.name);
    }
  }
}

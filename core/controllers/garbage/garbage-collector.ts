import { type Key, type KubeObject, keyOf, type OwnerReference, parseKey, same } from '../../object.ts';
import type { Change, State } from '../../projection/state.ts';
import type { Mutation } from '../../resources/mutation.ts';
import { resources } from '../../resources/registry.ts';
import { type Controller, type ControllerResult, nothing } from '../controller.ts';
import { deletionOf, updateTo } from '../mutations.ts';

const FOREGROUND = 'foregroundDeletion';
const ORPHAN = 'orphan';

/**
 * Deletes what its owners left behind, and carries out how a deletion is to treat dependents: background, foreground or orphan
 * (Kubernetes documentation, "Garbage Collection"; pkg/controller/garbagecollector). Its primaries are objects of every resource.
 */
export const garbageCollector: Controller = {
  name: 'generic-garbage-collector',
  resource: 'namespaces',
  watches: { '*': concerned },
  primaries: allOwnedOrHeld,
  reconcile({ key, object, state }) {
    if (!object) return nothing;
    const { resource } = parseKey(key);
    const { deletionTimestamp, finalizers = [], ownerReferences = [] } = object.metadata;
    if (deletionTimestamp && finalizers.includes(ORPHAN)) return orphan(resource, object, state);
    if (deletionTimestamp && finalizers.includes(FOREGROUND)) return foreground(resource, object, state);
    return ownerReferences.length > 0 && !deletionTimestamp ? collect(resource, object, state) : nothing;
  },
};

/** An object with owners: it goes when all of them are gone or wait for it to go; references to those that are gone go otherwise. */
function collect(resource: string, object: KubeObject, state: State): ControllerResult {
  const { ownerReferences = [], finalizers = [] } = object.metadata;
  const solid: OwnerReference[] = [];
  let waiting = false;
  for (const ref of ownerReferences) {
    const owner = ownerOf(object, ref, state);
    if (!owner) continue;
    if (owner.metadata.deletionTimestamp && owner.metadata.finalizers?.includes(FOREGROUND)) waiting = true;
    else solid.push(ref);
  }
  if (solid.length === ownerReferences.length) return nothing;
  if (solid.length > 0) return { mutations: [updateTo(resource, { ...object, metadata: { ...object.metadata, ownerReferences: solid } })] };
  const asked = finalizers.includes(ORPHAN) ? 'Orphan' : finalizers.includes(FOREGROUND) ? 'Foreground' : 'Background';
  const propagationPolicy = waiting && state.keys('owner', object.metadata.uid!).length > 0 ? 'Foreground' : asked;
  return { mutations: [{ ...deletionOf(resource, object), propagationPolicy }] };
}

/** Deleted with its dependents to stay: they lose their reference to it, then it may go. */
function orphan(resource: string, object: KubeObject, state: State): ControllerResult {
  const mutations: Mutation[] = state.keys('owner', object.metadata.uid!).map((key) => {
    const { resource: dependents, namespace, name } = parseKey(key);
    const dependent = state.get(dependents, namespace, name)!;
    const { ownerReferences = [], ...metadata } = dependent.metadata;
    const others = ownerReferences.filter(({ uid }) => uid !== object.metadata.uid);
    return updateTo(dependents, { ...dependent, metadata: { ...metadata, ...(others.length > 0 && { ownerReferences: others }) } });
  });
  return { mutations: [...mutations, withoutFinalizer(resource, object, ORPHAN)] };
}

/** Deleted after its dependents: those that block it must be gone. The dependents themselves are collected as primaries of their own. */
function foreground(resource: string, object: KubeObject, state: State): ControllerResult {
  const blocked = state
    .by('owner', object.metadata.uid!)
    .some((dependent) => dependent.metadata.ownerReferences?.some((ref) => ref.uid === object.metadata.uid && ref.blockOwnerDeletion));
  return blocked ? nothing : { mutations: [withoutFinalizer(resource, object, FOREGROUND)] };
}

function withoutFinalizer(resource: string, object: KubeObject, finalizer: string): Mutation {
  const { finalizers = [], ...metadata } = object.metadata;
  const others = finalizers.filter((name) => name !== finalizer);
  return updateTo(resource, { ...object, metadata: { ...metadata, ...(others.length > 0 && { finalizers: others }) } });
}

/** A namespaced owner must be in the dependent's own namespace; one elsewhere counts as absent. */
function ownerOf(object: KubeObject, { uid }: OwnerReference, state: State): KubeObject | undefined {
  const [owner] = state.by('uid', uid);
  return owner && (!owner.metadata.namespace || owner.metadata.namespace === object.metadata.namespace) ? owner : undefined;
}

/** Which primaries a change of any object touches. */
function concerned({ type, key, object, previous }: Change, state: State): Key[] {
  const { metadata } = object;
  const keys: Key[] = [];
  if (type === 'DELETED') {
    keys.push(...state.keys('owner', metadata.uid!), ...waitingOwners(object, state));
  } else {
    const before = previous?.metadata;
    const deleting = metadata.deletionTimestamp !== undefined && (before?.deletionTimestamp === undefined || !same(before.finalizers, metadata.finalizers));
    if (deleting) keys.push(key, ...(metadata.finalizers?.includes(FOREGROUND) ? state.keys('owner', metadata.uid!) : []));
    if (metadata.ownerReferences && before?.ownerReferences !== metadata.ownerReferences) keys.push(key);
    if (before?.ownerReferences && before.ownerReferences !== metadata.ownerReferences) keys.push(...waitingOwners(previous!, state));
  }
  return keys;
}

const waitingOwners = ({ metadata }: KubeObject, state: State): Key[] =>
  (metadata.ownerReferences ?? [])
    .filter(({ uid }) => state.by('uid', uid)[0]?.metadata.finalizers?.includes(FOREGROUND))
    .flatMap(({ uid }) => state.keys('uid', uid));

function* allOwnedOrHeld(state: State): Generator<Key> {
  for (const { groupResource } of resources) {
    for (const { metadata } of state.list(groupResource)) {
      if (metadata.ownerReferences?.length || metadata.deletionTimestamp) yield keyOf(groupResource, metadata.namespace, metadata.name);
    }
  }
}

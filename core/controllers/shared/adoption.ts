import { selecting, selectorIndex } from '../../apis/label-selection.ts';
import type { UpdateMutation } from '../../apis/mutation.ts';
import { selects } from '../../kube/label-selector.ts';
import { controllerOf, controllerRef, type GroupResource, type Key, type KubeObject, keyOf, type OwnerReference, same } from '../../kube/object.ts';
import type { LabelSelector } from '../../schema/generated/kinds.ts';
import type { Change } from '../../state/change.ts';
import { type Index, index } from '../../state/indexes.ts';
import type { State } from '../../state/state.ts';
import { updateTo } from './mutations.ts';

/** Which dependents: the pods of a ReplicaSet, the ReplicaSets of a Deployment. */
interface Dependents {
  resource: GroupResource;
  kind: string;
}

export const pods: Dependents = { resource: 'pods', kind: 'Pod' };

/**
 * The dependents that an owner controls, by label selector and controller reference (pkg/controller/controller_ref_manager.go): those
 * that refer to it and match; it adopts what matches and has no controller, and lets go what no longer matches.
 */
export function claim<T extends KubeObject>(
  state: State,
  owner: KubeObject,
  { resource, kind }: Dependents,
  { selector, adoptable = () => true }: { selector: LabelSelector | undefined; adoptable?: (object: T) => boolean },
): { claimed: T[]; mutations: UpdateMutation[] } {
  const claimed: T[] = [];
  const mutations: UpdateMutation[] = [];
  const dying = owner.metadata.deletionTimestamp !== undefined;
  for (const object of controlledBy<T>(state, owner, kind)) {
    if (selects(selector, object.metadata.labels)) claimed.push(object);
    else if (!dying) mutations.push(updateTo(resource, withoutOwner(object, owner)));
  }
  if (dying) return { claimed, mutations };
  for (const orphan of orphansIn<T>(state, resource, owner.metadata.namespace!)) {
    if (!selects(selector, orphan.metadata.labels) || !adoptable(orphan)) continue;
    const adopted = withOwner(orphan, controllerRef(owner));
    claimed.push(adopted);
    mutations.push(updateTo(resource, adopted));
  }
  return { claimed, mutations };
}

/** The objects of a kind whose controller is `owner`. */
export const controlledBy = <T extends KubeObject>(state: State, owner: KubeObject, kind: string): T[] =>
  state.by<T>('owner', owner.metadata.uid!).filter((object) => object.kind === kind && controllerOf(object)?.uid === owner.metadata.uid);

/** The primary keys that a change of a dependent touches: of its controller, before and after; for an orphan, of all that could adopt it. */
export function enqueueOwners({ resource, kind }: Dependents, selectorOf = (owner: KubeObject): LabelSelector | undefined => owner.spec?.selector) {
  const owners = selectorIndex(resource, selectorOf);
  return ({ type, object, previous }: Change, state: State): Key[] => {
    const keys: Key[] = [];
    const { namespace } = object.metadata;
    const [now, before] = [controllerOf(object), previous && controllerOf(previous)];
    if (now?.kind === kind) keys.push(keyOf(resource, namespace, now.name));
    if (before?.kind === kind && before.uid !== now?.uid) keys.push(keyOf(resource, namespace, before.name));
    const newlyAdoptable = !previous || before !== undefined || !same(previous.metadata.labels, object.metadata.labels);
    if (!now && type !== 'DELETED' && newlyAdoptable) {
      for (const owner of selecting(owners, object, state)) keys.push(keyOf(resource, namespace, owner.metadata.name));
    }
    return keys;
  };
}

/** The primaries of a resource in the namespace of what came into being: a service account, say, for want of which their pods were refused. */
export const inNamespaceOfNew =
  (resource: GroupResource) =>
  ({ type, object }: Change, state: State): Key[] =>
    type === 'ADDED' ? state.list(resource, object.metadata.namespace).map(({ metadata }) => keyOf(resource, metadata.namespace, metadata.name)) : [];

const orphansIn = <T extends KubeObject>(state: State, resource: GroupResource, namespace: string): readonly T[] => state.by<T>(orphansOf(resource), namespace);

/** By namespace, the objects of a resource that have no controller and may be adopted. */
function orphansOf(resource: GroupResource): Index {
  let orphans = orphanIndexes.get(resource);
  if (!orphans) {
    orphans = index([resource], (_key, object) => (controllerOf(object) || object.metadata.deletionTimestamp ? [] : [object.metadata.namespace ?? '']));
    orphanIndexes.set(resource, orphans);
  }
  return orphans;
}

const orphanIndexes = new Map<GroupResource, Index>();

const withOwner = <T extends KubeObject>(object: T, owner: OwnerReference): T => ({
  ...object,
  metadata: { ...object.metadata, ownerReferences: [...(object.metadata.ownerReferences ?? []), owner] },
});

function withoutOwner<T extends KubeObject>(object: T, owner: KubeObject): T {
  const { ownerReferences = [], ...metadata } = object.metadata;
  const others = ownerReferences.filter(({ uid }) => uid !== owner.metadata.uid);
  return { ...object, metadata: { ...metadata, ...(others.length > 0 && { ownerReferences: others }) } };
}

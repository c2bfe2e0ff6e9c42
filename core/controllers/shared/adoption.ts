import { selecting, selectorIndex } from '../../apis/label-selection.ts';
import type { UpdateMutation } from '../../apis/mutation.ts';
import { selects } from '../../kube/label-selector.ts';
import { controllerOf, controllerRef, type GroupResource, type Key, type KubeObject, keyOf, type OwnerReference, same } from '../../kube/object.ts';
import type { LabelSelector } from '../../schema/generated/kinds.ts';
import type { KindOf } from '../../schema/kind-of.ts';
import type { Change } from '../../state/change.ts';
import { type Index, index } from '../../state/indexes.ts';
import type { State } from '../../state/state.ts';
import { updateTo } from './mutations.ts';

/** Which dependents: the pods of a ReplicaSet, the ReplicaSets of a Deployment. */
export interface Dependents<R extends GroupResource = GroupResource> {
  resource: R;
  kind: string;
}

export const pods: Dependents<'pods'> = { resource: 'pods', kind: 'Pod' };

/**
 * The dependents that an owner controls, by label selector and controller reference (pkg/controller/controller_ref_manager.go): those
 * that refer to it and match; it adopts what matches and has no controller, and lets go what no longer matches.
 */
export function claim<R extends GroupResource>(
  state: State,
  owner: KubeObject,
  dependents: Dependents<R>,
  { selector, adoptable = () => true }: { selector: LabelSelector | undefined; adoptable?: (object: KindOf<R>) => boolean },
): { claimed: KindOf<R>[]; mutations: UpdateMutation[] } {
  // Nothing is written here but metadata, which all kinds have.
  const resource: GroupResource = dependents.resource;
  const claimed: KindOf<R>[] = [];
  const mutations: UpdateMutation[] = [];
  const write = (object: KubeObject) => mutations.push(updateTo(resource, object));
  const dying = owner.metadata.deletionTimestamp !== undefined;
  for (const object of controlledBy(state, owner, dependents)) {
    if (selects(selector, object.metadata.labels)) claimed.push(object);
    else if (!dying) write(withoutOwner(object, owner));
  }
  if (dying) return { claimed, mutations };
  for (const orphan of orphansIn(state, dependents.resource, owner.metadata.namespace!)) {
    if (!selects(selector, orphan.metadata.labels) || !adoptable(orphan)) continue;
    const adopted = withOwner(orphan, controllerRef(owner));
    claimed.push(adopted);
    write(adopted);
  }
  return { claimed, mutations };
}

/** The objects of a kind whose controller is `owner`. */
export const controlledBy = <R extends GroupResource>(state: State, owner: KubeObject, { kind }: Dependents<R>): KindOf<R>[] =>
  state.by('owner', owner.metadata.uid!).filter((object) => object.kind === kind && controllerOf(object)?.uid === owner.metadata.uid) as KindOf<R>[];

/** The primary keys that a change of a dependent touches: of its controller, before and after; for an orphan, of all that could adopt it. */
export function enqueueOwners<R extends GroupResource>({ resource, kind }: Dependents<R>, selectorOf: (owner: KindOf<R>) => LabelSelector | undefined) {
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

/** What most owners select their dependents by. */
export const specSelector = ({ spec }: { spec?: { selector?: LabelSelector } }): LabelSelector | undefined => spec?.selector;

/** The primaries of a resource in the namespace of what came into being: a service account, say, for want of which their pods were refused. */
export const inNamespaceOfNew =
  (resource: GroupResource) =>
  ({ type, object }: Change, state: State): Key[] =>
    type === 'ADDED' ? state.list(resource, object.metadata.namespace).map(({ metadata }) => keyOf(resource, metadata.namespace, metadata.name)) : [];

const orphansIn = <R extends GroupResource>(state: State, resource: R, namespace: string) => state.by(orphansOf(resource), namespace) as readonly KindOf<R>[];

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

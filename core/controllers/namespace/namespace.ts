import { apisOf, changesApis } from '../../apis/apis.ts';
import { type Mutation, update } from '../../apis/mutation.ts';
import { type Key, type KubeObject, keyOf, parseKey, timestamp } from '../../kube/object.ts';
import type { Namespace, NamespaceCondition } from '../../schema/generated/kinds.ts';
import type { Change } from '../../state/change.ts';
import type { State } from '../../state/state.ts';
import { type Controller, nothing } from '../controller.ts';
import { statusUpdate } from '../shared/mutations.ts';

const FINALIZER = 'kubernetes';

/**
 * Empties a namespace that is being deleted, says what is still in it, and lets it go when nothing is (pkg/controller/namespace). Pods go
 * first, and everything else when they are gone: a NetworkPolicy does not go before what it protects (KEP 5080, ordered deletion).
 */
export const namespaceController: Controller<Namespace> = {
  name: 'namespace-controller',
  resource: 'namespaces',
  watches: { '*': terminatingNamespaceOf },
  reconcile({ object: namespace, state, now }) {
    if (!namespace?.metadata.deletionTimestamp || !namespace.spec?.finalizers?.includes(FINALIZER)) return nothing;
    // What is no longer served is not seen, as by Kubernetes, which learns from discovery what there is to delete.
    const apis = apisOf(state);
    const keys = keysIn(namespace.metadata.name, state).filter((key) => apis.resource(parseKey(key).resource));
    if (keys.length === 0) {
      // One that others' finalizers keep says first that nothing is left in it.
      const kept = namespace.spec.finalizers.length > 1 || namespace.metadata.finalizers?.length;
      const said = kept ? saysWhatRemains(namespace, [], state, now) : [];
      return { mutations: said.length > 0 ? said : [finalized(namespace)] };
    }
    const pods = keys.filter((key) => key.startsWith('pods/'));
    const turn = pods.length > 0 ? pods : keys;
    const deletions = turn.flatMap((key) => deletionIn(key, state));
    // An object that is gone at once does not hold the namespace back.
    if (deletions.length > 0) return { mutations: deletions };
    return { mutations: saysWhatRemains(namespace, turn, state, now) };
  },
};

const saysWhatRemains = (namespace: Namespace, keys: readonly Key[], state: State, now: number): Mutation[] =>
  statusUpdate('namespaces', namespace, { ...namespace.status, conditions: conditions(namespace, keys, state, now) });

/** Of everything in a namespace. Events are in no index over all resources. */
const keysIn = (namespace: string, state: State): Key[] =>
  [...state.keys('namespace', namespace), ...state.list('events', namespace).map(({ metadata: { name } }) => keyOf('events', namespace, name))].sort();

/** Nothing, for what is being deleted already: it takes its time. */
function deletionIn(key: Key, state: State): Mutation[] {
  const { resource, namespace, name } = parseKey(key);
  const { deletionTimestamp, uid } = state.get(resource, namespace, name)!.metadata;
  return deletionTimestamp ? [] : [{ type: 'delete', resource, namespace, name, preconditions: { uid: uid! }, propagationPolicy: 'Background' }];
}

function finalized(namespace: Namespace): Mutation {
  const { finalizers, ...spec } = namespace.spec!;
  const others = finalizers!.filter((name) => name !== FINALIZER);
  return update('namespaces', { ...namespace, spec: { ...spec, ...(others.length > 0 && { finalizers: others }) } }, 'finalize');
}

function terminatingNamespaceOf(change: Change, state: State): Key[] {
  // All of them: what was in them may no longer be served.
  if (changesApis(change))
    return state
      .list('namespaces')
      .filter(isTerminating)
      .map(({ metadata }) => keyOf('namespaces', undefined, metadata.name));
  const { namespace } = change.object.metadata;
  return namespace && isTerminating(state.get('namespaces', undefined, namespace)) ? [keyOf('namespaces', undefined, namespace)] : [];
}

const isTerminating = (namespace: KubeObject | undefined): boolean => namespace?.metadata.deletionTimestamp !== undefined;

/** pkg/controller/namespace/deletion/status_condition_utils.go */
function conditions(namespace: Namespace, keys: readonly Key[], state: State, now: number): NamespaceCondition[] {
  const resources = new Map<string, number>();
  const finalizers = new Map<string, number>();
  const count = (counts: Map<string, number>, name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const key of keys) {
    const { resource, name } = parseKey(key);
    count(resources, resource.includes('.') ? resource : `${resource}.`);
    const object = state.get(resource, namespace.metadata.name, name)!;
    for (const finalizer of object.metadata.finalizers ?? []) count(finalizers, finalizer);
  }
  const list = (counts: Map<string, number>, text: (name: string, n: number) => string) =>
    [...counts]
      .map(([name, n]) => text(name, n))
      .sort()
      .join(', ');
  const remaining = list(resources, (resource, n) => `${resource} has ${n} resource instances`);
  const held = list(finalizers, (finalizer, n) => `${finalizer} in ${n} resource instances`);
  const made = [
    { type: 'NamespaceDeletionDiscoveryFailure', status: 'False', reason: 'ResourcesDiscovered', message: 'All resources successfully discovered' },
    {
      type: 'NamespaceDeletionGroupVersionParsingFailure',
      status: 'False',
      reason: 'ParsedGroupVersions',
      message: 'All legacy kube types successfully parsed',
    },
    {
      type: 'NamespaceDeletionContentFailure',
      status: 'False',
      reason: 'ContentDeleted',
      message: 'All content successfully deleted, may be waiting on finalization',
    },
    resources.size > 0
      ? { type: 'NamespaceContentRemaining', status: 'True', reason: 'SomeResourcesRemain', message: `Some resources are remaining: ${remaining}` }
      : { type: 'NamespaceContentRemaining', status: 'False', reason: 'ContentRemoved', message: 'All content successfully removed' },
    finalizers.size > 0
      ? {
          type: 'NamespaceFinalizersRemaining',
          status: 'True',
          reason: 'SomeFinalizersRemain',
          message: `Some content in the namespace has finalizers remaining: ${held}`,
        }
      : { type: 'NamespaceFinalizersRemaining', status: 'False', reason: 'ContentHasNoFinalizers', message: 'All content-preserving finalizers finished' },
  ];
  return made.map((condition) => {
    const before = namespace.status?.conditions?.find(({ type }) => type === condition.type);
    const { type, ...rest } = condition;
    return { type, ...rest, lastTransitionTime: before?.status === condition.status ? before.lastTransitionTime! : timestamp(now) };
  });
}

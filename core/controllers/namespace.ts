import { type Key, keyOf, parseKey, timestamp } from '../object.ts';
import type { Change, State } from '../projection/state.ts';
import type { Namespace, NamespaceCondition, Pod } from '../resources/generated/kinds.ts';
import type { Mutation } from '../resources/mutation.ts';
import { type Controller, nothing } from './controller.ts';
import { statusUpdate } from './mutations.ts';

const FINALIZER = 'kubernetes';

/** Empties a namespace that is being deleted, says what is still in it, and lets it go when nothing is (pkg/controller/namespace). */
export const namespaceController: Controller<Namespace> = {
  name: 'namespace-controller',
  resource: 'namespaces',
  watches: { '*': terminatingNamespaceOf },
  reconcile({ object: namespace, state, now }) {
    if (!namespace?.metadata.deletionTimestamp || !namespace.spec?.finalizers?.includes(FINALIZER)) return nothing;
    const keys = state.keys('namespace', namespace.metadata.name);
    if (keys.length === 0) {
      const finalizers = namespace.spec.finalizers.filter((name) => name !== FINALIZER);
      return {
        mutations: [{ type: 'update', resource: 'namespaces', subresource: 'finalize', object: { ...namespace, spec: { ...namespace.spec, finalizers } } }],
      };
    }
    const mutations: Mutation[] = statusUpdate('namespaces', namespace, { ...namespace.status, conditions: conditions(namespace, keys, state, now) });
    for (const key of keys) {
      const { resource, name } = parseKey(key);
      const object = state.get(resource, namespace.metadata.name, name)!;
      if (object.metadata.deletionTimestamp) continue;
      // Pods stop in their own time; everything else goes in the background.
      const preconditions = { uid: object.metadata.uid! };
      mutations.push({ type: 'delete', resource, namespace: namespace.metadata.name, name, preconditions, propagationPolicy: 'Background' });
    }
    return { mutations };
  },
};

function terminatingNamespaceOf({ object }: Change, state: State): Key[] {
  const { namespace } = object.metadata;
  return namespace && state.get('namespaces', undefined, namespace)?.metadata.deletionTimestamp ? [keyOf('namespaces', undefined, namespace)] : [];
}

/** pkg/controller/namespace/deletion/status_condition_utils.go */
function conditions(namespace: Namespace, keys: readonly Key[], state: State, now: number): NamespaceCondition[] {
  const resources = new Map<string, number>();
  const finalizers = new Map<string, number>();
  const count = (counts: Map<string, number>, name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const key of keys) {
    const { resource, name } = parseKey(key);
    count(resources, resource.includes('.') ? resource : `${resource}.`);
    const object = state.get<Pod>(resource, namespace.metadata.name, name)!;
    for (const finalizer of object.metadata.finalizers ?? []) count(finalizers, finalizer);
  }
  const list = (counts: Map<string, number>, text: string) =>
    [...counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, n]) => `${name} has ${n} ${text}`)
      .join(', ');
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
    {
      type: 'NamespaceContentRemaining',
      status: 'True',
      reason: 'SomeResourcesRemain',
      message: `Some resources are remaining: ${list(resources, 'resource instances')}`,
    },
    finalizers.size > 0
      ? {
          type: 'NamespaceFinalizersRemaining',
          status: 'True',
          reason: 'SomeFinalizersRemain',
          message: `Some content in the namespace has finalizers remaining: ${list(finalizers, 'in resource instances').replaceAll(' has ', ' in ').replaceAll(' in resource', ' resource')}`,
        }
      : { type: 'NamespaceFinalizersRemaining', status: 'False', reason: 'ContentHasNoFinalizers', message: 'All content-preserving finalizers finished' },
  ];
  return made.map((condition) => {
    const before = namespace.status?.conditions?.find(({ type }) => type === condition.type);
    const { type, ...rest } = condition;
    return { type, ...rest, lastTransitionTime: before?.status === condition.status ? before.lastTransitionTime! : timestamp(now) };
  });
}

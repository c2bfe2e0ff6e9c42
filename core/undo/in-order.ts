import type { GroupResource, Key } from '../kube/object.ts';
import { parseKey } from '../kube/object.ts';
import type { State } from '../state/state.ts';
import { ownerKey } from './owners.ts';
import type { ObjectChange } from './plan.ts';

/**
 * Changes in an order in which they can be made: what goes first, so that what it held is free (a port, a part of a quota); then namespaces, definitions and what
 * others refer to; an owner before what it owns.
 */
export function inOrder(changes: readonly ObjectChange[], states: readonly State[]): ObjectChange[] {
  const sorted = [...changes].sort((a, b) => rankOf(a) - rankOf(b) || (a.key < b.key ? -1 : 1));
  const byKey = new Map(sorted.map((change) => [change.key, change]));
  const ordered = new Set<ObjectChange>();
  const open = new Set<Key>();
  const visit = (change: ObjectChange) => {
    if (ordered.has(change) || open.has(change.key)) return;
    open.add(change.key);
    for (const ref of change.operation === 'Delete' ? [] : (change.object.metadata.ownerReferences ?? [])) {
      const owner = byKey.get(ownerKey(ref, change.object, states) ?? '');
      if (owner) visit(owner);
    }
    ordered.add(change);
  };
  for (const change of sorted) visit(change);
  return [...ordered];
}

const rankOf = ({ operation, key }: ObjectChange): number => {
  if (operation === 'Delete') return -1;
  const rank = first.indexOf(parseKey(key).resource);
  return rank === -1 ? first.length : rank;
};

const first: readonly GroupResource[] = [
  'namespaces',
  'customresourcedefinitions.apiextensions.k8s.io',
  'priorityclasses.scheduling.k8s.io',
  'storageclasses.storage.k8s.io',
  'resourcequotas',
  'limitranges',
  'serviceaccounts',
  'clusterroles.rbac.authorization.k8s.io',
  'clusterrolebindings.rbac.authorization.k8s.io',
  'roles.rbac.authorization.k8s.io',
  'rolebindings.rbac.authorization.k8s.io',
  'configmaps',
  'secrets',
  'persistentvolumes',
  'persistentvolumeclaims',
  'services',
];

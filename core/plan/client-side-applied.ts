import type { KubeObject } from '../kube/object.ts';
import { headOf, type ManagedEntry, type ServedEntry, servedEntry } from '../managed-fields/managed-entry.ts';
import { entriesIn } from '../managed-fields/ownership.ts';
import { fieldElement } from '../managed-fields/path-element.ts';
import { union } from '../managed-fields/set-operations.ts';

/** The field manager of `kubectl apply --server-side`, unless it is told another one. */
const KUBECTL = 'kubectl';

const LAST_APPLIED = ['metadata', 'annotations', 'kubectl.kubernetes.io/last-applied-configuration'].map(fieldElement);

/**
 * An object that was applied on the client's side, with its fields given to who applies it server-side from now on, as kubectl does it then (kubectl's pkg/cmd/apply, migrateToSSAIfNecessary; client-go's
 * util/csaupgrade): what a manifest has no more goes only where that is known to be its manager's. Undefined: nothing is to be given.
 */
export function givenToServerSide(object: KubeObject | undefined, manager: string): KubeObject | undefined {
  const managedFields = object && entriesGivenToServerSide(entriesIn(object), manager);
  if (!managedFields) return undefined;
  const { resourceVersion: _, ...metadata } = object.metadata;
  return { ...object, metadata: { ...metadata, managedFields } };
}

/** What `metadata.managedFields` is to be then. */
export function entriesGivenToServerSide(entries: readonly ManagedEntry[], manager: string): ServedEntry[] | undefined {
  if (manager !== KUBECTL) return undefined;
  const clients = entries.filter(({ head: { operation, subresource }, set }) => operation === 'Update' && !subresource && set.has(LAST_APPLIED));
  const [newest] = clients;
  if (!newest) return undefined;
  const isOwn = ({ head }: ManagedEntry) => head.manager === manager && head.operation === 'Apply' && !head.subresource;
  const own = entries.find(isOwn) ?? { ...newest, head: headOf({ manager, operation: 'Apply', apiVersion: newest.head.apiVersion }) };
  const set = clients.reduce((all, client) => union(all, client.set), own.set);
  const others = entries.filter((entry) => !clients.includes(entry) && !isOwn(entry));
  return [...others, { ...own, set }].map(servedEntry);
}

import type { KubeObject } from '../core/kube/object.ts';
import { readEntries } from '../core/managed-fields/managed-entry.ts';
import { entriesGivenToServerSide } from '../core/plan/client-side-applied.ts';
import type { ApiClient } from './client/api-client.ts';

interface Given {
  readonly path: string;
  readonly manager: string;
  readonly client: ApiClient;
}

/**
 * Gives the fields of an object that `kubectl apply` has applied on the client's side to who applies it server-side, as kubectl does it then: applied once more, it loses what the manifest has no more. Returns whether there was
 * anything to give. Throws what the cluster refuses: 409 where it has changed since.
 */
export async function givenToServerSide({ metadata }: KubeObject, { path, manager, client }: Given): Promise<boolean> {
  const managedFields = entriesGivenToServerSide(readEntries(metadata.managedFields ?? []) ?? [], manager);
  if (!managedFields) return false;
  const patch = [
    { op: 'replace', path: '/metadata/managedFields', value: managedFields },
    { op: 'replace', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
  ];
  await client.send('PATCH', `${path}?fieldManager=${encodeURIComponent(manager)}`, patch, { 'content-type': 'application/json-patch+json' });
  return true;
}

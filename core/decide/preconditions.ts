import type { ApiResource } from '../apis/api-resource.ts';
import { conflict, invalid, modifiedConflict, plainError, type Qualified, type StatusError } from '../kube/status.ts';
import { invalidValue } from '../kube/validation/field.ts';
import type { Draft } from './draft.ts';

/** What a write takes for granted of the object that is there. */

/** Of a PUT, or of what a reconciler read: the object has not changed since. "0" is no version (apiserver/pkg/storage, APIObjectVersioner). Throws 409, 422, 500 for a version that is no number. */
export function checkVersion({ resource, object, old, versionRequired }: Draft): void {
  const { resourceVersion, name } = object.metadata;
  const asked = resourceVersion === '0' ? undefined : resourceVersion;
  if (asked && !/^\d+$/.test(asked)) throw plainError(`strconv.ParseUint: parsing ${JSON.stringify(asked)}: invalid syntax`);
  if (asked && asked !== old!.metadata.resourceVersion) throw modifiedConflict(resource, name);
  if (!asked && versionRequired && resource.strategy.unconditionalUpdate === false) {
    // Kubernetes names the resource here where it names the kind elsewhere.
    const of = { group: resource.group, kind: resource.resource };
    throw invalid(of, name, [invalidValue('metadata.resourceVersion', 0, 'must be specified for an update')]);
  }
  object.metadata.resourceVersion = old!.metadata.resourceVersion!;
}

interface Stored {
  readonly resource: Pick<ApiResource, 'storedAs' | 'resource'>;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly uid: string | undefined;
}

/** storage.Preconditions: the object of this name must still be the one that is meant. Throws 409 in the words of the storage. */
export function checkUid(expected: string | undefined, { of, stored }: { of: Qualified; stored: Stored }): void {
  if (!expected || expected === stored.uid) return;
  throw failed(of, stored, `UID in precondition: ${expected}, UID in object meta: ${stored.uid ?? ''}`);
}

/** The same for its version. */
export function checkResourceVersion(
  expected: string | undefined,
  { of, stored }: { of: Qualified; stored: Stored & { readonly resourceVersion: string } },
): void {
  if (!expected || expected === stored.resourceVersion) return;
  throw failed(of, stored, `ResourceVersion in precondition: ${expected}, ResourceVersion in object meta: ${stored.resourceVersion}`);
}

const failed = (of: Qualified, stored: Stored, why: string): StatusError =>
  conflict(
    of,
    stored.name,
    `StorageError: invalid object, Code: 4, Key: ${storageKey(stored)}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: ${why}`,
  );

/** Where an object stands in Kubernetes' etcd. */
function storageKey({ resource, namespace, name }: Stored): string {
  const folder = folders[resource.storedAs] ?? resource.resource;
  return `/registry/${folder}/${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

/** pkg/kubeapiserver/default_storage_factory_builder.go, SpecialDefaultResourcePrefixes; of the API servers inside it, the group. */
const folders: Readonly<Record<string, string>> = {
  replicationcontrollers: 'controllers',
  endpoints: 'services/endpoints',
  nodes: 'minions',
  services: 'services/specs',
  'ingresses.networking.k8s.io': 'ingress',
  'customresourcedefinitions.apiextensions.k8s.io': 'apiextensions.k8s.io/customresourcedefinitions',
  'apiservices.apiregistration.k8s.io': 'apiregistration.k8s.io/apiservices',
};

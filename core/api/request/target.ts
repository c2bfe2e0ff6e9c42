import type { ApiResource, ServedVersion } from '../../apis/api-resource.ts';
import type { Apis } from '../../apis/apis.ts';
import { createdAtTable } from '../../apis/columns.ts';
import type { Table } from '../../apis/strategy.ts';
import { apiVersionOf } from '../../kube/group-version-kind.ts';
import type { KubeObject } from '../../kube/object.ts';
import { managedFieldsOf, ownershipIn } from '../../managed-fields/ownership.ts';
import { managedFieldsText } from '../../managed-fields/served-text.ts';

/** A resource in one version, as a request names it, and how its objects are stored. */
export interface Target {
  readonly resource: ApiResource;
  readonly version: ServedVersion;
  /** `apps/v1` */
  readonly apiVersion: string;
  /** The resource under whose name objects are stored: `events` for `events.events.k8s.io`, otherwise the resource itself. */
  readonly storage: ApiResource;
  /** The columns that its objects are printed with. */
  readonly table: Table<KubeObject>;
  /** A stored object in the version that the request named, and who owns its fields. */
  readonly fromStorage: (object: KubeObject) => KubeObject;
  /** The JSON of `fromStorage`. */
  readonly textFromStorage: (object: KubeObject) => string;
  /** An object of the version that the request named, in the storage version. */
  readonly toStorage: (object: KubeObject) => KubeObject;
}

/** The resource that a request names; undefined when it is not served. */
export function targetOf(apis: Apis, { group, version, resource: name }: { group: string; version: string; resource: string }): Target | undefined {
  const resource = apis.atPath(group, version, name);
  const served = resource?.versions.find((candidate) => candidate.version === version);
  if (!resource || !served) return undefined;
  let target = targets.get(served);
  if (!target) {
    target = makeTarget(resource, served, apis.resource(resource.storedAs)!);
    targets.set(served, target);
  }
  return target;
}

// As long as the resource is served somewhere.
const targets = new WeakMap<ServedVersion, Target>();

function makeTarget(resource: ApiResource, version: ServedVersion, storage: ApiResource): Target {
  const apiVersion = apiVersionOf({ group: resource.group, version: version.version });
  const rename = (to: string) => (object: KubeObject) => (object.apiVersion === to ? object : { ...object, apiVersion: to });
  const renamed = { fromStorage: rename(apiVersion), toStorage: rename(apiVersionOf({ group: storage.group, version: storage.storageVersion.version })) };
  const table = version.table ?? storage.strategy.table ?? createdAtTable;
  const { fromStorage, toStorage } = version.conversion ?? renamed;
  const served = (object: KubeObject) => withManagedFields(fromStorage(object), object);
  // Most objects are kept with their type and their metadata in front.
  const start = `{"apiVersion":${JSON.stringify(apiVersion)},"kind":${JSON.stringify(resource.kind)},"metadata":{`;
  const textFromStorage = (object: KubeObject) => {
    const ownership = ownershipIn(object);
    const text = JSON.stringify(fromStorage(object));
    if (!ownership) return text;
    return text.startsWith(start) ? `${start}"managedFields":${managedFieldsText(ownership)},${text.slice(start.length)}` : JSON.stringify(served(object));
  };
  return { resource, version, apiVersion, storage, table, fromStorage: served, textFromStorage, toStorage };
}

/** An object with what is known of the managers of a stored one. */
export function withManagedFields<T extends Pick<KubeObject, 'metadata'>>(object: T, stored: KubeObject): T {
  const managedFields = managedFieldsOf(stored);
  return managedFields ? { ...object, metadata: { ...object.metadata, managedFields: [...managedFields] } } : object;
}

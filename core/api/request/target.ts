import type { ApiResource, ServedVersion } from '../../apis/api-resource.ts';
import type { Apis } from '../../apis/apis.ts';
import { createdAtTable } from '../../apis/columns.ts';
import type { Table } from '../../apis/strategy.ts';
import { apiVersionOf } from '../../kube/group-version-kind.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { TypeSchema } from '../../schema/schema.ts';
import { withZeros } from '../../schema/zero-values.ts';

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
  /** A stored object in the version that the request named. */
  readonly fromStorage: (object: KubeObject) => KubeObject;
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
  const { fromStorage, toStorage } = version.conversion ?? renamed;
  const table = version.table ?? storage.strategy.table ?? createdAtTable;
  return { resource, version, apiVersion, storage, table, toStorage, fromStorage: resource.custom ? fromStorage : shown(fromStorage, version.type) };
}

/** Objects as a version shows them. What is shown as it is stored is looked through once. */
function shown(fromStorage: Target['fromStorage'], type: TypeSchema): Target['fromStorage'] {
  const fill = withZeros<KubeObject>(type);
  const complete = new WeakSet<KubeObject>();
  return (object) => {
    const converted = fromStorage(object);
    if (complete.has(object)) return converted;
    const filled = fill(converted);
    if (filled === converted) complete.add(object);
    return filled;
  };
}

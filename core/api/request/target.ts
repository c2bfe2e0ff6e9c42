import type { ApiResource, ServedVersion } from '../../apis/api-resource.ts';
import type { Apis } from '../../apis/apis.ts';
import { createdAtTable } from '../../apis/columns.ts';
import type { Selectable } from '../../apis/field-selectors.ts';
import type { Strategy, Table } from '../../apis/strategy.ts';
import { apiVersionOf } from '../../kube/group-version-kind.ts';
import { int64Json } from '../../kube/int64.ts';
import type { KubeObject } from '../../kube/object.ts';
import { managedFieldsOf, ownershipIn } from '../../managed-fields/ownership.ts';
import { managedFieldsText } from '../../managed-fields/served-text.ts';
import type { TypeSchema } from '../../schema/schema.ts';
import { withZeros } from '../../schema/zero-values.ts';
import { ShownVersions } from './shown-versions.ts';

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
  /** The same without who owns its fields. */
  readonly inVersion: (object: KubeObject) => KubeObject;
  /** The JSON of `fromStorage`. */
  readonly textFromStorage: (object: KubeObject) => string;
  /** An object of the version that the request named, in the storage version; a custom one says itself of which version it is, and stays as it is. */
  readonly toStorage: (object: KubeObject) => KubeObject;
  /** Of a resource whose objects a webhook converts: they must have been, before they are shown. */
  readonly versions?: ShownVersions;
  /** By which fields its objects are selected; in the storage version, unless `selectsShown`. */
  readonly selectable: Selectable;
  readonly selectsShown: boolean;
  readonly scale: Strategy['scale'];
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
  if (resource.custom) return customTarget({ resource, version, apiVersion, storage, table });
  const inVersion = shown(fromStorage, version.type);
  return {
    resource,
    version,
    apiVersion,
    storage,
    table,
    toStorage,
    ...served(inVersion, { apiVersion, kind: resource.kind }),
    selectable: resource,
    selectsShown: false,
    scale: storage.strategy.scale,
  };
}

/** What a version shows of an object, and who owns its fields; and the same as JSON. */
function served(
  inVersion: Target['inVersion'],
  { apiVersion, kind }: { apiVersion: string; kind: string },
): Pick<Target, 'fromStorage' | 'inVersion' | 'textFromStorage'> {
  const fromStorage = (object: KubeObject) => withManagedFields(inVersion(object), object);
  // Most objects are kept with their type and their metadata in front.
  const start = `{"apiVersion":${JSON.stringify(apiVersion)},"kind":${JSON.stringify(kind)},"metadata":{`;
  const textFromStorage = (object: KubeObject) => {
    const ownership = ownershipIn(object);
    const text = int64Json(inVersion(object));
    if (!ownership) return text;
    return text.startsWith(start) ? `${start}"managedFields":${managedFieldsText(ownership)},${text.slice(start.length)}` : int64Json(fromStorage(object));
  };
  return { fromStorage, inVersion, textFromStorage };
}

/** An object with what is known of the managers of a stored one. */
export function withManagedFields<T extends Pick<KubeObject, 'metadata'>>(object: T, stored: KubeObject): T {
  const managedFields = managedFieldsOf(stored);
  return managedFields ? { ...object, metadata: { ...object.metadata, managedFields: [...managedFields] } } : object;
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

function customTarget({ table, ...of }: Pick<Target, 'resource' | 'version' | 'apiVersion' | 'storage' | 'table'>): Target {
  const { resource, version, apiVersion } = of;
  const versions = new ShownVersions(resource, apiVersion);
  const { selectableFields, scale } = version;
  return {
    ...of,
    table: { columns: table.columns, cells: (object, now) => table.cells(versions.get(object), now) },
    ...served((object) => versions.get(object), { apiVersion, kind: resource.kind }),
    toStorage: (object) => object,
    ...(resource.custom!.webhook && { versions }),
    selectable: { ...resource, strategy: { ...(selectableFields && { selectableFields }) } },
    selectsShown: true,
    scale,
  };
}

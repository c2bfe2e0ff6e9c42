import type { ApiResource, ServedVersion, StorageVersion } from '../apis/api-resource.ts';
import type { Apis } from '../apis/apis.ts';
import { type Fields, objectOf } from '../kube/fields.ts';
import { apiVersionOf } from '../kube/group-version-kind.ts';
import { FieldSet } from '../managed-fields/field-set.ts';
import { kept } from '../managed-fields/kept-once.ts';
import { mergeTypeOf } from '../managed-fields/merge-type.ts';
import { fieldElement } from '../managed-fields/path-element.ts';
import type { Versions } from '../managed-fields/updater.ts';

/** The versions of a resource's objects, as managers have written them, and what a write to a subresource of it leaves alone. */
export function versionsOf(resource: ApiResource, apis: Apis, subresource: string | undefined): Versions {
  const ignored = resetFields(resource, subresource);
  return {
    typeOf(apiVersion) {
      const version = versionAt(resource, apis, apiVersion);
      return version && mergeTypeOf(version.type);
    },
    convert({ value, apiVersion: from }, apiVersion) {
      const toStorage = versionAt(resource, apis, from)?.conversion?.toStorage;
      const fromStorage = versionAt(resource, apis, apiVersion)?.conversion?.fromStorage;
      if (from === apiVersion || (!toStorage && !fromStorage)) return value;
      const object = objectOf({ metadata: {}, ...(value as Fields | null) });
      const stored = toStorage ? toStorage(object) : object;
      return fromStorage ? fromStorage(stored) : stored;
    },
    ignored: () => ignored,
    mayChange: resource.custom !== undefined,
  };
}

/** A version of a resource, served or stored, under whatever resource shows its objects; undefined: there is none. */
export function versionAt(resource: ApiResource, apis: Apis, apiVersion: string): (StorageVersion & Partial<ServedVersion>) | undefined {
  const shown = apis.ofKind(apiVersion, resource.kind);
  if (shown?.storedAs === resource.storedAs) return shown.versions.find(({ version }) => apiVersionOf({ group: shown.group, version }) === apiVersion);
  const { group, storageVersion } = resource;
  return apiVersion === apiVersionOf({ group, version: storageVersion.version }) ? storageVersion : undefined;
}

/** In which objects are stored: for `events.events.k8s.io` that of `events`. */
export function storageApiVersion(resource: ApiResource, apis: Apis): string {
  const { group, storageVersion } = resource.storedAs === resource.groupResource ? resource : apis.resource(resource.storedAs)!;
  return apiVersionOf({ group, version: storageVersion.version });
}

function resetFields(resource: ApiResource, subresource = ''): FieldSet {
  let bySubresource = known.get(resource);
  if (!bySubresource) {
    bySubresource = new Map();
    known.set(resource, bySubresource);
  }
  let fields = bySubresource.get(subresource);
  if (!fields) {
    const paths = resource.strategy.resetFields?.[subresource] ?? usualResetFields(resource, subresource);
    fields = kept(FieldSet.of(...paths.map((path) => path.map(fieldElement))));
    bySubresource.set(subresource, fields);
  }
  return fields;
}

const known = new WeakMap<ApiResource, Map<string, FieldSet>>();

function usualResetFields({ versions, strategy: { statusKeeps }, custom }: ApiResource, subresource: string): readonly (readonly string[])[] {
  if (subresource === 'status') {
    if (custom || statusKeeps === 'metadata') return [['spec'], ['metadata']];
    return statusKeeps === 'labels' ? [['spec'], ['metadata', 'labels']] : [['spec']];
  }
  return subresource === '' && versions.some(({ subresources }) => 'status' in subresources) ? [['status']] : [];
}

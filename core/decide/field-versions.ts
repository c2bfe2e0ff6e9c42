import type { Answer, Ask } from '../admission/ask.ts';
import type { ApiResource, ServedVersion, StorageVersion } from '../apis/api-resource.ts';
import type { Apis } from '../apis/apis.ts';
import { type Fields, objectOf } from '../kube/fields.ts';
import { apiVersionOf } from '../kube/group-version-kind.ts';
import { FieldSet } from '../managed-fields/field-set.ts';
import { kept } from '../managed-fields/kept-once.ts';
import { mergeTypeOf } from '../managed-fields/merge-type.ts';
import { fieldElement } from '../managed-fields/path-element.ts';
import type { Versions } from '../managed-fields/updater.ts';
import { inVersion } from './versions.ts';

interface VersionsOf {
  readonly apis: Apis;
  readonly subresource: string | undefined;
  /** Reaches the webhook that converts custom objects. */
  readonly ask: (ask: Ask) => Answer | undefined;
}

/**
 * The versions of a resource's objects, as managers have written them, and what a write to a subresource of it leaves alone. What only a webhook can convert is asked of it: `convert`
 * throws `Unanswered` as long as it has not answered, and what it says when that is none.
 */
export function versionsOf(resource: ApiResource, { apis, subresource, ask }: VersionsOf): Versions {
  const ignored = resetFields(resource, subresource);
  return {
    typeOf(apiVersion) {
      const version = versionAt(resource, apis, apiVersion);
      return version && mergeTypeOf(version.type);
    },
    convert({ value, apiVersion: from }, apiVersion) {
      if (resource.custom?.webhook) return byWebhook(value as Fields | null, { from, apiVersion, resource, ask });
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

/** The decision is made again once what was asked has been answered. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
}

function byWebhook(
  value: Fields | null,
  { from, apiVersion, resource, ask }: { from: string; apiVersion: string; resource: ApiResource; ask: VersionsOf['ask'] },
) {
  // What there is not yet is the same in all versions (webhook_converter.go, isEmptyUnstructuredObject).
  if (from === apiVersion || !value || Object.keys(value).every((name) => name === 'apiVersion' || name === 'kind')) return value;
  const object = objectOf({ metadata: {}, ...value, apiVersion: from, kind: resource.kind });
  const converted = inVersion(object, { resource, apiVersion, ask });
  if (!converted) throw new Unanswered();
  return converted;
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

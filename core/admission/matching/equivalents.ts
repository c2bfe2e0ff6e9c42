import type { ApiResource } from '../../apis/api-resource.ts';
import type { Apis } from '../../apis/apis.ts';
import type { GroupVersionKind } from '../../kube/group-version-kind.ts';
import { type GroupVersionResource, kindAt, type Requested } from './requested.ts';

/** The same objects under another name. */
export interface Equivalent extends GroupVersionResource {
  readonly kind: GroupVersionKind;
}

/** What else serves the objects that a request is for, or the same subresource of them: other versions, both event APIs (apimachinery's runtime.EquivalentResourceMapper). */
export function equivalentsOf({ group, version, resource, subresource }: Requested, storedAs: string, apis: Apis): Equivalent[] {
  return (byStorage(apis).get(storedAs) ?? []).flatMap((served) =>
    served.versions
      .filter(
        (other) =>
          !(other.version === version && served.group === group && served.resource === resource) && (!subresource || subresource in other.subresources),
      )
      .map((other) => ({
        group: served.group,
        version: other.version,
        resource: served.resource,
        kind: kindAt(served, { version: other.version, subresource }),
      })),
  );
}

function byStorage(apis: Apis): ReadonlyMap<string, readonly ApiResource[]> {
  let resources = known.get(apis);
  if (!resources) {
    resources = Map.groupBy(apis.resources, ({ storedAs }) => storedAs);
    known.set(apis, resources);
  }
  return resources;
}

const known = new WeakMap<Apis, ReadonlyMap<string, readonly ApiResource[]>>();

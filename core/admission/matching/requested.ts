import type { ApiResource } from '../../apis/api-resource.ts';
import type { GroupVersionKind } from '../../kube/group-version-kind.ts';
import type { AdmissionReview } from '../plugin.ts';

/** A resource in one of its versions. */
export interface GroupVersionResource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
}

/** What a request is for, as rules are held against it (apiserver's admission.Attributes). What there is none of is ''. */
export interface Requested extends GroupVersionResource {
  readonly operation: AdmissionReview['operation'];
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly kind: GroupVersionKind;
}

export function requestedBy(review: AdmissionReview): Requested {
  const { operation, resource, version, subresource = '', object } = review;
  // A name that was generated is known by the time that the object is validated.
  const name = review.name || object?.metadata?.name || '';
  // A Namespace is in itself.
  const namespace = resource.groupResource === 'namespaces' ? name : (review.namespace ?? '');
  return {
    operation,
    group: resource.group,
    version,
    resource: resource.resource,
    subresource,
    namespace,
    name,
    kind: kindAt(resource, { version, subresource }),
  };
}

/** The kind that a resource or a subresource speaks in a version. */
export function kindAt({ group, kind, versions }: ApiResource, { version, subresource }: { version: string; subresource: string }): GroupVersionKind {
  const own = subresource ? versions.find((served) => served.version === version)?.subresources[subresource] : undefined;
  return own ? { group: own.group ?? group, version: own.version ?? version, kind: own.kind } : { group, version, kind };
}

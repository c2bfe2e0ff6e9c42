import type { Fields } from '../../kube/fields.ts';
import type { User } from '../../kube/user.ts';
import type { AdmissionReview } from '../plugin.ts';
import type { Matched } from './matcher.ts';
import type { Requested } from './requested.ts';

/**
 * `admission.k8s.io/v1 AdmissionRequest`, as it is encoded and without uid and objects: the variable `request` of expressions, and what webhooks are sent
 * (apiserver's plugin/cel CreateAdmissionRequest, plugin/webhook/request).
 */
export function admissionRequest(review: AdmissionReview, requested: Requested, { kind, resource }: Matched): Fields {
  const { subresource, name, namespace, operation } = requested;
  return {
    kind: { group: kind.group, version: kind.version, kind: kind.kind },
    resource: { group: resource.group, version: resource.version, resource: resource.resource },
    ...(subresource && { subResource: subresource }),
    requestKind: { ...requested.kind },
    requestResource: { group: requested.group, version: requested.version, resource: requested.resource },
    ...(subresource && { requestSubResource: subresource }),
    ...(name && { name }),
    ...(namespace && { namespace }),
    operation,
    userInfo: userInfo(review.user),
    dryRun: review.dryRun,
    options: optionsOf(review),
  };
}

const userInfo = ({ username, uid, groups, extra = {} }: User): Fields => ({
  username,
  ...(uid && { uid }),
  ...(groups.length > 0 && { groups }),
  ...(Object.keys(extra).length > 0 && { extra }),
});

const KINDS = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' } as const;

/** A connection has none: what its query says is its object. */
const optionsOf = ({ operation, options }: AdmissionReview): Fields | null =>
  operation === 'CONNECT' ? null : { kind: KINDS[operation], apiVersion: 'meta.k8s.io/v1', ...options };

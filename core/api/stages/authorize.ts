import { type Attributes, refusal } from '../../auth/authorizer.ts';
import { forbidden, StatusError } from '../../kube/status.ts';
import type { User } from '../../kube/user.ts';
import type { AuthorizedCall, ClusterCall, LocatedCall } from '../call.ts';

/** Asks whether the user may do this (API access control, "Authorization"). Throws 403 in the words of Kubernetes. */
export function authorize(call: ClusterCall & Pick<AuthorizedCall, 'user'>): Pick<AuthorizedCall, 'attributes'> {
  const attributes = attributesOf(call, call.user);
  const { allowed, reason } = call.api.authorizer.authorize(attributes, call.state);
  call.audit?.annotate('authorization.k8s.io/decision', allowed ? 'allow' : 'forbid');
  call.audit?.annotate('authorization.k8s.io/reason', reason ?? '');
  if (!allowed) throw refused(attributes, reason);
  return { attributes };
}

export function attributesOf({ info, path }: Pick<LocatedCall, 'info' | 'path'>, user: User): Attributes {
  if (info.type === 'path') return { user, verb: info.verb, path };
  const { verb, group, version, resource, subresource, name } = info;
  // A namespace is in itself: who may do something in it may do so to it (request/requestinfo.go).
  const namespace = resource === 'namespaces' ? name : info.namespace;
  return { user, verb, group, version, resource, ...(subresource && { subresource }), ...(namespace && { namespace }), ...(name && { name }) };
}

/** 403, in the words of Kubernetes. */
export function refused(attributes: Attributes, reason: string | undefined): StatusError {
  const why = refusal(attributes, reason);
  if (attributes.path === undefined) return forbidden({ group: attributes.group, resource: attributes.resource }, attributes.name ?? '', why);
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `forbidden: ${why}`,
    reason: 'Forbidden',
    details: {},
    code: 403,
  });
}

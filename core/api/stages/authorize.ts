import { type Attributes, refusal } from '../../auth/authorizer.ts';
import { forbidden, StatusError } from '../../kube/status.ts';
import type { Call } from '../call.ts';

/** Asks whether the user may do this (API access control, "Authorization"). Throws 403 in the words of Kubernetes. */
export function authorize(call: Call): undefined {
  const attributes = attributesOf(call);
  const { allowed, reason } = call.api.authorizer.authorize(attributes);
  if (!allowed) throw refused(attributes, reason);
}

export function attributesOf({ info, user, path }: Pick<Call, 'info' | 'user' | 'path'>): Attributes {
  if (info.type === 'path') return { user, verb: info.verb, path };
  const { verb, group, version, resource, subresource, namespace, name } = info;
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

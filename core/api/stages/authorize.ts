import { exactField, type FieldRequirements, readFieldSelector } from '../../apis/field-selectors.ts';
import { type Attributes, refusal } from '../../auth/authorizer.ts';
import { forbidden, StatusError } from '../../kube/status.ts';
import type { User } from '../../kube/user.ts';
import { pathSegment } from '../../kube/validation/names.ts';
import type { AuthorizedCall, ClusterCall, LocatedCall } from '../call.ts';

/** Asks whether the user may do this (API access control, "Authorization"). Throws 403 in the words of Kubernetes. */
export function authorize(call: ClusterCall & Pick<AuthorizedCall, 'user'>): Pick<AuthorizedCall, 'attributes'> {
  const attributes = attributesOf(call, call.user);
  const { allowed, reason } = call.api.authorizer.authorize(attributes, call.state);
  if (!allowed) throw refused(attributes, reason);
  return { attributes };
}

export function attributesOf({ info, path }: Pick<LocatedCall, 'info' | 'path'>, user: User): Attributes {
  if (info.type === 'path') return { user, verb: info.verb, path };
  const { verb, group, version, resource, subresource } = info;
  const fieldSelector = info.fieldSelector === undefined ? [] : requirementsOf(info.fieldSelector);
  const name = info.name ?? selectedName(verb, fieldSelector);
  // A namespace is in itself: who may do something in it may do so to it (request/requestinfo.go).
  const namespace = resource === 'namespaces' ? info.name : info.namespace;
  return {
    user,
    verb,
    group,
    version,
    resource,
    ...(subresource && { subresource }),
    ...(namespace && { namespace }),
    ...(name && { name }),
    ...(fieldSelector.length > 0 && { fieldSelector }),
  };
}

/** One that cannot be read narrows nothing down; the list will say what is wrong with it. */
function requirementsOf(fieldSelector: string): FieldRequirements {
  try {
    return readFieldSelector(fieldSelector);
  } catch {
    return [];
  }
}

/** A list or a watch of the one object with a name is, to authorization, about that object. */
function selectedName(verb: string, fieldSelector: FieldRequirements): string | undefined {
  const name = verb === 'list' || verb === 'watch' ? exactField(fieldSelector, 'metadata.name') : undefined;
  return name !== undefined && pathSegment(name).length === 0 ? name : undefined;
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

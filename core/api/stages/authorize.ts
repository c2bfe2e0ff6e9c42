import { exactField, type FieldRequirements, requirementsIn } from '../../apis/field-selectors.ts';
import { type Attributes, refused } from '../../auth/authorizer.ts';
import { clusterAuthorizer } from '../../auth/cluster-authorizer.ts';
import type { User } from '../../kube/user.ts';
import { pathSegment } from '../../kube/validation/names.ts';
import type { AuthorizedCall, ClusterCall, LocatedCall } from '../call.ts';

/** Asks whether the user may do this (API access control, "Authorization"). Throws 403 in the words of Kubernetes. */
export function authorize(call: ClusterCall & Pick<AuthorizedCall, 'user'>): Pick<AuthorizedCall, 'attributes'> {
  const attributes = attributesOf(call, call.user);
  const { allowed, reason } = clusterAuthorizer.authorize(attributes, call.state);
  call.audit?.annotate('authorization.k8s.io/decision', allowed ? 'allow' : 'forbid');
  call.audit?.annotate('authorization.k8s.io/reason', reason ?? '');
  if (!allowed) throw refused(attributes, reason);
  return { attributes };
}

export function attributesOf({ info, path, query }: Pick<LocatedCall, 'info' | 'path' | 'query'>, user: User): Attributes {
  if (info.type === 'path') return { user, verb: info.verb, path };
  const { verb, group, version, resource, subresource } = info;
  const fields = SELECTING.has(verb) ? fieldsOf(query) : undefined;
  const name = info.name ?? (fields && verb !== 'deletecollection' ? selectedName(fields) : undefined);
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
    ...(fields && { fields }),
  };
}

const SELECTING: ReadonlySet<string> = new Set(['list', 'watch', 'deletecollection']);

/** What cannot be read selects nothing here; the request is told so once it is let in. */
function fieldsOf(query: URLSearchParams): FieldRequirements | undefined {
  const text = query.get('fieldSelector');
  if (!text) return undefined;
  try {
    return [...requirementsIn(text)];
  } catch {
    return undefined;
  }
}

/** A list or a watch of one object by its name is permitted where that object is, as a get of it is. */
function selectedName(fields: FieldRequirements): string | undefined {
  const name = exactField(fields, 'metadata.name');
  return name !== undefined && pathSegment(name).length === 0 ? name : undefined;
}

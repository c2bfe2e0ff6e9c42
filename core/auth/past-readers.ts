import type { Attributes, Authorizer, ResourceAttributes } from './authorizer.ts';

/**
 * Lets read the past who may read what is like it: the changes of a namespace (and its export) who may read its Events in the same way, the history and the blame of an object who may get the
 * object. `view`, `edit`, `admin` and the access policies of EKS permit that, and stay as Kubernetes has them. Roles that name `changes` or `deployments/history` permit it as well. It lists nothing: what
 * it permits follows from what others list.
 */
export const pastReaders = (others: Authorizer): Authorizer => ({
  authorize(attributes, state) {
    const alike = likeIt(attributes);
    return alike ? { allowed: others.authorize(alike, state).allowed } : { allowed: false };
  },
  rulesFor: () => ({ resourceRules: [], nonResourceRules: [], incomplete: false, errors: [] }),
});

function likeIt(attributes: Attributes): Attributes | undefined {
  if (attributes.path !== undefined) return undefined;
  const { user, verb, namespace, resource, group, subresource } = attributes;
  if (subresource === undefined) {
    const isPast = group === 'logplane.dev' && OF_EVENTS.has(resource) && READING.has(verb);
    return isPast ? { user, verb, group: '', version: 'v1', resource: 'events', ...(namespace !== undefined && { namespace }) } : undefined;
  }
  return verb === 'get' && OF_OBJECTS.has(subresource) ? { user, verb, ...objectOf(attributes) } : undefined;
}

const objectOf = ({ resource, group, version, namespace, name }: ResourceAttributes): ResourceAttributes => ({
  resource,
  group,
  version,
  ...(namespace !== undefined && { namespace }),
  ...(name !== undefined && { name }),
});

const OF_EVENTS: ReadonlySet<string> = new Set(['changes', 'export']);
const OF_OBJECTS: ReadonlySet<string> = new Set(['history', 'blame']);
const READING: ReadonlySet<string> = new Set(['get', 'list', 'watch']);

import type { Attributes, Authorizer, ResourceAttributes } from './authorizer.ts';

/**
 * Lets read the past who may read what is like it: the changes of a namespace (and its export) who may read its Events in the same way, the history and the blame of an object who may get the
 * object. And lets change things back, and many at once, who may do the same with all Secrets of the namespace: what is in those is what is best kept there, and records name fields of them. Each of the changes is
 * permitted as a request of its own besides. `view` (the first), `edit`, `admin` and the access policies of EKS permit that, and stay as Kubernetes has them. Roles that name `changes`, `restores` or
 * `deployments/history` permit it as well. It lists nothing: what it permits follows from what others list.
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
    const like =
      group !== 'logplane.dev' ? undefined : OF_EVENTS.has(resource) && READING.has(verb) ? 'events' : OF_SECRETS.has(resource) ? 'secrets' : undefined;
    return like && { user, verb, group: '', version: 'v1', resource: like, ...(namespace !== undefined && { namespace }) };
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
/** Those of a namespace; their cluster-wide twins are for roles that name them. */
const OF_SECRETS: ReadonlySet<string> = new Set(['restores', 'undos', 'transactions']);
const OF_OBJECTS: ReadonlySet<string> = new Set(['history', 'blame']);
const READING: ReadonlySet<string> = new Set(['get', 'list', 'watch']);

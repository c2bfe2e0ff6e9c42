import type { Attributes } from '../../auth/authorizer.ts';
import { clusterAuthorizer } from '../../auth/cluster-authorizer.ts';
import { serviceAccountGroups, serviceAccountOf } from '../../kube/service-account.ts';
import { ANONYMOUS, AUTHENTICATED, UNAUTHENTICATED, type User } from '../../kube/user.ts';
import type { AuthorizedCall, ClusterCall } from '../call.ts';
import type { Impersonation } from '../request/impersonation.ts';
import { refused } from './authorize.ts';

/**
 * Lets a user who may do so act as another one (`kubectl --as`; Authentication, "User impersonation"; apiserver/pkg/endpoints/filters/impersonation).
 * From here on the call is that user's, and so is what it writes: the log names the impersonated user as its actor.
 * Throws 403 when it is not allowed.
 */
export function impersonate(call: ClusterCall & Pick<AuthorizedCall, 'bearer'>): Pick<AuthorizedCall, 'user'> {
  const { bearer, state, impersonation } = call;
  if (!impersonation) return { user: bearer };
  for (const attributes of attributesOfImpersonation(impersonation, bearer)) {
    const { allowed, reason } = clusterAuthorizer.authorize(attributes, state);
    if (!allowed) throw refused(attributes, reason);
  }
  const { username, groups, extra, uid } = impersonation;
  const user: User = {
    username,
    ...(uid !== '' && { uid }),
    groups: groupsOf(username, groups),
    ...(extra.length > 0 && { extra: Object.fromEntries(extra) }),
  };
  call.audit?.impersonates(user);
  return { user };
}

/** All that its bearer must be allowed. */
export function attributesOfImpersonation({ username, groups, extra, uid }: Impersonation, user: User): Attributes[] {
  const account = serviceAccountOf(username);
  const impersonated: Impersonated[] = [
    account ? { group: '', resource: 'serviceaccounts', ...account } : { group: '', resource: 'users', name: username },
    ...groups.map((name) => ({ group: '', resource: 'groups', name })),
    ...extra.flatMap(([subresource, names]) => names.map((name) => ({ group: 'authentication.k8s.io', resource: 'userextras', subresource, name }))),
    ...(uid === '' ? [] : [{ group: 'authentication.k8s.io', resource: 'uids', name: uid }]),
  ];
  return impersonated.map((attributes) => ({ user, verb: 'impersonate', version: 'v1', ...attributes }));
}

interface Impersonated {
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name: string;
}

/** Every user is in one group or the other; one that asks to be among those that did not authenticate is. */
function groupsOf(username: string, asked: readonly string[]): string[] {
  const account = serviceAccountOf(username);
  const groups = asked.length === 0 && account ? serviceAccountGroups(account) : [...asked];
  if (groups.includes(UNAUTHENTICATED)) return groups;
  if (username === ANONYMOUS.username) return [...groups, UNAUTHENTICATED];
  return groups.includes(AUTHENTICATED) ? groups : [...groups, AUTHENTICATED];
}

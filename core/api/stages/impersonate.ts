import type { Authorizer } from '../../auth/authorizer.ts';
import { AUTHENTICATED, type User } from '../../auth/user.ts';
import { internalError } from '../../status.ts';
import type { Call } from '../call.ts';
import { refused } from './authorize.ts';

/**
 * Lets somebody who may do so act as somebody else (`kubectl --as`; Authentication, "User impersonation"). From here on the call is that user's.
 * Throws 403 when it is not allowed, 500 (as Kubernetes does) when groups are asked for without a user.
 */
export function impersonate(call: Call): undefined {
  const { headers } = call.request;
  const username = headers.get('impersonate-user') ?? '';
  const groups = (headers.get('impersonate-group') ?? '').split(',').flatMap((group) => group.trim() || []);
  const uid = headers.get('impersonate-uid') ?? '';
  const extra = extraOf(headers);
  if (username === '') {
    if (groups.length > 0 || uid !== '' || extra.length > 0) throw internalError(`requested ${JSON.stringify(groups)} without impersonating a user`);
    return;
  }
  const check = checker(call.api.authorizer, call.user);
  const account = serviceAccountOf(username);
  if (account) check({ group: '', resource: 'serviceaccounts', namespace: account.namespace, name: account.name });
  else check({ group: '', resource: 'users', name: username });
  for (const group of groups) check({ group: '', resource: 'groups', name: group });
  if (uid !== '') check({ group: 'authentication.k8s.io', resource: 'uids', name: uid });
  for (const [key, values] of extra)
    for (const value of values) check({ group: 'authentication.k8s.io', resource: 'userextras', subresource: key, name: value });
  call.user = {
    username,
    ...(uid !== '' && { uid }),
    groups: groupsOf(username, groups, account),
    ...(extra.length > 0 && { extra: Object.fromEntries(extra) }),
  };
}

interface Impersonated {
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name: string;
}

const checker = (authorizer: Authorizer, user: User) => (asked: Impersonated) => {
  const attributes = { user, verb: 'impersonate', version: 'v1', ...asked };
  const { allowed, reason } = authorizer.authorize(attributes);
  if (!allowed) throw refused(attributes, reason);
};

function serviceAccountOf(username: string): { namespace: string; name: string } | undefined {
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username) ?? [];
  return namespace !== undefined && name !== undefined ? { namespace, name } : undefined;
}

function groupsOf(username: string, asked: readonly string[], account: { namespace: string } | undefined): string[] {
  const groups = asked.length === 0 && account ? ['system:serviceaccounts', `system:serviceaccounts:${account.namespace}`] : [...asked];
  const everybody = username === 'system:anonymous' ? 'system:unauthenticated' : AUTHENTICATED;
  return groups.includes(everybody) ? groups : [...groups, everybody];
}

const EXTRA = 'impersonate-extra-';

function extraOf(headers: Headers): [string, string[]][] {
  const extra: [string, string[]][] = [];
  headers.forEach((value, header) => {
    if (header.startsWith(EXTRA)) extra.push([unescaped(header.slice(EXTRA.length)), value.split(',').map((part) => part.trim())]);
  });
  return extra;
}

/** Keys may hold what headers may not: they come percent-encoded. */
function unescaped(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

import { serviceAccountGroups, serviceAccountOf } from '../../kube/service-account.ts';
import { badRequest } from '../../kube/status.ts';
import { ANONYMOUS, AUTHENTICATED, UNAUTHENTICATED } from '../../kube/user.ts';
import type { AuthorizedCall, ClusterCall } from '../call.ts';
import { refused } from './authorize.ts';

/**
 * Lets somebody who may do so act as somebody else (`kubectl --as`; Authentication, "User impersonation"; apiserver/pkg/endpoints/filters/impersonation).
 * From here on the call is that user's, and so is what it writes: the log names the impersonated user as its actor.
 * Throws 403 when it is not allowed, 400 when anything is asked for without a user.
 */
export function impersonate(call: ClusterCall & Pick<AuthorizedCall, 'bearer'>): Pick<AuthorizedCall, 'user'> {
  const { headers } = call.request;
  const username = headers.get('impersonate-user') ?? '';
  // Fetch joins lines of one name by commas, so a group or a value that holds a comma cannot be told from two.
  const groups = valuesOf(headers.get('impersonate-group'));
  const extra = extraOf(headers);
  const uid = headers.get('impersonate-uid') ?? '';
  if (username === '') {
    if (groups.length > 0 || extra.length > 0 || uid !== '') throw badRequest(`requested ${references({ groups, extra, uid })} without impersonating a user`);
    return { user: call.bearer };
  }
  const check = checker(call);
  const account = serviceAccountOf(username);
  if (account) check({ group: '', resource: 'serviceaccounts', namespace: account.namespace, name: account.name });
  else check({ group: '', resource: 'users', name: username });
  for (const group of groups) check({ group: '', resource: 'groups', name: group });
  for (const [key, values] of extra)
    for (const value of values) check({ group: 'authentication.k8s.io', resource: 'userextras', subresource: key, name: value });
  if (uid !== '') check({ group: 'authentication.k8s.io', resource: 'uids', name: uid });
  return {
    user: {
      username,
      ...(uid !== '' && { uid }),
      groups: groupsOf(username, groups, account),
      ...(extra.length > 0 && { extra: Object.fromEntries(extra) }),
    },
  };
}

/** Whether a request is to be done as another user. */
export const impersonates = (headers: Headers): boolean => headers.has('impersonate-user');

interface Impersonated {
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name: string;
}

const checker =
  ({ api, bearer, state }: ClusterCall & Pick<AuthorizedCall, 'bearer'>) =>
  (asked: Impersonated) => {
    const attributes = { user: bearer, verb: 'impersonate', version: 'v1', ...asked };
    const { allowed, reason } = api.authorizer.authorize(attributes, state);
    if (!allowed) throw refused(attributes, reason);
  };

/** Everybody is in one group or the other; who asks to be among those that did not authenticate is. */
function groupsOf(username: string, asked: readonly string[], account: { namespace: string } | undefined): string[] {
  const groups = asked.length === 0 && account ? serviceAccountGroups(account) : [...asked];
  if (groups.includes(UNAUTHENTICATED)) return groups;
  if (username === ANONYMOUS.username) return [...groups, UNAUTHENTICATED];
  return groups.includes(AUTHENTICATED) ? groups : [...groups, AUTHENTICATED];
}

/** What is asked for, as Go prints the ObjectReferences that Kubernetes makes of it: kind, namespace, name, uid, apiVersion, resourceVersion, fieldPath. */
function references({ groups, extra, uid }: { groups: readonly string[]; extra: readonly [string, string[]][]; uid: string }): string {
  const version = 'authentication.k8s.io/v1';
  const all = [
    ...groups.map((group) => ['Group', '', group, '', '', '', '']),
    ...extra.flatMap(([key, values]) => values.map((value) => ['UserExtra', '', value, '', version, '', key])),
    ...(uid === '' ? [] : [['UID', '', uid, '', version, '', '']]),
  ];
  return `[${all.map((fields) => `{${fields.join(' ')}}`).join(' ')}]`;
}

const EXTRA = 'impersonate-extra-';

function extraOf(headers: Headers): [string, string[]][] {
  const extra: [string, string[]][] = [];
  headers.forEach((value, header) => {
    if (header.startsWith(EXTRA)) extra.push([unescaped(header.slice(EXTRA.length)), valuesOf(value)]);
  });
  return extra;
}

const valuesOf = (header: string | null): string[] => (header === null ? [] : header.split(',').map((part) => part.trim()));

/** Keys may hold what headers may not: they come percent-encoded. */
function unescaped(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

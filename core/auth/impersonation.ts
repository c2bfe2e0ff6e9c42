import { validateDomainPath } from '../kube/domain-path.ts';
import { serviceAccountGroups, serviceAccountOf } from '../kube/service-account.ts';
import { aggregate, StatusError } from '../kube/status.ts';
import { ANONYMOUS, AUTHENTICATED, MASTERS, UNAUTHENTICATED, type User } from '../kube/user.ts';
import { objectName } from '../kube/validation/names.ts';
import { type Attributes, type Authorization, refused } from './authorizer.ts';

/** The user that a request is to impersonate, as its headers say it. */
export interface Impersonation {
  readonly username: string;
  readonly groups: readonly string[];
  readonly extra: readonly (readonly [key: string, values: readonly string[]])[];
  readonly uid: string;
}

export interface ImpersonationRequest {
  readonly wanted: Impersonation;
  /** What the request is for, by the user who impersonates. */
  readonly attributes: Attributes;
  readonly authorize: (attributes: Attributes) => Authorization;
}

/**
 * The user that another one acts as, who may do so in one of several ways: constrained to nodes, service accounts or other users, and to what is done as these (verbs
 * such as `impersonate:user-info` and `impersonate-on:user-info:list`), or for all (`impersonate`) (Authentication, "User impersonation"; KEP 5284;
 * apiserver/pkg/endpoints/filters/impersonation). Throws the 403 of the first of the ways that comes into question.
 */
export function impersonated(request: ImpersonationRequest): User {
  let first: StatusError | undefined;
  for (const mode of modes) {
    if (!mode.appliesTo(request)) continue;
    try {
      return inMode(mode, request);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      first ??= error;
    }
  }
  throw first!;
}

interface Mode {
  /** Follows the verbs; none: it is not constrained. */
  readonly name?: string;
  readonly appliesTo: (request: ImpersonationRequest) => boolean;
  /** The one name under which a user is impersonated, whatever it is. */
  readonly anyName?: true;
}

const modes: readonly Mode[] = [
  // A service account, and with it a pod, as the node on which it is.
  { name: 'associated-node', appliesTo: (request) => isNameAlone(request) && isNodeOf(request), anyName: true },
  { name: 'arbitrary-node', appliesTo: (request) => isNameAlone(request) && nodeOf(request.wanted.username) !== undefined },
  { name: 'serviceaccount', appliesTo: (request) => isNameAlone(request) && serviceAccountOf(request.wanted.username) !== undefined },
  { name: 'user-info', appliesTo: ({ wanted: { username } }) => nodeOf(username) === undefined && serviceAccountOf(username) === undefined },
  { appliesTo: () => true },
];

const isNameAlone = ({ wanted: { groups, extra, uid } }: ImpersonationRequest) => groups.length === 0 && extra.length === 0 && uid === '';

function isNodeOf({ wanted, attributes: { user } }: ImpersonationRequest): boolean {
  const node = nodeOf(wanted.username);
  const own = user.extra?.['authentication.kubernetes.io/node-name'];
  return node !== undefined && serviceAccountOf(user.username) !== undefined && own?.length === 1 && own[0] === node;
}

function nodeOf(username: string): string | undefined {
  const name = username.startsWith(NODE) ? username.slice(NODE.length) : '';
  return name !== '' && objectName(name, 'subdomain').length === 0 ? name : undefined;
}

const NODE = 'system:node:';

function inMode({ name: mode, anyName }: Mode, { wanted, attributes, authorize }: ImpersonationRequest): User {
  const { user } = attributes;
  const verb = mode ? `impersonate:${mode}` : 'impersonate';
  const identity = mode ? AUTHENTICATION : '';
  const require = (asked: Attributes) => {
    const { allowed, reason } = authorize(asked);
    if (!allowed) throw refused(asked, reason);
  };
  const of = (resource: string, name: string, more: Partial<Impersonated> = {}): Attributes => ({
    ...{ user, verb, group: AUTHENTICATION, version: 'v1', resource },
    ...(name !== '' && { name }),
    ...more,
  });

  if (mode) require({ ...attributes, verb: `impersonate-on:${mode}:${attributes.verb}` });
  require(usernameAttributes());
  if (wanted.uid !== '') require(of('uids', wanted.uid));
  checkGroups();
  checkExtra();
  return {
    username: wanted.username,
    ...(wanted.uid !== '' && { uid: wanted.uid }),
    groups: groupsOf(wanted, mode !== undefined),
    ...(wanted.extra.length > 0 && { extra: Object.fromEntries(wanted.extra) }),
  };

  function usernameAttributes(): Attributes {
    const node = mode ? nodeOf(wanted.username) : undefined;
    if (node !== undefined) return of('nodes', anyName ? '*' : node, { group: identity });
    const account = serviceAccountOf(wanted.username);
    return account ? of('serviceaccounts', account.name, { group: identity, namespace: account.namespace }) : of('users', wanted.username, { group: identity });
  }

  function checkGroups(): void {
    const { groups } = wanted;
    if (mode && groups.includes('')) throw refused(of('groups', '', { group: identity }), 'impersonating the empty string group is not allowed');
    if (mode && groups.includes(MASTERS)) throw refused(of('groups', MASTERS, { group: identity }), 'impersonating the system:masters group is not allowed');
    if (mode && groups.length >= MANY && authorize(of('groups', '*', { group: identity })).allowed) return;
    for (const group of groups) require(of('groups', group, { group: identity }));
  }

  function checkExtra(): void {
    const wrong = mode ? extraError(wanted) : undefined;
    if (wrong) throw refused(of('userextras', ''), wrong);
    const values = wanted.extra.flatMap(([subresource, names]) => names.map((name) => ({ subresource, name })));
    if (mode && values.length >= MANY && authorize(of('userextras', '*', { subresource: '*' })).allowed) return;
    for (const { subresource, name } of values) require(of('userextras', name, { subresource }));
  }
}

const AUTHENTICATION = 'authentication.k8s.io';

interface Impersonated {
  readonly group: string;
  readonly subresource: string;
  readonly namespace: string;
}

/** From so many on it is asked first whether all that there can be is allowed. */
const MANY = 4;

function extraError({ extra }: Impersonation): string | undefined {
  for (const [key, values] of extra) {
    if (key === '') return 'impersonating the empty string key in extra is not allowed';
    const errors = validateDomainPath('extra.key', key);
    if (errors.length > 0) return `impersonating an invalid key in extra is not allowed: ${aggregate(errors)}`;
    if (key !== key.toLowerCase()) return `impersonating a non-lowercase key in extra is not allowed: ${JSON.stringify(key)}`;
    if (values.includes('')) return 'impersonating the empty string value in extra is not allowed';
  }
  return undefined;
}

/** Every user is in one group or the other; one that asks to be among those that did not authenticate is. */
function groupsOf({ username, groups: asked }: Impersonation, constrained: boolean): string[] {
  const account = serviceAccountOf(username);
  const groups = asked.length === 0 && account ? serviceAccountGroups(account) : constrained && nodeOf(username) !== undefined ? ['system:nodes'] : [...asked];
  if (groups.includes(UNAUTHENTICATED)) return groups;
  if (username === ANONYMOUS.username) return [...groups, UNAUTHENTICATED];
  return groups.includes(AUTHENTICATED) ? groups : [...groups, AUTHENTICATED];
}

import { serviceAccountGroups, serviceAccountOf, serviceAccountUsername } from './service-account.ts';

/** The user who makes a request, as authentication found (authentication.k8s.io UserInfo). */
export interface User {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** Every authenticated user is in this group as well. */
export const AUTHENTICATED = 'system:authenticated';

/** A user without a token is in this group instead. */
export const UNAUTHENTICATED = 'system:unauthenticated';

/** The user of a request without a token. */
export const ANONYMOUS: User = { username: 'system:anonymous', groups: [UNAUTHENTICATED] };

/** Whether a token says who the user is. */
export const isAuthenticated = ({ groups }: User): boolean => groups.includes(AUTHENTICATED);

/** The administrators' group: authorization lets it do everything, in every authorizer and for ever. */
export const MASTERS = 'system:masters';

/** As whom the API server itself writes: an administrator (apiserver/pkg/server, the loopback client's user). */
const API_SERVER = 'system:apiserver';

export const isMaster = ({ groups }: User): boolean => groups.includes(MASTERS);

export const withAuthenticated = (user: User): User => (isAuthenticated(user) ? user : { ...user, groups: [...user.groups, AUTHENTICATED] });

/** A user by name alone (a service account, a node, a component): in the groups that the name implies. */
export function userNamed(username: string): User {
  const known = named.get(username);
  if (known) return known;
  const user: User = Object.freeze({ username, groups: Object.freeze([...groupsImplied(username), AUTHENTICATED]) });
  if (named.size >= MOST_NAMED) named.clear();
  named.set(username, user);
  return user;
}

/** Under which name a component of the cluster writes: the first part of its user agent. */
export function componentOf({ username }: User): string {
  if (username.startsWith('system:node:')) return 'kubelet';
  if (username === API_SERVER) return 'kube-apiserver';
  if (username === 'system:kube-scheduler') return 'kube-scheduler';
  return serviceAccountOf(username)?.namespace === 'kube-system' || username === 'system:kube-controller-manager' ? 'kube-controller-manager' : 'unknown';
}

/** The service account as which a controller of kube-controller-manager writes: `replicaset-controller`. */
export const controllerUser = (name: string): User => userNamed(serviceAccountUsername({ namespace: 'kube-system', name }));

/** Of controllers and nodes: every event that they write names one of them. */
const named = new Map<string, User>();
const MOST_NAMED = 10_000;

function groupsImplied(username: string): string[] {
  const account = serviceAccountOf(username);
  if (account) return serviceAccountGroups(account);
  if (username === API_SERVER) return [MASTERS];
  return username.startsWith('system:node:') ? ['system:nodes'] : [];
}

/** Who makes a request, as authentication found (authentication.k8s.io UserInfo). */
export interface User {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** Everybody that authenticated is in this group as well. */
export const AUTHENTICATED = 'system:authenticated';

/** The administrators' group: authorization lets it do everything, in every authorizer and for ever. */
export const MASTERS = 'system:masters';

export const withAuthenticated = (user: User): User => (user.groups.includes(AUTHENTICATED) ? user : { ...user, groups: [...user.groups, AUTHENTICATED] });

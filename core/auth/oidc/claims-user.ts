import type { User } from '../../kube/user.ts';
import { Unmapped } from './claim-expression.ts';
import type { JwtUsers } from './configuration-validation.ts';

export type Claims = Readonly<Record<string, unknown>>;

/** The user that the claims of a good token make, by what is configured for its issuer. Throws `Unmapped` when they make none, or a rule does not hold. */
export function userOf(users: JwtUsers, claims: Claims): User {
  const username = usernameOf(users, claims);
  const groups = groupsOf(users, claims);
  const uid = uidOf(users, claims);
  const extra = extraOf(users, claims);
  for (const { claim, requiredValue = '' } of users.configuration.claimValidationRules ?? []) {
    if (claim && stringClaim(claims, claim) !== requiredValue) throw new Unmapped(`required claim ${claim} value does not match`);
  }
  for (const { expression, message } of users.claimRules) expression.mustHold(claims, message);
  const info = { username, uid, groups, extra };
  for (const { expression, message } of users.userRules) expression.mustHold(info, message);
  return { username, groups, ...(uid && { uid }), ...(Object.keys(extra).length > 0 && { extra }) };
}

function usernameOf({ username: expression, configuration }: JwtUsers, claims: Claims): string {
  if (expression) {
    const username = expression.string(claims);
    if (username === '') throw new Unmapped('empty username via CEL expression is not allowed');
    return username;
  }
  const { claim = '', prefix = '' } = configuration.claimMappings!.username!;
  const username = stringClaim(claims, claim);
  if (username === '') throw new Unmapped(`the claim ${claim} is empty`);
  // An address is a name only once the issuer has seen that it is the user's (OpenID Connect Core 1.0, 5.1).
  if (claim === 'email' && Object.hasOwn(claims, 'email_verified') && claims['email_verified'] !== true) throw new Unmapped('email not verified');
  return `${prefix}${username}`;
}

/** One group alone is as good as a list of one. */
function groupsOf({ groups: expression, configuration }: JwtUsers, claims: Claims): string[] {
  const { claim = '', prefix = '' } = configuration.claimMappings?.groups ?? {};
  if (expression) return expression.strings(claims);
  if (claim === '' || !Object.hasOwn(claims, claim)) return [];
  const value = claims[claim] ?? [];
  const groups = Array.isArray(value) ? value : [value];
  return groups.map((group: unknown) => {
    if (typeof group !== 'string') throw new Unmapped(`the claim ${claim} is neither a string nor a list of them`);
    return `${prefix}${group}`;
  });
}

function uidOf({ uid: expression, configuration }: JwtUsers, claims: Claims): string {
  const { claim } = configuration.claimMappings?.uid ?? {};
  if (claim) return stringClaim(claims, claim);
  return expression?.string(claims) ?? '';
}

function extraOf({ extra }: JwtUsers, claims: Claims): Record<string, readonly string[]> {
  const { jti } = claims;
  const mapped = extra.map(({ key, value }) => [key, value.strings(claims)] as const).filter(([, values]) => values.length > 0);
  const id = typeof jti === 'string' && jti !== '' ? [['authentication.kubernetes.io/credential-id', [`JTI=${jti}`]] as const] : [];
  return Object.fromEntries([...id, ...mapped]);
}

function stringClaim(claims: Claims, name: string): string {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  if (typeof value !== 'string') throw new Unmapped(`the claim ${name} is not there, or no string`);
  return value;
}

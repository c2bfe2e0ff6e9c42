import { sign } from 'node:crypto';
import { serviceAccountUsername } from '../kube/service-account.ts';
import type { ServiceAccount } from '../schema/generated/kinds.ts';
import { ALGORITHM, type SigningKey } from './signing-key.ts';

/** Who issued the tokens that stand in Secrets (pkg/serviceaccount/legacy.go). */
export const LEGACY_ISSUER = 'kubernetes/serviceaccount';

/** What such a token says: it is for this API server, never expires, and is good while its Secret holds it. */
export interface LegacyClaims {
  readonly iss: typeof LEGACY_ISSUER;
  readonly sub: string;
  readonly 'kubernetes.io/serviceaccount/namespace': string;
  readonly 'kubernetes.io/serviceaccount/secret.name': string;
  readonly 'kubernetes.io/serviceaccount/service-account.name': string;
  readonly 'kubernetes.io/serviceaccount/service-account.uid': string;
}

/** The token of an account for a Secret. Signed by node:crypto, at once, as a controller decides: jose signs in its own time. */
export function legacyToken({ key, account, secretName }: { key: SigningKey; account: ServiceAccount; secretName: string }): string {
  const { namespace, name, uid } = account.metadata;
  const claims: LegacyClaims = {
    iss: LEGACY_ISSUER,
    'kubernetes.io/serviceaccount/namespace': namespace!,
    'kubernetes.io/serviceaccount/secret.name': secretName,
    'kubernetes.io/serviceaccount/service-account.name': name,
    'kubernetes.io/serviceaccount/service-account.uid': uid!,
    sub: serviceAccountUsername({ namespace: namespace!, name }),
  };
  const signed = [{ alg: ALGORITHM, kid: key.id }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  // RFC 7518, 3.4: both numbers of the signature, of 32 bytes each.
  const signature = sign('sha256', Buffer.from(signed), { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

/** What is wrong with the claims of a token that is signed by one of the cluster's keys, in Kubernetes' words (legacyValidator.Validate); undefined: nothing. */
export function legacyClaimsProblem(claims: Partial<LegacyClaims>): string | undefined {
  if (!claims.sub) return 'sub claim is missing';
  for (const [claim, name] of Object.entries(NAMES)) if (!claims[claim as keyof typeof NAMES]) return `${name} claim is missing`;
  const { [NAMESPACE]: namespace, [ACCOUNT]: name } = claims as LegacyClaims;
  return claims.sub === serviceAccountUsername({ namespace, name }) ? undefined : 'sub claim is invalid';
}

const NAMESPACE = 'kubernetes.io/serviceaccount/namespace';
const ACCOUNT = 'kubernetes.io/serviceaccount/service-account.name';
const NAMES = {
  [NAMESPACE]: 'namespace',
  'kubernetes.io/serviceaccount/secret.name': 'secretName',
  [ACCOUNT]: 'serviceAccountName',
  'kubernetes.io/serviceaccount/service-account.uid': 'serviceAccountUID',
} as const;

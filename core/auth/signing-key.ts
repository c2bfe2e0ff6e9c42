import { createHash, type KeyObject } from 'node:crypto';
import { derivedKey } from './derived-key.ts';

/** ECDSA on P-256 with SHA-256 (RFC 7518, 3.4): kube-apiserver signs with it too, and those that trust an OpenID issuer (AWS IAM, Vault) check it. */
export const ALGORITHM = 'ES256';

/** What the tokens of one cluster are signed with. */
export interface SigningKey {
  /** The hash of the public key, as kube-apiserver names its keys (pkg/serviceaccount/jwt.go, keyIDFromPublicKey). */
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly jwk: PublicKey;
}

/** A JSON Web Key (RFC 7517; its parameters: RFC 7518, 6.2.1). */
export interface PublicKey {
  readonly use: 'sig';
  readonly kty: 'EC';
  readonly kid: string;
  readonly crv: 'P-256';
  readonly alg: typeof ALGORITHM;
  readonly x: string;
  readonly y: string;
}

/**
 * The key of a cluster for a purpose, derived from the secret of its deployment (HKDF, RFC 5869): every process comes to the same, and those that trust one cluster do
 * not trust another.
 */
export function signingKeyOf(secret: Uint8Array, cluster: string, purpose = 'service account tokens'): SigningKey {
  const { privateKey, publicKey, coordinates } = derivedKey(secret, (attempt) => `logplane ${purpose} ${attempt} ${cluster}`);
  const id = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
  return { id, privateKey, publicKey, jwk: { use: 'sig', kid: id, alg: ALGORITHM, ...coordinates } };
}

import { createECDH, createPrivateKey, createPublicKey, hkdfSync, type KeyObject } from 'node:crypto';

/** A pair of keys on P-256. */
export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** The point of the public key, as RFC 7518, 6.2.1, writes it. */
  readonly coordinates: { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string };
}

/** The keys for a purpose, derived from the secret of a deployment (HKDF, RFC 5869): every process comes to the same, and those of one purpose say nothing of others. */
export function derivedKey(secret: Uint8Array, purpose: (attempt: number) => string): KeyPair {
  const { d, point } = numbers(secret, purpose);
  const coordinates = { kty: 'EC', crv: 'P-256', x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33).toString('base64url') } as const;
  return {
    privateKey: createPrivateKey({ key: { ...coordinates, d: d.toString('base64url') }, format: 'jwk' }),
    publicKey: createPublicKey({ key: { ...coordinates }, format: 'jwk' }),
    coordinates,
  };
}

function numbers(secret: Uint8Array, purpose: (attempt: number) => string): { d: Buffer; point: Buffer } {
  const curve = createECDH('prime256v1');
  // One number of 32 bytes in four thousand million is none of a key.
  for (let attempt = 0; ; attempt++) {
    const d = Buffer.from(hkdfSync('sha256', secret, '', purpose(attempt), 32));
    try {
      curve.setPrivateKey(d);
      return { d, point: curve.getPublicKey() };
    } catch {}
  }
}

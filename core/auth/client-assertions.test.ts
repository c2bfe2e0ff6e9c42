import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose/jwt/sign';
import { describe, expect, it } from 'vitest';
import { realInstant } from '../instant.ts';
import { encodeName } from '../x509/distinguished-name.ts';
import { issue } from '../x509/issue.ts';
import { type CertificateAuthority, certificateAuthorityOf } from './certificate-authority.ts';
import { ASSERTION_TYPE, ClientAssertions } from './client-assertions.ts';
import { ClientCertificates } from './client-certificates.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const HOUR = 3_600_000;
const URL = 'https://api.example/live/clusters/main';
const authority = (secret: number, cluster = 'main') => certificateAuthorityOf(new Uint8Array(32).fill(secret), cluster);
const own = authority(7);
const assertions = new ClientAssertions(new ClientCertificates((cluster) => [authority(7, cluster)]));

interface Forgery {
  readonly by?: CertificateAuthority;
  readonly keys?: { privateKey: KeyObject; publicKey: KeyObject };
  /** Signs the token; by itself the key of the certificate. */
  readonly signer?: KeyObject | Uint8Array;
  readonly alg?: string;
  readonly usage?: string;
  readonly certificateTo?: number;
  readonly header?: object;
  readonly claims?: object;
}

const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const alice = pair();

function assertion({
  by = own,
  keys = alice,
  signer = keys.privateKey,
  alg = 'ES256',
  usage = '1.3.6.1.5.5.7.3.2',
  certificateTo = NOW + HOUR,
  header,
  claims,
}: Forgery = {}) {
  const certificate = issue(
    {
      serialNumber: Buffer.of(1),
      issuer: by.name,
      subject: encodeName({ commonName: 'alice', organization: ['developers'] }),
      publicKey: keys.publicKey.export({ type: 'spki', format: 'der' }),
      notBefore: NOW - HOUR,
      notAfter: certificateTo,
      keyUsage: 1,
      extendedKeyUsages: [usage],
      isAuthority: false,
      authorityKey: by.keyInfo,
    },
    by.sign,
  );
  const seconds = NOW / 1000;
  return new SignJWT({ sub: 'alice', aud: URL, iat: seconds, exp: seconds + 600, ...claims })
    .setProtectedHeader({ alg, typ: ASSERTION_TYPE, x5c: [certificate.toString('base64')], ...header })
    .sign(signer);
}

/** Who sends a token, at a time and to a cluster. */
const bearer = async (token: string, { now = NOW, cluster = 'main', url = URL as string | null } = {}) =>
  (await assertions.authenticate(token, { cluster, now: realInstant(now), url: url ?? undefined }))?.user.username;

describe('an assertion of a client', () => {
  it('says who has the certificate', async () => {
    expect((await assertions.authenticate(await assertion(), { cluster: 'main', now: realInstant(NOW), url: URL }))?.user).toEqual({
      username: 'alice',
      groups: ['developers'],
      extra: { 'authentication.kubernetes.io/credential-id': [expect.stringMatching(/^X509SHA256=/)] },
    });
  });

  it.each<{ name: string; keys: () => { privateKey: KeyObject; publicKey: KeyObject }; alg: string }>([
    { name: 'RSA', keys: () => generateKeyPairSync('rsa', { modulusLength: 2048 }), alg: 'RS256' },
    { name: 'Ed25519', keys: () => generateKeyPairSync('ed25519'), alg: 'EdDSA' },
    { name: 'P-384', keys: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }), alg: 'ES384' },
  ])('is good by a key of $name', async ({ keys, alg }) => expect(await bearer(await assertion({ keys: keys(), alg }))).toBe('alice'));

  it.each<{ name: string; forgery?: Forgery; context?: Parameters<typeof bearer>[1] }>([
    { name: 'after ten minutes', context: { now: NOW + 11.1 * 60_000 } },
    { name: 'made for later', forgery: { claims: { iat: NOW / 1000 + 300, exp: NOW / 1000 + 900 } } },
    { name: 'made for longer', forgery: { claims: { exp: NOW / 1000 + 601 } } },
    { name: 'for ever', forgery: { claims: { exp: undefined } } },
    { name: 'of no time', forgery: { claims: { iat: undefined } } },
    { name: 'for another cluster of the server', context: { url: 'https://api.example/live/clusters/other' } },
    { name: 'for another server', forgery: { claims: { aud: 'https://evil.example/live/clusters/main' } } },
    { name: 'for no server', forgery: { claims: { aud: undefined } } },
    { name: 'where nobody vouches for the URL', context: { url: null } },
    { name: 'of another user', forgery: { claims: { sub: 'bob' } } },
    { name: 'with the certificate of another authority', forgery: { by: authority(8) } },
    { name: 'with the certificate of another cluster', context: { cluster: 'other' } },
    { name: 'with the certificate of a server', forgery: { usage: '1.3.6.1.5.5.7.3.1' } },
    { name: 'with a certificate that has expired', forgery: { certificateTo: NOW - 1000 } },
    { name: 'signed with another key', forgery: { signer: pair().privateKey } },
    { name: 'signed with what the certificate is, as a secret', forgery: { signer: alice.publicKey.export({ type: 'spki', format: 'der' }), alg: 'HS256' } },
    { name: 'of another type', forgery: { header: { typ: 'JWT' } } },
    { name: 'without a certificate', forgery: { header: { x5c: [] } } },
    { name: 'with something else', forgery: { header: { x5c: [7] } } },
    { name: 'with the key beside it', forgery: { header: { x5c: undefined, jwk: alice.publicKey.export({ format: 'jwk' }) } } },
  ])('is not good $name', async ({ forgery, context }) => expect(await bearer(await assertion(forgery), context)).toBeUndefined());

  it('is not good unsigned', async () => {
    const [header, claims] = (await assertion()).split('.');
    const none = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(header!, 'base64url').toString()), alg: 'none' })).toString('base64url');
    expect(await bearer(`${none}.${claims}.`)).toBeUndefined();
    expect(await bearer('abc')).toBeUndefined();
  });
});

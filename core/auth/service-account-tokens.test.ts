import type { KeyObject } from 'node:crypto';
import { createLocalJWKSet } from 'jose/jwks/local';
import { SignJWT } from 'jose/jwt/sign';
import { UnsecuredJWT } from 'jose/jwt/unsecured';
import { jwtVerify } from 'jose/jwt/verify';
import { describe, expect, it } from 'vitest';
import { clusterInstant, realInstant } from '../instant.ts';
import type { KubeObject } from '../kube/object.ts';
import { stateOf } from '../testing/state.ts';
import { type Issue, ServiceAccountTokens } from './service-account-tokens.ts';
import { signingKeyOf } from './signing-key.ts';
import { whyVoid } from './void-tokens.ts';

interface Forgery {
  readonly alg?: string;
  readonly typ?: string;
  readonly kid?: string;
  readonly by?: KeyObject | Uint8Array;
}

const NOW = Date.parse('2026-01-01T00:00:00Z');
const HOUR = 3_600_000;
const key = new Uint8Array(32).fill(7);
const account: KubeObject = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'bob', namespace: 'default', uid: 'u1' } };
const pod: KubeObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'default', uid: 'u2' } };
const issue: Issue = { cluster: 'main', account, audiences: [], now: realInstant(NOW), expires: realInstant(NOW + HOUR), id: 'id-1' };

const tokens = new ServiceAccountTokens({ key });
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());

/** The bearer of a token, on a cluster with these objects. */
async function bearer(token: string, { cluster = 'main', now = NOW, objects = [account, pod] } = {}): Promise<string | undefined> {
  const authentication = await tokens.authenticate(token, { cluster, now: realInstant(now) });
  return authentication && whyVoid(authentication, stateOf(objects), clusterInstant(now)) === undefined ? authentication.user.username : undefined;
}

it('has the claims of Kubernetes', async () => {
  expect(claimsOf(await tokens.issue({ ...issue, boundTo: pod }))).toEqual({
    aud: ['https://kubernetes.default.svc'],
    exp: (NOW + HOUR) / 1000,
    iat: NOW / 1000,
    iss: 'https://kubernetes.default.svc',
    jti: 'id-1',
    'kubernetes.io': { cluster: 'main', namespace: 'default', serviceaccount: { name: 'bob', uid: 'u1' }, pod: { name: 'web', uid: 'u2' } },
    nbf: NOW / 1000,
    sub: 'system:serviceaccount:default:bob',
  });
});

it('says who bears it, and for whom it is', async () => {
  const token = await tokens.issue({ ...issue, boundTo: pod, audiences: ['vault'] });
  expect(await tokens.authenticate(token, { cluster: 'main', now: realInstant(NOW) })).toEqual({
    user: {
      username: 'system:serviceaccount:default:bob',
      uid: 'u1',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default'],
      extra: {
        'authentication.kubernetes.io/credential-id': ['JTI=id-1'],
        'authentication.kubernetes.io/pod-name': ['web'],
        'authentication.kubernetes.io/pod-uid': ['u2'],
      },
    },
    audiences: ['vault'],
    boundTo: [
      { resource: 'serviceaccounts', namespace: 'default', name: 'bob', uid: 'u1' },
      { resource: 'pods', namespace: 'default', name: 'web', uid: 'u2' },
    ],
  });
});

describe('is good', () => {
  const good = 'system:serviceaccount:default:bob';
  it.each([
    { name: 'when it was issued', want: good },
    { name: 'until it expires', now: NOW + HOUR - 1, want: good },
    { name: 'and not after', now: NOW + HOUR, want: undefined },
    { name: 'where the clock is a little behind', now: NOW - 59_000, want: good },
    { name: 'and not long before it was issued', now: NOW - 61_000, want: undefined },
    { name: 'for its own cluster only', cluster: 'other', want: undefined },
    { name: 'not when its account is gone', objects: [pod], want: undefined },
    { name: 'not for another account of that name', objects: [{ ...account, metadata: { ...account.metadata, uid: 'u9' } }, pod], want: undefined },
    { name: 'not when the pod that it is bound to is gone', objects: [account], want: undefined },
  ])('$name', async ({ want, ...context }) => {
    expect(await bearer(await tokens.issue({ ...issue, boundTo: pod }), context)).toBe(want);
  });
});

describe('is not taken', () => {
  const own = signingKeyOf(key, 'main');
  const forge = (claims: object, { alg = 'ES256', typ = 'JWT', kid = own.id, by = own.privateKey }: Forgery = {}) =>
    new SignJWT({ ...claims }).setProtectedHeader({ alg, typ, kid }).sign(by);
  const resigned = async (change: object) => forge({ ...claimsOf(await tokens.issue(issue)), ...change });

  it('but for this one, which is what the forged ones are made of', async () => {
    expect(await bearer(await resigned({}))).toBe('system:serviceaccount:default:bob');
  });

  it.each<{ name: string; token: () => string | Promise<string> }>([
    {
      name: 'signed with another key',
      token: async () => forge(claimsOf(await tokens.issue(issue)), { by: signingKeyOf(new Uint8Array(32).fill(8), 'main').privateKey }),
    },
    {
      name: 'signed with the key of another cluster',
      token: async () => forge(claimsOf(await tokens.issue(issue)), { by: signingKeyOf(key, 'other').privateKey }),
    },
    {
      name: 'signed with what the public key is, as a secret',
      token: async () => forge(claimsOf(await tokens.issue(issue)), { alg: 'HS256', by: Buffer.from(own.jwk.x) }),
    },
    { name: 'signed with the secret of the deployment', token: async () => forge(claimsOf(await tokens.issue(issue)), { alg: 'HS256', by: key }) },
    { name: 'that names another key', token: async () => forge(claimsOf(await tokens.issue(issue)), { kid: 'other' }) },
    { name: 'signed in no way', token: async () => new UnsecuredJWT(claimsOf(await tokens.issue(issue))).encode() },
    { name: 'of another type', token: async () => forge(claimsOf(await tokens.issue(issue)), { typ: 'at+jwt' }) },
    { name: 'of another issuer', token: () => resigned({ iss: 'https://example.com' }) },
    { name: 'that never expires', token: () => resigned({ exp: undefined }) },
    { name: 'of no cluster', token: () => resigned({ 'kubernetes.io': undefined }) },
    { name: 'without its signature', token: async () => (await tokens.issue(issue)).replace(/[^.]*$/, '') },
    { name: 'with more behind it', token: async () => `${await tokens.issue(issue)}.x` },
    { name: 'that is none', token: () => 'abc' },
    { name: 'that is empty', token: () => '' },
    { name: 'of dots', token: () => '...'.repeat(10_000) },
  ])('a token $name', async ({ token }) => {
    expect(await bearer(await token())).toBeUndefined();
  });

  it('that is no token at all', async () => {
    expect(await bearer('a.b.c')).toBeUndefined();
  });
});

it('wants a key worth the name', () => {
  expect(() => new ServiceAccountTokens({ key: new Uint8Array(31) })).toThrow('at least 32 bytes');
});

describe('when the key is replaced', () => {
  const [old, current] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const check = async (tokens: ServiceAccountTokens, token: string) =>
    (await tokens.authenticate(token, { cluster: 'main', now: realInstant(NOW) }))?.user.username;
  const good = 'system:serviceaccount:default:bob';

  it('takes what the previous one signed as long as that is told, and signs with the new one', async () => {
    const before = new ServiceAccountTokens({ key: old });
    const during = new ServiceAccountTokens({ key: current, previousKeys: [old] });
    const after = new ServiceAccountTokens({ key: current });
    const [first, second] = [await before.issue(issue), await during.issue(issue)];
    expect(await Promise.all([before, during, after].map((tokens) => check(tokens, first)))).toEqual([good, good, undefined]);
    expect(await Promise.all([before, during, after].map((tokens) => check(tokens, second)))).toEqual([undefined, good, good]);
  });

  it('can be prepared: every process knows the new one before any signs with it', async () => {
    const prepared = new ServiceAccountTokens({ key: old, previousKeys: [current] });
    expect(await check(prepared, await new ServiceAccountTokens({ key: current }).issue(issue))).toBe(good);
  });

  it('names in a token the key that signed it, by its thumbprint, and takes no other for it', async () => {
    const during = new ServiceAccountTokens({ key: current, previousKeys: [old] });
    const [header, claims, signature] = (await during.issue(issue)).split('.') as [string, string, string];
    const { kid, ...rest } = JSON.parse(Buffer.from(header, 'base64url').toString());
    expect(kid).toMatch(/^[\w-]{43}$/);
    for (const other of ['none', '', '../key', '__proto__']) {
      const forged = Buffer.from(JSON.stringify({ ...rest, kid: other })).toString('base64url');
      expect(await check(during, `${forged}.${claims}.${signature}`)).toBeUndefined();
    }
  });
});

describe('the public keys', () => {
  it('check the tokens of their cluster, and of no other', async () => {
    const token = await tokens.issue({ ...issue, audiences: ['vault'] });
    const check = (cluster: string) =>
      jwtVerify(token, createLocalJWKSet({ keys: [...tokens.publicKeys(cluster)] }), { audience: 'vault', currentDate: new Date(NOW) });
    expect((await check('main')).payload.sub).toBe('system:serviceaccount:default:bob');
    await expect(check('other')).rejects.toThrow();
  });

  it('are the same in every process, and tell nothing of the key that signs', () => {
    const [jwk] = tokens.publicKeys('main');
    expect(new ServiceAccountTokens({ key }).publicKeys('main')).toEqual([jwk]);
    expect(Object.keys(jwk!).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
  });

  it('are those of previous keys too', () => {
    const replaced = new ServiceAccountTokens({ key: new Uint8Array(32).fill(9), previousKeys: [key] });
    expect(replaced.publicKeys('main').map(({ kid }) => kid)).toContain(tokens.publicKeys('main')[0]!.kid);
  });
});

it('remembers whose signature was good, and no more of it', async () => {
  const token = await tokens.issue(issue);
  const at = (now: number) => tokens.authenticate(token, { cluster: 'main', now: realInstant(now) });
  expect(await at(NOW)).toBeDefined();
  expect(await at(NOW + HOUR)).toBeUndefined();
  expect(await at(NOW - 61_000)).toBeUndefined();
  expect(await at(NOW)).toBeDefined();
});

import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AUDIENCE, type Issuer, issuer, pair } from '../../test/support/issuer.ts';
import { anyOf } from '../auth/authenticator.ts';
import type { AuthenticationConfiguration, ClaimMappings, JwtAuthenticatorConfiguration } from '../auth/oidc/authentication-configuration.ts';
import { oidcUsers } from '../auth/oidc/oidc-users.ts';
import { staticTokens } from '../auth/static-tokens.ts';
import { systemEnv } from '../env.ts';
import { memoryLog } from '../log/memory/memory-log.ts';
import { START } from '../testing/env.ts';
import { bearers, type TestServer, testServer } from '../testing/server.ts';
import { httpsGet } from '../webhooks/https-get.ts';

/** Users of issuers that really listen, asked of the API who they are. */
const started: Issuer[] = [];
let first: Issuer;
let second: Issuer;
beforeAll(async () => {
  first = await newIssuer();
  second = await newIssuer('/tenant');
});
afterAll(() => Promise.all(started.map((one) => one.close())));

async function newIssuer(path?: string): Promise<Issuer> {
  const one = await issuer({ now: () => START, ...(path && { path }) });
  started.push(one);
  return one;
}

const jwt = (of: Issuer, { issuer = {}, ...rest }: Partial<JwtAuthenticatorConfiguration> = {}): JwtAuthenticatorConfiguration => ({
  issuer: { url: of.url, audiences: [AUDIENCE], certificateAuthority: of.ca, ...issuer },
  claimMappings: { username: { claim: 'sub', prefix: 'oidc:' }, groups: { claim: 'groups', prefix: 'oidc:' } },
  ...rest,
});

interface Told {
  readonly server: TestServer;
  readonly problems: string[];
}

async function serverOf(configuration: AuthenticationConfiguration): Promise<Told> {
  const problems: string[] = [];
  const users = oidcUsers(configuration, {
    get: httpsGet({ clock: systemEnv.clock, allowsPrivate: true }),
    ownIssuers: [],
    problem: (message, error) => problems.push(`${message}: ${(error as Error).message}`),
  });
  return { server: await testServer({ roles: true, authenticator: anyOf([staticTokens(bearers), users]) }), problems };
}

async function whoami({ server }: Told, token: string): Promise<unknown> {
  const { code, json } = await server.request('POST /apis/authentication.k8s.io/v1/selfsubjectreviews', { token, body: {} });
  return code === 201 ? json.status.userInfo : code;
}

const JANE = {
  username: 'oidc:jane',
  groups: ['system:authenticated'],
  extra: { 'authentication.kubernetes.io/credential-id': ['JTI=id'] },
};

describe('a token', () => {
  let told: Told;
  beforeAll(async () => {
    told = await serverOf({ jwt: [jwt(first), jwt(second)] });
  });

  it('of each issuer is good, and its keys are asked for once', async () => {
    const groups = ['a', 'b'];
    expect(await whoami(told, await first.token({ groups }))).toEqual({ ...JANE, groups: ['oidc:a', 'oidc:b', 'system:authenticated'] });
    expect(await whoami(told, await second.token({ groups: 'one', jti: undefined }))).toEqual({
      username: 'oidc:jane',
      groups: ['oidc:one', 'system:authenticated'],
    });
    expect(await whoami(told, await first.token({ aud: ['other', AUDIENCE] }))).toEqual(JANE);
    expect(first.asked).toEqual(['/.well-known/openid-configuration', '/keys']);
    expect(second.asked).toEqual(['/tenant/.well-known/openid-configuration', '/tenant/keys']);
  });

  const seconds = START / 1000;
  const signed = (header: object, claims: object) => {
    const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return `${text}.${sign('sha256', Buffer.from(text), current.privateKey).toString('base64url')}`;
  };
  const hmac = (header: object, claims: object, secret: string) => {
    const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
  };
  it('made by hand is good where a good one is made', async () => {
    expect(await whoami(told, signed({ alg: 'RS256', kid: 'key-1' }, good()))).toMatchObject({ username: 'oidc:jane' });
  });

  const good = () => ({ iss: first.url, sub: 'jane', aud: AUDIENCE, iat: seconds, exp: seconds + 600 });

  it.each<[string, () => Promise<string> | string]>([
    ['for another audience', () => first.token({ aud: 'other' })],
    ['for no audience', () => first.token({ aud: undefined })],
    ['that has expired', () => first.token({ exp: seconds })],
    ['that never expires', () => first.token({ exp: undefined })],
    ['of the future', () => first.token({ nbf: seconds + 301 })],
    ['of an issuer that is not configured', () => first.token({ iss: 'https://elsewhere.example' })],
    ['of one issuer, signed by the other', () => second.token({ iss: first.url })],
    ['of an issuer whose URL only begins alike', () => first.token({ iss: `${first.url}/` })],
    ['with another key under the same name', () => first.token({}, { key: pair('key-1') })],
    ['whose claims were changed', async () => (await first.token()).replace(/\..*\./, (claims) => claims.replace('a', 'b').replace('e', 'f'))],
    ['without a signature', async () => (await first.token()).replace(/[^.]*$/, '')],
    ['without an algorithm', () => `${hmac({ alg: 'none', kid: 'key-1' }, good(), '').replace(/[^.]*$/, '')}`],
    ['of an algorithm that nobody knows', () => hmac({ alg: 'XX', kid: 'key-1' }, good(), 'x')],
    [
      'signed with the public key as a secret',
      () => hmac({ alg: 'HS256', kid: 'key-1' }, good(), first.rotate(current).publicKey.export({ type: 'spki', format: 'pem' }) as string),
    ],
    [
      'that brings its own key',
      async () => first.token({}, { key: { ...pair('x') }, header: { kid: undefined, jwk: pair('y').publicKey.export({ format: 'jwk' }) } }),
    ],
    ['with an extension that is critical', () => signed({ alg: 'RS256', kid: 'key-1', crit: ['x'], x: 1 }, good())],
    ['that is not encoded as tokens are', () => signed({ alg: 'RS256', kid: 'key-1', crit: ['b64'], b64: false }, good())],
    ['whose subject is no string', () => first.token({ sub: { toString: 'jane' } })],
    ['without a subject', () => first.token({ sub: undefined })],
    ['whose groups are no strings', () => first.token({ groups: [{ a: 1 }] })],
    ['that is no token', () => 'a.b.c'],
    ['in JSON', () => '{"payload":"","signatures":[]}'],
  ])('%s is not', async (_name, token) => {
    expect(await whoami(told, await token())).toBe(401);
  });
});

/** What `first` signs with all the while. */
const current = pair('key-1');
beforeAll(() => {
  first.rotate(current);
});

describe('the keys of an issuer', () => {
  it('are asked for again when a token names a new one, and not for each that names none', async () => {
    const own = await newIssuer();
    const told = await serverOf({ jwt: [jwt(own)] });
    const before = await own.token();
    expect(await whoami(told, before)).toEqual(JANE);
    own.rotate();
    const after = await own.token();
    // Asked a moment ago: the new key waits for its turn.
    expect(await whoami(told, after)).toBe(401);
    told.server.clock.advance(10_000);
    expect(await whoami(told, after)).toEqual(JANE);
    expect(await whoami(told, before)).toBe(401);
    const asked = own.asked.length;
    const strangers = await Promise.all(Array.from({ length: 20 }, (_, i) => own.token({}, { key: { ...current, kid: `stranger-${i}` } })));
    for (const token of strangers) expect(await whoami(told, token)).toBe(401);
    told.server.clock.advance(10_000);
    await Promise.all(strangers.map(async (token) => expect(await whoami(told, token)).toBe(401)));
    expect(own.asked.length - asked).toBe(2);
    expect(await whoami(told, await own.token())).toEqual(JANE);
  });

  it('that were withdrawn are good for an hour at most', async () => {
    const own = await newIssuer();
    const told = await serverOf({ jwt: [jwt(own)] });
    const token = await own.token({ exp: START / 1000 + 86_400 });
    expect(await whoami(told, token)).toEqual(JANE);
    own.rotate();
    told.server.clock.advance(3_600_001);
    expect(await whoami(told, token)).toBe(401);
  });

  it('may be of elliptic curves, and those that are no public keys count for nothing', async () => {
    const own = await newIssuer();
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const keys = [
      null,
      { kty: 'oct', k: 'c2VjcmV0', kid: 'ec' },
      { kty: 'RSA', n: 'x', e: 'AQAB', kid: 'ec' },
      { ...publicKey.export({ format: 'jwk' }), kid: 'ec', use: 'enc' },
      { ...publicKey.export({ format: 'jwk' }), kid: 'ec' },
    ];
    own.answers = (path, response) => path === '/keys' && Boolean(response.end(JSON.stringify({ keys })));
    const told = await serverOf({ jwt: [jwt(own)] });
    const key = { kid: 'ec', publicKey, privateKey };
    expect(await whoami(told, await own.token({}, { key, header: { alg: 'ES256' } }))).toEqual(JANE);
    expect(await whoami(told, await own.token({}, { key, header: { alg: 'ES256', kid: undefined } }))).toEqual(JANE);
  });

  const LARGE = ' '.repeat(300 * 1024);
  it.each<[string, Issuer['answers'], string]>([
    ['too large', (path, response) => path === '/keys' && Boolean(response.end(LARGE)), 'the answer is larger than 262144 bytes'],
    ['no JSON', (path, response) => path === '/keys' && Boolean(response.end('<html>')), 'Unexpected token'],
    ['elsewhere', (path, response) => path === '/keys' && Boolean(response.writeHead(302, { location: 'https://localhost/' }).end()), 'answered 302'],
    ['not there', (_, response) => Boolean(response.writeHead(404).end()), 'answered 404'],
    ['cut off', (_, response) => Boolean(response.destroy()), 'socket hang up'],
    [
      "another's",
      (path, response) =>
        path !== '/keys' && Boolean(response.end(JSON.stringify({ issuer: 'https://other.example', jwks_uri: 'https://other.example/keys' }))),
      'issuer did not match the issuer returned by provider',
    ],
    [
      'not over HTTPS',
      (path, response) => path !== '/keys' && Boolean(response.end(JSON.stringify({ issuer: here(), jwks_uri: 'http://localhost/' }))),
      'provider did not return JWKS URL',
    ],
  ])('that are %s make no user, and the host is told', async (_name, answers, problem) => {
    const own = await newIssuer();
    here = () => own.url;
    own.answers = answers;
    const told = await serverOf({ jwt: [jwt(own)] });
    expect(await whoami(told, await own.token())).toBe(401);
    expect(told.problems).toEqual([expect.stringContaining(problem)]);
    // The next one does not wait for it again.
    const asked = own.asked.length;
    expect(await whoami(told, await own.token())).toBe(401);
    expect(own.asked.length).toBe(asked);
  });
  let here: () => string;

  it('of an issuer that says nothing are waited for in vain, once for all who wait', async () => {
    const own = await newIssuer();
    own.answers = () => true;
    const problems: string[] = [];
    const waits = Promise.withResolvers<void>();
    const clock = { ...systemEnv.clock, sleep: () => waits.promise };
    const users = oidcUsers(
      { jwt: [jwt(own)] },
      { get: httpsGet({ clock, allowsPrivate: true }), ownIssuers: [], problem: (_, error) => problems.push((error as Error).name) },
    );
    const server = await testServer({ roles: true, authenticator: anyOf([staticTokens(bearers), users]) });
    const token = await own.token();
    const answers = Promise.all([1, 2, 3].map(() => whoami({ server, problems }, token)));
    await expect.poll(() => own.asked.length).toBe(1);
    waits.resolve();
    expect(await answers).toEqual([401, 401, 401]);
    expect({ problems, asked: own.asked.length }).toEqual({ problems: ['AbortError'], asked: 1 });
  });

  it('are believed of the authority alone that is named', async () => {
    const own = await newIssuer();
    const told = await serverOf({ jwt: [jwt(own, { issuer: { certificateAuthority: first.ca } })] });
    expect(await whoami(told, await own.token())).toBe(401);
    expect(own.asked).toEqual([]);
  });

  it('are where the configuration says that they are', async () => {
    const own = await newIssuer();
    const url = 'https://issuer.example';
    own.answers = (path, response) => path === '/discovery' && Boolean(response.end(JSON.stringify({ issuer: url, jwks_uri: `${own.url}/keys` })));
    const told = await serverOf({ jwt: [jwt(own, { issuer: { url, discoveryURL: `${own.url}/discovery` } })] });
    expect(await whoami(told, await own.token({ iss: url }))).toEqual(JANE);
  });
});

describe('claims', () => {
  const username = { claim: 'sub', prefix: '' };
  it.each<{ name: string; mappings?: ClaimMappings; rules?: Partial<JwtAuthenticatorConfiguration>; claims?: Record<string, unknown>; want: unknown }>([
    { name: 'a verified address', mappings: { username: { claim: 'email', prefix: '' } }, claims: { email: 'j@x', email_verified: true }, want: 'j@x' },
    {
      name: 'an address that nobody verified',
      mappings: { username: { claim: 'email', prefix: '' } },
      claims: { email: 'j@x', email_verified: false },
      want: 401,
    },
    {
      name: 'an address verified in words',
      mappings: { username: { claim: 'email', prefix: '' } },
      claims: { email: 'j@x', email_verified: 'true' },
      want: 401,
    },
    { name: 'an address alone', mappings: { username: { claim: 'email', prefix: '' } }, claims: { email: 'j@x' }, want: 'j@x' },
    { name: 'an expression', mappings: { username: { expression: '"x:" + claims.sub' } }, want: 'x:jane' },
    { name: 'an expression that is empty', mappings: { username: { expression: 'claims.?none.orValue("")' } }, want: 401 },
    { name: 'an expression that is no string', mappings: { username: { expression: 'claims.n' } }, claims: { n: 1 }, want: 401 },
    { name: 'an expression of what is not there', mappings: { username: { expression: 'claims.none' } }, want: 401 },
    { name: 'a name with dots', mappings: { username: { expression: 'claims.example__dot__com.id' } }, claims: { 'example.com': { id: 'd' } }, want: 'd' },
    {
      name: 'numbers are doubles',
      mappings: { username: { expression: 'type(claims.n) == double && claims.n == 2 ? "two" : ""' } },
      claims: { n: 2 },
      want: 'two',
    },
    {
      name: 'groups',
      mappings: { username, groups: { expression: 'dyn(claims.roles).map(r, "r:" + r)' } },
      claims: { roles: ['a', 'b'] },
      want: ['r:a', 'r:b'],
    },
    { name: 'one group', mappings: { username, groups: { expression: 'claims.role' } }, claims: { role: 'a' }, want: ['a'] },
    { name: 'no group', mappings: { username, groups: { expression: 'claims.?role.orValue("")' } }, want: 'jane' },
    { name: 'groups among which one is empty', mappings: { username, groups: { expression: 'claims.roles' } }, claims: { roles: ['', 'a'] }, want: ['a'] },
    { name: 'groups that are none', mappings: { username, groups: { expression: 'claims.roles' } }, claims: { roles: [1] }, want: 401 },
    { name: 'a required claim', rules: { claimValidationRules: [{ claim: 'hd', requiredValue: 'x' }] }, claims: { hd: 'x' }, want: 'jane' },
    { name: 'another value', rules: { claimValidationRules: [{ claim: 'hd', requiredValue: 'x' }] }, claims: { hd: 'y' }, want: 401 },
    { name: 'a list of it', rules: { claimValidationRules: [{ claim: 'hd', requiredValue: 'x' }] }, claims: { hd: ['x'] }, want: 401 },
    { name: 'a required claim that is missing', rules: { claimValidationRules: [{ claim: 'hd' }] }, want: 401 },
    { name: 'a rule that holds', rules: { claimValidationRules: [{ expression: 'claims.exp - claims.iat <= 600.0' }] }, want: 'jane' },
    { name: 'a rule that does not', rules: { claimValidationRules: [{ expression: 'claims.exp - claims.iat < 600.0' }] }, want: 401 },
    { name: 'a rule that fails', rules: { claimValidationRules: [{ expression: 'claims.none == 1' }] }, want: 401 },
    { name: 'an allowed user', rules: { userValidationRules: [{ expression: "!user.username.startsWith('system:')" }] }, want: 'jane' },
    {
      name: 'a user who may not be',
      rules: { userValidationRules: [{ expression: "!user.username.startsWith('system:')" }] },
      claims: { sub: 'system:x' },
      want: 401,
    },
    {
      name: 'a group that may not be',
      mappings: { username, groups: { claim: 'groups', prefix: '' } },
      rules: { userValidationRules: [{ expression: "user.groups.all(group, !group.startsWith('system:'))" }] },
      claims: { groups: ['a', 'system:masters'] },
      want: 401,
    },
  ])('$name', async ({ mappings = { username }, rules = {}, claims = {}, want }) => {
    const told = await serverOf({ jwt: [jwt(first, { claimMappings: mappings, ...rules })] });
    const user = await whoami(told, await first.token(claims));
    if (typeof want === 'number') expect(user).toBe(want);
    else if (Array.isArray(want)) expect(user).toMatchObject({ groups: [...want, 'system:authenticated'] });
    else expect(user).toMatchObject({ username: want });
  });

  it('make a uid and more', async () => {
    const extra = [
      { key: 'example.com/team', valueExpression: 'claims.team' },
      { key: 'example.com/none', valueExpression: 'claims.?none.orValue([])' },
    ];
    const told = await serverOf({ jwt: [jwt(first, { claimMappings: { username, uid: { expression: '"u-" + claims.sub' }, extra } })] });
    expect(await whoami(told, await first.token({ team: ['x', 'y'] }))).toEqual({
      username: 'jane',
      uid: 'u-jane',
      groups: ['system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': ['JTI=id'], 'example.com/team': ['x', 'y'] },
    });
  });
});

it('costs no read of the log where it is not good', async () => {
  const log = memoryLog();
  const read = vi.spyOn(log, 'read');
  const users = oidcUsers({ jwt: [jwt(first)] }, { get: httpsGet({ clock: systemEnv.clock, allowsPrivate: true }), ownIssuers: [], problem: () => undefined });
  const told: Told = { server: await testServer({ roles: true, log, authenticator: anyOf([staticTokens(bearers), users]) }), problems: [] };
  const before = read.mock.calls.length;
  for (const token of [await first.token({ aud: 'other' }), await second.token(), 'x.y.z']) expect(await whoami(told, token)).toBe(401);
  expect(read.mock.calls.length).toBe(before);
  expect(await whoami(told, await first.token())).toEqual(JANE);
  expect(read.mock.calls.length).toBeGreaterThan(before);
});

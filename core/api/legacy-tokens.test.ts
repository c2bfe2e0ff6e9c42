import { beforeEach, describe, expect, it } from 'vitest';
import { controlPlaneKeys } from '../auth/control-plane-keys.ts';
import { ServiceAccountTokens } from '../auth/service-account-tokens.ts';
import type { ServiceAccount } from '../schema/generated/kinds.ts';
import { type TestServer, testServer } from '../testing/server.ts';

/** The tokens of Secrets of type kubernetes.io/service-account-token, as those who bear them are answered. */

const key = new Uint8Array(32).fill(7);
const NAMESPACE = '/api/v1/namespaces/default';
const WHOAMI = 'POST /apis/authentication.k8s.io/v1/selfsubjectreviews';
const REVIEW = 'POST /apis/authentication.k8s.io/v1/tokenreviews';

let server: TestServer;
let token: string;

beforeEach(async () => {
  server = await testServer({ roles: true, serviceAccountTokens: new ServiceAccountTokens({ key }) });
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'bob', namespace: 'default' } };
  const [bob] = (await server.create(account)) as [ServiceAccount];
  token = controlPlaneKeys(key)('main').tokenFor(bob, 't');
  await server.create({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 't', namespace: 'default', annotations: { 'kubernetes.io/service-account.name': 'bob' } },
    type: 'kubernetes.io/service-account-token',
    data: { token: encoded(token) },
  } as never);
});

const encoded = (text: string) => Buffer.from(text).toString('base64');
const whoami = async (bearer = token) => (await server.request(WHOAMI, { token: bearer, body: {} })).json.status.userInfo?.username;
const why = async (reviewed = token) => (await server.request(REVIEW, { body: { spec: { token: reviewed } } })).json.status.error;
const patch = (body: object) => server.request(`PATCH ${NAMESPACE}/secrets/t`, { type: 'application/merge-patch+json', body });
const labels = async () => (await server.request(`GET ${NAMESPACE}/secrets/t`)).json.metadata.labels;

describe('the token of a Secret', () => {
  it('is its account, with no expiry', async () => {
    expect(await whoami()).toBe('system:serviceaccount:default:bob');
    server.clock.advance(365 * 86_400_000);
    expect(await whoami()).toBe('system:serviceaccount:default:bob');
    const { status } = (await server.request(REVIEW, { body: { spec: { token } } })).json;
    expect(status).toMatchObject({
      authenticated: true,
      user: { groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'] },
      audiences: ['https://kubernetes.default.svc'],
    });
    expect(status.user.extra).toBeUndefined();
  });

  it.each<{ name: string; change: () => Promise<unknown>; want: string | RegExp }>([
    { name: 'whose Secret is gone', change: () => server.request(`DELETE ${NAMESPACE}/secrets/t`), want: 'Token has been invalidated' },
    { name: 'that its Secret holds no more', change: () => patch({ data: { token: encoded('other') } }), want: "Token does not match server's copy" },
    { name: 'whose account is gone', change: () => server.request(`DELETE ${NAMESPACE}/serviceaccounts/bob`), want: 'serviceaccounts "bob" not found' },
    {
      name: 'that was marked invalid',
      change: () => patch({ metadata: { labels: { 'kubernetes.io/legacy-token-invalid-since': '2026-01-01' } } }),
      want: /^the token in secret default\/t for service account default\/bob has been marked invalid\. Use tokens from the TokenRequest API/,
    },
  ])('$name is void', async ({ change, want }) => {
    expect(await whoami()).toBe('system:serviceaccount:default:bob');
    await change();
    expect((await server.request(WHOAMI, { token, body: {} })).code).toBe(401);
    const error = (await why()).replace(/^\[invalid bearer token, (.*)\]$/s, '$1');
    expect(error).toEqual(typeof want === 'string' ? want : expect.stringMatching(want));
  });

  it('is signed by the key of its cluster', async () => {
    const { metadata } = (await server.request(`GET ${NAMESPACE}/serviceaccounts/bob`)).json;
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata };
    expect(await why(controlPlaneKeys(key)('other').tokenFor(account, 't'))).toBe('[invalid bearer token, invalid signature, no keys found]');
    expect(await why(controlPlaneKeys(new Uint8Array(32))('main').tokenFor(account, 't'))).toBe('[invalid bearer token, invalid signature, no keys found]');
    const [header, , signature] = token.split('.');
    const claims = { ...JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()), sub: 'system:serviceaccount:kube-system:admin' };
    const forged = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`;
    expect(await why(forged)).toBe('[invalid bearer token, go-jose/go-jose: error in cryptographic primitive]');
  });

  it('is written down to be used, once a day', async () => {
    expect(await labels()).toBeUndefined();
    await whoami();
    expect(await labels()).toEqual({ 'kubernetes.io/legacy-token-last-used': '2026-01-01' });
    const { offset } = server.replica.state;
    await whoami();
    await why();
    expect(server.replica.state.offset).toBe(offset);
    server.clock.advance(2 * 86_400_000);
    await whoami();
    expect(await labels()).toEqual({ 'kubernetes.io/legacy-token-last-used': '2026-01-03' });
  });
});

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Authenticator } from '../auth/authenticator.ts';
import { clusterAuthorizer } from '../auth/cluster-authorizer.ts';
import { ServiceAccountTokens } from '../auth/service-account-tokens.ts';
import { staticTokens } from '../auth/static-tokens.ts';
import { type TestServer, testServer } from '../testing/server.ts';

/** What is done for a request of nobody before it is refused (docs/security.md, "A flood without a token"). */

const work = { clusters: 0, checks: 0, bytes: 0, decisions: 0 };
const none = { ...work };
let server: TestServer;
beforeEach(async () => {
  const known = staticTokens({ admin: { username: 'admin', groups: ['system:masters'] } });
  const authenticator: Authenticator = {
    authenticate(token, context) {
      work.checks++;
      return known.authenticate(token, context);
    },
  };
  vi.spyOn(clusterAuthorizer, 'authorize').mockImplementation(() => {
    work.decisions++;
    return { allowed: true };
  });
  server = await testServer({
    authenticator,
    serviceAccountTokens: new ServiceAccountTokens({ key: new Uint8Array(32).fill(7) }),
    replicaOf: async () => {
      work.clusters++;
      throw new Error('looked for a cluster');
    },
    objects: [],
  });
  Object.assign(work, none);
});

afterEach(() => vi.restoreAllMocks());

/** A body that counts what is taken of it, and has no end. */
const endless = () =>
  new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        work.bytes += 1024;
        controller.enqueue(new Uint8Array(1024));
      },
    },
    { highWaterMark: 0 },
  );

const forged = `${Buffer.from('{"alg":"ES256","kid":"x"}').toString('base64url')}.${Buffer.from('{"iss":"x"}').toString('base64url')}.${'A'.repeat(86)}`;

it.each<{ name: string; token: string | null; checks: number; want?: number }>([
  { name: 'without a token', token: null, checks: 0, want: 403 },
  { name: 'with a token that was made up', token: 'guess', checks: 1 },
  { name: 'with a forged token of an account', token: forged, checks: 1 },
  { name: 'with one that has no end', token: 'x'.repeat(15_000), checks: 1 },
])('for a request $name no cluster is looked for, nothing is decided and nothing is read of its body', async ({ token, checks, want = 401 }) => {
  for (const line of ['GET /api/v1/pods', 'GET /clusters/other/apis', 'GET /api/v1/pods?watch=1', 'DELETE /api/v1/namespaces/default', 'GET /metrics']) {
    Object.assign(work, none);
    const { code, text, headers } = await server.request(line, { token });
    expect([line, code, work]).toEqual([line, want, { ...none, checks }]);
    // What is answered costs as little: it is billed by its size.
    expect(text.length + [...headers].join().length).toBeLessThan(450);
  }
  for (const line of [
    'POST /api/v1/namespaces/default/pods',
    'PATCH /api/v1/namespaces/default/pods/a',
    'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
  ]) {
    Object.assign(work, none);
    expect((await server.request(line, { token, body: endless() })).code).toBe(want);
    expect(work).toEqual({ ...none, checks });
  }
  expect(server.problems).toEqual([]);
});

it('with one token, however many requests come, each is checked once and takes no seat of those that have one', async () => {
  const codes = await Promise.all(Array.from({ length: 2_000 }, () => server.request('GET /api/v1/pods', { token: 'guess' }).then(({ code }) => code)));
  expect(new Set(codes)).toEqual(new Set([401]));
  expect(work).toEqual({ ...none, checks: 2_000 });
});

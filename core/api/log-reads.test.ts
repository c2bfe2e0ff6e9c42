import { beforeEach, describe, expect, it, vi } from 'vitest';
import { PATIENCE_MS } from '../../test/support/patience.ts';
import { ServiceAccountTokens } from '../auth/service-account-tokens.ts';
import { realInstant } from '../instant.ts';
import type { EventLog } from '../log/log.ts';
import { memoryLog } from '../log/memory/memory-log.ts';
import { Replica } from '../replica/replica.ts';
import { configMap, namespace } from '../testing/objects.ts';
import { type RequestOptions, type TestServer, testServer } from '../testing/server.ts';

const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';
const ACCOUNTS = '/api/v1/namespaces/default/serviceaccounts';
const REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'bob', namespace: 'default' } };

interface CountingLog extends EventLog {
  reads: number;
  tails: number;
  /** A read waits for it. */
  answers: Promise<void>;
}

/** A log that counts what is read of it: each a consistent read when deployed. */
function countingLog(): CountingLog {
  const inner = memoryLog();
  const log: CountingLog = {
    ...inner,
    reads: 0,
    tails: 0,
    answers: Promise.resolve(),
    async *read(cluster, options) {
      log.reads++;
      await log.answers;
      yield* inner.read(cluster, options);
    },
    lastEntry(cluster, options) {
      log.reads++;
      return inner.lastEntry(cluster, options);
    },
    loadSnapshot(cluster, options) {
      log.reads++;
      return inner.loadSnapshot(cluster, options);
    },
    snapshots(cluster) {
      log.reads++;
      return inner.snapshots(cluster);
    },
    tail(cluster, options) {
      log.tails++;
      return inner.tail(cluster, options);
    },
  };
  return log;
}

const serviceAccountTokens = new ServiceAccountTokens({ key: new Uint8Array(32).fill(7) });
const everything = [
  { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
  { nonResourceURLs: ['*'], verbs: ['*'] },
];
const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1' };
const role = { ...rbac, kind: 'ClusterRole', metadata: { name: 'all' }, rules: everything };
/** Every user who has authenticated may do everything while it is there. */
const open = {
  ...rbac,
  kind: 'ClusterRoleBinding',
  metadata: { name: 'open' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'all' },
  subjects: [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'system:authenticated' }],
};
const BINDING = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/open';

let log: ReturnType<typeof countingLog>;
let server: TestServer;
let token: string;
beforeEach(async () => {
  log = countingLog();
  server = await testServer({ log, serviceAccountTokens, objects: [namespace('default'), configMap('a'), configMap('b'), account, role, open] });
  token = await issue();
});

const issue = async (spec: object = {}): Promise<string> => (await server.request(`POST ${ACCOUNTS}/bob/token`, { body: { spec } })).json.status.token;

/** What a request is answered, and what it read of the log for that. */
async function cost(line: string, options: RequestOptions): Promise<{ code: number; reads: number }> {
  const before = log.reads;
  const response = await server.response(line, options);
  // The first events of a watch are enough.
  const reader = response.body?.getReader();
  await reader?.read();
  const reads = log.reads - before;
  await reader?.cancel();
  return { code: response.status, reads };
}

interface Case {
  readonly name: string;
  readonly line: string;
  readonly options?: RequestOptions;
  readonly code?: number;
  readonly reads: number;
}

const strategic = 'application/strategic-merge-patch+json';

describe('a request with the token of a service account reads the log', () => {
  it.each<Case>([
    { name: 'once for a get', line: `GET ${CONFIGMAPS}/a`, reads: 1 },
    { name: 'once for a get of nothing', line: `GET ${CONFIGMAPS}/none`, code: 404, reads: 1 },
    { name: 'once for a list', line: `GET ${CONFIGMAPS}`, reads: 1 },
    { name: 'once for a list of any state', line: `GET ${CONFIGMAPS}?resourceVersion=0`, reads: 1 },
    { name: 'once for a list of a state of the past', line: `GET ${CONFIGMAPS}?resourceVersion=3&resourceVersionMatch=Exact`, reads: 1 },
    { name: 'once for a list of what is still to come', line: `GET ${CONFIGMAPS}?resourceVersion=99`, code: 504, reads: 1 },
    { name: 'once for a list of a cluster as it was', line: `GET /clusters/main@2${CONFIGMAPS}`, reads: 1 },
    { name: 'once for a list of a cluster as it is at a time', line: `GET /clusters/main@2026-02-01T00:00:00Z${CONFIGMAPS}`, reads: 1 },
    { name: 'once for a watch from now', line: `GET ${CONFIGMAPS}?watch=1`, reads: 1 },
    { name: 'once for a watch that goes on', line: `GET ${CONFIGMAPS}?watch=1&resourceVersion=2`, reads: 1 },
    { name: 'once for a create', line: `POST ${CONFIGMAPS}`, options: { body: configMap('c') }, code: 201, reads: 1 },
    { name: 'once for a create that conflicts', line: `POST ${CONFIGMAPS}`, options: { body: configMap('a') }, code: 409, reads: 1 },
    { name: 'once for a dry run', line: `POST ${CONFIGMAPS}?dryRun=All`, options: { body: configMap('c') }, code: 201, reads: 1 },
    { name: 'once for an update', line: `PUT ${CONFIGMAPS}/a`, options: { body: configMap('a', { data: { x: '1' } }) }, reads: 1 },
    { name: 'once for a patch', line: `PATCH ${CONFIGMAPS}/a`, options: { body: { data: { x: '1' } }, type: strategic }, reads: 1 },
    { name: 'once for a patch that changes nothing', line: `PATCH ${CONFIGMAPS}/a`, options: { body: {}, type: strategic }, reads: 1 },
    { name: 'once for a deletion', line: `DELETE ${CONFIGMAPS}/a`, reads: 1 },
    {
      name: 'once for a review',
      line: `POST ${REVIEWS}`,
      options: { body: { spec: { nonResourceAttributes: { verb: 'get', path: '/' } } } },
      code: 201,
      reads: 1,
    },
    { name: 'once for a token', line: `POST ${ACCOUNTS}/bob/token`, options: { body: {} }, code: 201, reads: 1 },
    { name: 'once for discovery', line: 'GET /apis', reads: 1 },
    { name: 'not for the version', line: 'GET /version', reads: 0 },
    { name: 'not to say that the process lives', line: 'GET /livez', reads: 0 },
    { name: 'once to say that the log can be read', line: 'GET /readyz', reads: 1 },
  ])('$name', async ({ line, options, code = 200, reads }) => {
    expect(await cost(line, { ...options, token })).toEqual({ code, reads });
  });

  it('once for each page of a list', async () => {
    const { json } = await server.request(`GET ${CONFIGMAPS}?limit=1`, { token });
    await server.create(configMap('c'));
    expect(await cost(`GET ${CONFIGMAPS}?limit=1&continue=${json.metadata.continue}`, { token })).toEqual({ code: 200, reads: 1 });
  });

  it('once for many that come together, but for those that came while it was read', async () => {
    const before = log.reads;
    const { promise, resolve } = Promise.withResolvers<void>();
    log.answers = promise;
    const asked = vi.spyOn(server.replica, 'catchUp');
    const requests = Array.from({ length: 20 }, () => server.request(`GET ${CONFIGMAPS}/a`, { token }));
    await vi.waitFor(() => expect(asked.mock.calls.length).toBeGreaterThanOrEqual(20), PATIENCE_MS);
    resolve();
    await Promise.all(requests);
    expect(log.reads - before).toBe(2);
  });
});

describe('a request reads nothing of the log', () => {
  const other = serviceAccountTokens.issue({
    cluster: 'other',
    account: { ...account, metadata: { ...account.metadata, uid: 'u' } },
    audiences: [],
    now: realInstant(Date.parse('2026-01-01T00:00:00Z')),
    expires: realInstant(Date.parse('2027-01-01T00:00:00Z')),
    id: 'i',
  });
  it.each<{ name: string; shown: () => Promise<string | null> | string | null; code?: number }>([
    { name: 'without a token', shown: () => null, code: 403 },
    { name: 'with a token that was never issued', shown: () => 'guess' },
    { name: 'with a forged token', shown: () => token.slice(0, -10) + token.slice(-10).split('').reverse().join('') },
    { name: 'with a token for another audience', shown: () => issue({ audiences: ['vault'] }) },
    { name: 'with a token of another cluster', shown: () => other },
  ])('$name', async ({ shown, code = 401 }) => {
    const wrong = await shown();
    for (const line of [`GET ${CONFIGMAPS}/a`, `GET ${CONFIGMAPS}?watch=1`, 'GET /apis', 'GET /metrics'])
      expect(await cost(line, { token: wrong })).toEqual({ code, reads: 0 });
    expect(await cost(`POST ${CONFIGMAPS}`, { token: wrong, body: configMap('c') })).toEqual({ code, reads: 0 });
  });

  it.each<Case>([
    { name: 'for a list of any state', line: `GET ${CONFIGMAPS}?resourceVersion=0`, reads: 0 },
    { name: 'for a list that is not older than what is known', line: `GET ${CONFIGMAPS}?resourceVersion=2&resourceVersionMatch=NotOlderThan`, reads: 0 },
    { name: 'for a watch that goes on', line: `GET ${CONFIGMAPS}?watch=1&resourceVersion=2`, reads: 0 },
    { name: 'for a create', line: `POST ${CONFIGMAPS}`, options: { body: configMap('c') }, code: 201, reads: 0 },
    { name: 'but once for the newest', line: `GET ${CONFIGMAPS}/a`, reads: 1 },
  ])('with the token of an administrator, who may do everything whatever is in it, $name', async ({ line, options, code = 200, reads }) => {
    expect(await cost(line, options ?? {})).toEqual({ code, reads });
  });
});

describe('whatever another process has done a moment ago', () => {
  let elsewhere: TestServer;
  beforeEach(async () => {
    const replica = await Replica.open({
      log,
      cluster: 'main',
      env: { clock: server.clock, random: { next: () => 0.5 }, ids: { uid: () => 'x', suffix: () => 'y' } },
    });
    elsewhere = await testServer({ objects: [], replicaOf: async () => replica });
  });

  it('a token ends with its account', async () => {
    await elsewhere.request(`DELETE ${ACCOUNTS}/bob`);
    expect((await server.request(`GET ${CONFIGMAPS}/a`, { token })).code).toBe(401);
    expect((await server.request(`POST ${CONFIGMAPS}`, { token, body: configMap('c') })).code).toBe(401);
    const review = { body: { spec: { token } } };
    expect((await server.request('POST /apis/authentication.k8s.io/v1/tokenreviews', review)).json.status).toEqual({
      user: {},
      error: '[invalid bearer token, serviceaccounts "bob" not found]',
    });
  });

  it.each<{ name: string; line: string; options: () => RequestOptions }>([
    { name: 'to read', line: `GET ${CONFIGMAPS}/a`, options: () => ({ token }) },
    { name: 'to read what may be old', line: `GET ${CONFIGMAPS}?resourceVersion=0`, options: () => ({ token }) },
    { name: 'to look at the past', line: `GET /clusters/main@3${CONFIGMAPS}/a`, options: () => ({ token }) },
    { name: 'to write', line: `DELETE ${CONFIGMAPS}/a`, options: () => ({ token }) },
    {
      name: 'of a user whom an administrator impersonates',
      line: `GET ${CONFIGMAPS}?resourceVersion=0`,
      options: () => ({ headers: { 'impersonate-user': 'alice' } }),
    },
  ])('a permission is revoked $name', async ({ line, options }) => {
    await elsewhere.request(`DELETE ${BINDING}`);
    expect((await server.request(line, options())).code).toBe(403);
  });

  it('a permission is reviewed as it is now', async () => {
    await elsewhere.request(`DELETE ${BINDING}`);
    const body = { spec: { user: 'alice', resourceAttributes: { resource: 'pods', verb: 'list' } } };
    expect((await server.request('POST /apis/authorization.k8s.io/v1/subjectaccessreviews', { body })).json.status.allowed).toBe(false);
  });
});

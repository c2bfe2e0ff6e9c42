import { beforeEach, describe, expect, it } from 'vitest';
import { staticTokens } from '../../auth/static-tokens.ts';
import type { KubeObject } from '../../kube/object.ts';
import { askingPlugin, Oracle } from '../../testing/asking.ts';
import { configMap, namespace } from '../../testing/objects.ts';
import { type Answer, type RequestOptions, type TestServer, testServer } from '../../testing/server.ts';

/** Requests of several users, as long as each of them is held back by a webhook that the test answers. */

const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';
const apiVersion = 'flowcontrol.apiserver.k8s.io/v1';

/** All may do everything. */
const roles = [
  { ...rbac('ClusterRole', 'everything'), rules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }] },
  {
    ...rbac('ClusterRoleBinding', 'everything'),
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'everything' },
    subjects: [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'system:authenticated' }],
  },
] as unknown as KubeObject[];

function rbac(kind: string, name: string) {
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind, metadata: { name } };
}

const authenticator = staticTokens({
  admin: { username: 'admin', groups: ['system:masters'] },
  noisy: { username: 'noisy', groups: [] },
  quiet: { username: 'quiet', groups: [] },
});

const level = (limitResponse: object) =>
  ({ apiVersion, kind: 'PriorityLevelConfiguration', metadata: { name: 'all' }, spec: { type: 'Limited', limited: { limitResponse } } }) as KubeObject;

const everything = {
  subjects: [{ kind: 'Group', group: { name: 'system:authenticated' } }],
  resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true }],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
};

const schema = (name: string, to: string, precedence: number, rule: object = everything) =>
  ({
    apiVersion,
    kind: 'FlowSchema',
    metadata: { name },
    spec: { matchingPrecedence: precedence, distinguisherMethod: { type: 'ByUser' }, priorityLevelConfiguration: { name: to }, rules: [rule] },
  }) as KubeObject;

let server: TestServer;
let oracle: Oracle;
async function start(limitResponse: object, requestsInFlight = 10): Promise<void> {
  oracle = new Oracle();
  const objects = [namespace('default'), ...roles, level(limitResponse), schema('all', 'all', 500)];
  const limits = { requestsInFlight };
  server = await testServer({ objects, admissionPlugins: [askingPlugin()], ask: oracle.ask, authenticator, limits });
}

const queues = { type: 'Queue', queuing: { queues: 64, handSize: 8, queueLengthLimit: 50 } };

/** A creation that runs until the webhook is answered. */
const create = (token: string, name: string, options: RequestOptions = {}, query = ''): Promise<Answer> =>
  server.request(`POST ${CONFIGMAPS}${query}`, { token, body: configMap(name), ...options });

const many = (count: number, token: string) => Array.from({ length: count }, (_, i) => create(token, `${token}-${i}`));

const names = () => oracle.asked.map(({ object }) => object!.metadata.name);

/** Requests have come as far as they come by themselves. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Of ten, a cluster that is alone has nine; of these every cluster needs some for what is matched by nothing else. */
const SEATS = 8;

describe('when too many ask at once', () => {
  beforeEach(() => start(queues));

  it('so many are served as there are seats, and the others wait until it is their turn', async () => {
    const answers = many(30, 'noisy');
    await oracle.askedTimes(SEATS);
    await settled();
    expect(oracle.asked.length).toBe(SEATS);
    for (let answered = 0; answered < 30; answered++) {
      await oracle.askedTimes(answered + 1);
      expect(oracle.asked.length - answered).toBeLessThanOrEqual(SEATS);
      oracle.answer();
      await settled();
    }
    expect((await Promise.all(answers)).map(({ code }) => code)).toEqual(Array.from({ length: 30 }, () => 201));
    const { text } = await server.request('GET /metrics', { token: 'admin' });
    expect(text).toContain('apiserver_flowcontrol_dispatched_requests_total{flow_schema="all",priority_level="all"} 30\n');
  });

  it('one user who sends a flood does not hold up another', async () => {
    const flood = many(200, 'noisy');
    await oracle.askedTimes(SEATS);
    const few = many(4, 'quiet');
    await settled();
    let answered = 0;
    while (names().filter((name) => name.startsWith('quiet')).length < 4) {
      oracle.answer();
      answered++;
      await settled();
    }
    // Those that ran before it came, and then no more than one of each of the other's queues for each of its own.
    expect(answered).toBeLessThanOrEqual(SEATS + 4 * (8 + 1));
    const waiting = 200 + 4 - oracle.asked.length;
    expect(waiting).toBeGreaterThan(100);
    while (answered++ < 204) {
      oracle.answer();
      await settled();
    }
    const codes = (await Promise.all([...flood, ...few])).map(({ code }) => code);
    expect(new Set(codes)).toEqual(new Set([201]));
  });

  it('those of administrators are not counted', async () => {
    const flood = many(20, 'noisy');
    await oracle.askedTimes(SEATS);
    const own = create('admin', 'own');
    await oracle.askedTimes(SEATS + 1);
    expect(names().at(-1)).toBe('own');
    for (let i = 0; i < 21; i++) {
      oracle.answer();
      await settled();
    }
    await Promise.all([...flood, own]);
  });

  it('a watch has its seat until it has begun', async () => {
    const stop = new AbortController();
    const watches = await Promise.all(Array.from({ length: 20 }, () => server.response(`GET ${CONFIGMAPS}?watch=1`, { token: 'noisy', signal: stop.signal })));
    expect(new Set(watches.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await server.request(`GET ${CONFIGMAPS}`, { token: 'quiet' })).code).toBe(200);
    stop.abort();
  });

  it('one waits for a quarter of its time, and no longer than its client', async () => {
    const flood = many(SEATS, 'noisy');
    await oracle.askedTimes(SEATS);
    const stop = new AbortController();
    const [late, gone, other] = [create('quiet', 'late', {}, '?timeout=8s'), create('quiet', 'gone', { signal: stop.signal }), create('quiet', 'other')];
    await settled();
    server.clock.advance(2_000);
    expect((await late).code).toBe(429);
    stop.abort();
    expect((await gone).code).toBe(429);
    for (let i = 0; i < SEATS + 1; i++) {
      oracle.answer();
      await settled();
    }
    expect((await other).code).toBe(201);
    await Promise.all(flood);
    expect(names()).not.toContain('late');
    const { text } = await server.request('GET /metrics', { token: 'admin' });
    for (const reason of ['time-out', 'cancelled'])
      expect(text).toContain(`apiserver_flowcontrol_rejected_requests_total{flow_schema="all",priority_level="all",reason="${reason}"} 1\n`);
  });
});

describe('a request for which there is no place', () => {
  it('is told when to come again, and by what it was matched', async () => {
    await start({ type: 'Reject' });
    const served = many(SEATS, 'noisy');
    await oracle.askedTimes(SEATS);
    const refused = await create('quiet', 'refused');
    expect([refused.code, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect(refused.json).toMatchObject({ reason: 'TooManyRequests', message: 'Too many requests, please try again later.', details: { retryAfterSeconds: 1 } });
    expect(refused.headers.get('x-kubernetes-pf-flowschema-uid')).toMatch(/^[0-9a-f-]{36}$/);
    for (let i = 0; i < SEATS; i++) oracle.answer();
    await Promise.all(served);
    const again = create('quiet', 'refused');
    await oracle.askedTimes(SEATS + 1);
    oracle.answer();
    expect((await again).code).toBe(201);
  });

  it('is refused by the level that every cluster needs, also where nothing is configured', async () => {
    await start(queues);
    await server.request(`DELETE /apis/${apiVersion}/flowschemas/all`);
    await server.request(`DELETE /apis/${apiVersion}/prioritylevelconfigurations/all`);
    const answers = many(12, 'noisy');
    await oracle.askedTimes(9);
    for (let i = 0; i < 9; i++) oracle.answer();
    const codes = (await Promise.all(answers)).map(({ code }) => code);
    expect(codes.filter((code) => code === 429)).toHaveLength(3);
  });
});

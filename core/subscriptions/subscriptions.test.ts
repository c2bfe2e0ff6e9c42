import type { CloudEvent } from 'cloudevents';
import { describe, expect, it } from 'vitest';
import { defaultAdmissionPlugins } from '../admission/default-plugins.ts';
import type { Subscription, TargetSpec } from '../apis/logplane/subscription.ts';
import { resetTo } from '../clusters/reset.ts';
import { expired } from '../kube/status.ts';
import { configMap, namespace } from '../testing/objects.ts';
import { type TestServer, testServer } from '../testing/server.ts';
import { Deliveries } from './deliveries.ts';
import { NotTaken, type Targets } from './target.ts';

describe('a Subscription', () => {
  it('is told of the changes of its namespace, in order, with what Knative tells and who did it', async () => {
    const { server, events, run } = await setUp();
    await subscribe(server);
    await server.create(configMap('a'), configMap('elsewhere', { namespace: 'other' }));
    await server.request('PATCH /api/v1/namespaces/default/configmaps/a', { type: MERGE, body: { data: { color: 'red' } } });
    await server.request('DELETE /api/v1/namespaces/default/configmaps/a');
    await run();
    expect(events.map(({ type, subject }) => [type, subject])).toEqual([
      ['dev.knative.apiserver.resource.add', '/api/v1/namespaces/default/configmaps/a'],
      ['dev.knative.apiserver.resource.update', '/api/v1/namespaces/default/configmaps/a'],
      ['dev.knative.apiserver.resource.delete', '/api/v1/namespaces/default/configmaps/a'],
    ]);
    expect(events[1]).toMatchObject({ kind: 'ConfigMap', apiversion: 'v1', name: 'a', namespace: 'default', actor: 'admin', data: { data: { color: 'red' } } });
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map(({ sequence }) => sequence).sort());
    expect((await subscription(server)).status).toMatchObject({ deliveries: 3, lag: 0, conditions: [{ type: 'Ready', status: 'True', reason: 'Delivering' }] });
  });

  it('writes nothing while nothing happens that concerns it, and tells nothing of its own accounts', async () => {
    const { server, events, run } = await setUp();
    await subscribe(server, {}, { cluster: true });
    await run();
    const { offset } = server.replica.state;
    await run();
    await run();
    expect(server.replica.state.offset).toBe(offset);
    expect(events).toEqual([]);
  });

  it('goes on where it was, in another process', async () => {
    const { server, events, run, restart } = await setUp();
    await subscribe(server);
    await server.create(configMap('a'));
    await run();
    await server.create(configMap('b'));
    restart();
    await run();
    expect(events.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('is told again, with the same id, of what its target did not take, and of nothing else twice', async () => {
    const { server, events, run, refuse, later } = await setUp();
    await subscribe(server);
    refuse((event) => event['name'] === 'a');
    await server.create(configMap('a'), configMap('b'));
    await server.request('PATCH /api/v1/namespaces/default/configmaps/a', { type: MERGE, body: { data: { color: 'red' } } });
    await run();
    expect(events.map(({ name }) => name)).toEqual(['b']);
    expect((await subscription(server)).status).toMatchObject({
      attempts: 1,
      lastError: expect.stringContaining('no'),
      conditions: [{ status: 'False', reason: 'TargetFailed' }],
    });
    expect(later.length).toBe(1);
    refuse(() => false);
    // Not before its time.
    await run();
    expect(events).toHaveLength(1);
    server.clock.advance(later[0]!);
    await run();
    expect(events.map(({ name, type }) => [name, type])).toEqual([
      ['b', 'dev.knative.apiserver.resource.add'],
      ['a', 'dev.knative.apiserver.resource.add'],
      ['a', 'dev.knative.apiserver.resource.update'],
    ]);
    expect((await subscription(server)).status).toMatchObject({ deliveries: 3, conditions: [{ status: 'True' }] });
    expect((await subscription(server)).status?.lastError).toBeUndefined();
  });

  it('puts aside what was refused too often, and goes on', async () => {
    const { server, events, dead, run, refuse, later } = await setUp();
    await subscribe(server, { deadLetter: { attempts: 3, target: { webhook: { url: 'https://dead.example' } } } });
    refuse(({ name }) => name === 'a');
    await server.create(configMap('a'), configMap('b'));
    for (let i = 0; i < 3; i++) {
      await run();
      server.clock.advance(later.at(-1) ?? 0);
    }
    await run();
    expect(dead.map(({ name }) => name)).toEqual(['a']);
    expect(events.map(({ name }) => name)).toEqual(['b']);
    expect((await subscription(server)).status).toMatchObject({ deadLetters: 1, deliveries: 1, conditions: [{ status: 'True' }] });
  });

  it('is told of what its filter chooses', async () => {
    const { server, events, run } = await setUp();
    await subscribe(server, {
      filter: {
        resources: ['configmaps'],
        types: ['MODIFIED'],
        selector: { matchLabels: { app: 'web' } },
        expression: "changed.exists(path, path == 'data.color') && previous.data.color != object.data.color && actor.username == 'admin'",
      },
    });
    await server.create(configMap('a', { labels: { app: 'web' }, data: { color: 'red' } }), configMap('b', { data: { color: 'red' } }));
    for (const name of ['a', 'b'])
      for (const data of [{ color: 'blue' }, { size: 'big' }])
        await server.request(`PATCH /api/v1/namespaces/default/configmaps/${name}`, { type: MERGE, body: { data } });
    await run();
    expect(events.map(({ name, data }) => [name, (data as { data: object }).data])).toEqual([['a', { color: 'blue' }]]);
  });

  it('passes over what its expression cannot say, and says so', async () => {
    const { server, events, run } = await setUp();
    await subscribe(server, { filter: { expression: 'object.data.color == "red"' } });
    await server.create(configMap('b', { data: { color: 'red' } }), configMap('a'));
    await run();
    expect(events.map(({ name }) => name)).toEqual(['b']);
    expect((await subscription(server)).status).toMatchObject({ lastError: 'no such key: data', conditions: [{ status: 'True', reason: 'FilterFailed' }] });
  });

  it.each([
    ['Reference', 'dev.knative.apiserver.ref.update', { kind: 'ConfigMap', name: 'a', namespace: 'default' }],
    ['Difference', 'dev.knative.apiserver.resource.update', { data: { color: 'red' } }],
  ] as const)('is told a %s where it asks for that', async (data, type, told) => {
    const { server, events, run } = await setUp();
    await server.create(configMap('a'));
    await subscribe(server, { data });
    await server.request('PATCH /api/v1/namespaces/default/configmaps/a', { type: MERGE, body: { data: { color: 'red' } } });
    await run();
    expect(events).toMatchObject([{ type, data: told }]);
  });

  it('never tells what is in a Secret', async () => {
    const { server, events, run } = await setUp();
    await subscribe(server);
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': 'c2VjcmV0' };
    await server.create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'a', namespace: 'default', annotations },
      data: { password: 'c2VjcmV0' },
    } as never);
    await run();
    expect(events).toMatchObject([{ name: 'a', data: { data: { password: '(6 bytes)' } } }]);
    expect(JSON.stringify(events)).not.toContain('c2VjcmV0');
  });

  it('begins where it says: at an offset, at a time, at a bookmark', async () => {
    const { server, events, run } = await setUp();
    await server.create(configMap('a'));
    const { offset } = server.replica.state;
    server.clock.advance(10_000);
    await server.create(configMap('b'));
    await subscribe(server, { from: offset });
    await run();
    expect(events.map(({ name }) => name)).toEqual(['b', 'web']);
    events.length = 0;
    await subscribe(server, { from: new Date(server.replica.now() - 5_000).toISOString() }, { name: 'second' });
    await run();
    expect(events.filter(({ kind }) => kind === 'ConfigMap').map(({ name }) => name)).toEqual(['b']);
    events.length = 0;
    await server.create({ apiVersion: 'logplane.dev/v1', kind: 'Bookmark', metadata: { name: 'before-b' }, spec: { at: offset } } as never);
    await subscribe(server, { from: 'before-b' }, { name: 'third' });
    await run();
    expect(events.filter(({ kind }) => kind === 'ConfigMap').map(({ name }) => name)).toEqual(['b']);
  });

  it('is told of what was changed before a reset and behind it', async () => {
    const { server, events, run } = await setUp();
    await subscribe(server);
    await server.create(configMap('a'));
    await run();
    const { offset } = server.replica.state;
    await server.create(configMap('b'));
    await resetTo(server.replica, offset);
    await server.create(configMap('c'));
    await run();
    expect(new Set(events.map(({ name }) => name))).toEqual(new Set(['a', 'b', 'c']));
    expect(events.at(-1)).toMatchObject({ name: 'c' });
    expect((await subscription(server)).status).toMatchObject({ conditions: [{ status: 'True' }] });
  });

  it('rests in a fork of its cluster until somebody wants it there', async () => {
    const { server, events, run } = await setUp();
    await subscribe(server);
    const there = await subscription(server);
    const status = { ...there.status, cluster: 'another', observedGeneration: there.metadata.generation };
    await server.request(`PATCH ${PATH}/web/status`, { type: MERGE, body: { status } });
    await server.create(configMap('a'));
    await run();
    expect(events).toEqual([]);
    await server.request(`PATCH ${PATH}/web`, { type: MERGE, body: { spec: { filter: { resources: ['configmaps'] } } } });
    await run();
    expect(events.map(({ name }) => name)).toEqual(['a']);
  });

  it('reaches its target by the Secrets that there are when it is told', async () => {
    const { server, run, later, secrets } = await setUp();
    await subscribe(server);
    await server.create(configMap('a'));
    await run();
    await server.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key', namespace: 'default' } } as never);
    await run();
    expect(later).toEqual([]);
    expect(secrets.at(0)).toBe(false);
    expect(secrets.at(-1)).toBe(true);
  });

  it('takes no account of one of its name that is gone', async () => {
    const { server, events, run, meanwhile } = await setUp();
    await server.create(configMap('a'));
    await subscribe(server, { from: 0 });
    meanwhile(async () => {
      await server.request(`DELETE ${PATH}/web`);
      await subscribe(server, { from: 0, filter: { resources: ['configmaps'] } });
    });
    await run();
    expect(events.filter(({ name }) => name === 'a')).toHaveLength(2);
  });

  it('says that what it is to begin with is gone, and holds up no other', async () => {
    const { server, events, run } = await setUp();
    await subscribe(server, { from: '2020-01-01T00:00:00Z' });
    await subscribe(server, {}, { name: 'other' });
    server.replica.offsetAt = () => Promise.reject(expired('gone'));
    await server.create(configMap('a'));
    await run();
    expect((await subscription(server)).status).toMatchObject({ conditions: [{ status: 'False', reason: 'Expired' }] });
    expect(events.map(({ name }) => name)).toContain('a');
  });

  it('counts no attempt that the end of a run has cut off', async () => {
    const { server, run, later, meanwhile } = await setUp();
    await subscribe(server, { deadLetter: { attempts: 1, target: { webhook: { url: 'https://dead.example' } } } });
    await server.create(configMap('a'));
    meanwhile(async (signal) => {
      server.clock.advance(60_000);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      throw new Error('aborted');
    });
    await run();
    expect((await subscription(server)).status?.attempts).toBeUndefined();
    expect((await subscription(server)).status?.deadLetters).toBeUndefined();
    expect(later).toEqual([0]);
  });

  it('is told of by the metrics of the cluster', async () => {
    const { server, run } = await setUp();
    await subscribe(server);
    await server.create(configMap('a'));
    await run();
    const { text } = await server.request('GET /metrics');
    expect(text).toContain('logplane_subscription_deliveries_total{namespace="default",subscription="web"} 1');
    expect(text).toContain('logplane_subscription_behind{namespace="default",subscription="web"} 1');
  });

  it('is refused where it makes no sense', async () => {
    const { server } = await setUp();
    const refused = async (spec: object) => {
      const { code, json } = await server.request(`POST ${PATH}`, { body: body({ spec }) });
      return [code, json.message];
    };
    const target = { webhook: { url: 'https://example.com' } };
    expect(await refused({ target, from: 10_000 })).toEqual([422, expect.stringContaining('spec.from: Invalid value: 10000: must not be in the future')]);
    expect(await refused({ target, from: '2999-01-01T00:00:00Z' })).toEqual([422, expect.stringContaining('must not be in the future')]);
    expect(await refused({ target, from: 'soon' })).toEqual([
      422,
      expect.stringContaining('must be an offset, a time (RFC 3339), the name of a Bookmark, or now'),
    ]);
    expect(await refused({ target: {} })).toEqual([422, expect.stringContaining('spec.target: Required value')]);
    expect(await refused({ target: { ...target, sns: { topicArn: 'x' } } })).toEqual([422, expect.stringContaining('spec.target: Forbidden')]);
    expect(await refused({ target: { webhook: { url: 'ftp://example.com' } } })).toEqual([422, expect.stringContaining('must be a URL of https or http')]);
    expect(await refused({ target, filter: { expression: 'object.' } })).toEqual([422, expect.stringContaining('spec.filter.expression: Invalid value')]);
    expect(await refused({ target, filter: { expression: '1 + 1' } })).toEqual([422, expect.stringContaining('must evaluate to a bool')]);
    expect(await refused({ target, filter: { namespaces: ['other'] } })).toEqual([422, expect.stringContaining('spec.filter.namespaces: Forbidden')]);
  });

  it('tells nobody what they may not watch', async () => {
    const { server } = await setUp();
    await server.create(
      role([
        { apiGroups: ['logplane.dev'], resources: ['subscriptions'], verbs: ['create'] },
        { apiGroups: [''], resources: ['configmaps'], verbs: ['watch'] },
      ]),
      binding,
    );
    const asAlice = async (spec: object, name: string) => server.request(`POST ${PATH}`, { token: 'alice', body: body({ spec, name }) });
    const target: TargetSpec = { webhook: { url: 'https://example.com' } };
    expect((await asAlice({ target, filter: { resources: ['configmaps'] } }, 'a')).code).toBe(201);
    for (const spec of [
      { target },
      { target, filter: { resources: ['secrets'] } },
      { target: { webhook: { url: 'https://example.com', headersFrom: { name: 's' } } }, filter: { resources: ['configmaps'] } },
    ]) {
      const { code, json } = await asAlice(spec, 'b');
      expect([code, json.message]).toEqual([403, expect.stringContaining('alice is not permitted to')]);
    }
  });
});

const MERGE = 'application/merge-patch+json';
const PATH = '/apis/logplane.dev/v1/namespaces/default/subscriptions';

const body = ({ spec, name = 'web', cluster = false }: { spec: object; name?: string; cluster?: boolean }) => ({
  apiVersion: 'logplane.dev/v1',
  kind: cluster ? 'ClusterSubscription' : 'Subscription',
  metadata: { name, ...(!cluster && { namespace: 'default' }) },
  spec,
});

async function subscribe(server: TestServer, spec: object = {}, { name = 'web', cluster = false } = {}): Promise<void> {
  const path = cluster ? '/apis/logplane.dev/v1/clustersubscriptions' : PATH;
  const answer = await server.request(`POST ${path}`, {
    body: body({ spec: { target: { webhook: { url: 'https://example.com' } }, ...spec }, name, cluster }),
  });
  expect(answer).toMatchObject({ code: 201 });
}

const subscription = async (server: TestServer): Promise<Subscription> => (await server.request(`GET ${PATH}/web`)).json;

const role = (rules: readonly object[]) =>
  ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'subscriber', namespace: 'default' }, rules }) as never;
const binding = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'RoleBinding',
  metadata: { name: 'subscriber', namespace: 'default' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'subscriber' },
  subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'alice' }],
} as never;

type Told = CloudEvent<unknown>;

/** A cluster, and targets that keep what they are told. */
async function setUp() {
  const server = await testServer({ objects: [namespace('default'), namespace('other')] });
  const { replica, clock } = server;
  const events: Told[] = [];
  const dead: Told[] = [];
  const later: number[] = [];
  /** Of each reach, whether there was a Secret `key`. */
  const secrets: boolean[] = [];
  let refused: (event: Told) => boolean = () => false;
  let happens: ((signal: AbortSignal) => Promise<void>) | undefined;
  const targets: Targets = ({ webhook }, { state }) => ({
    async deliver({ event }, signal) {
      secrets.push(state.get('secrets', 'default', 'key') !== undefined);
      const first = happens;
      happens = undefined;
      await first?.(signal);
      const isDead = webhook?.url.includes('dead');
      if (!isDead && refused(event)) throw new NotTaken('no');
      (isDead ? dead : events).push(event);
    },
  });
  const env = { clock, random: { next: () => 0.5 }, ids: { uid: () => 'uid', suffix: () => 'xxxxx' } };
  const begin = () => new Deliveries({ replica, env, admissionPlugins: defaultAdmissionPlugins, wakeIn: async (delay) => void later.push(delay) }, targets);
  let deliveries = begin();
  return {
    server,
    events,
    dead,
    later,
    run: () => deliveries.run(),
    restart: () => {
      deliveries = begin();
    },
    secrets,
    /** Happens while the next event is on its way. */
    meanwhile: (what: (signal: AbortSignal) => Promise<void>) => {
      happens = what;
    },
    refuse: (which: (event: Told) => boolean) => {
      refused = which;
    },
  };
}

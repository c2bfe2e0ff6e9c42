import { beforeAll, describe, expect, it } from 'vitest';
import type { ChangeObject } from '../../apis/logplane/change.ts';
import type { KubeObject } from '../../kube/object.ts';
import { configMap, deployment, namespace } from '../../testing/objects.ts';
import { type Answer, type TestServer, testServer } from '../../testing/server.ts';

const CHANGES = '/apis/logplane.dev/v1/changes';
const inNamespace = (name: string) => `/apis/logplane.dev/v1/namespaces/${name}/changes`;
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const select = (text: string) => `fieldSelector=${encodeURIComponent(text)}`;

const itemsOf = ({ json, text }: Answer): ChangeObject[] => {
  if (!json.items) throw new Error(text);
  return json.items;
};
const offsetsOf = (answer: Answer) => itemsOf(answer).map(({ offset }) => offset);
const inShort = ({ type, object, what }: ChangeObject) => `${type} ${object.resource} ${object.name}${what && `: ${what}`}`;

/** `shop` has a Deployment whose image and replicas change, a ConfigMap that is deleted, and a Secret. */
async function shop(options: Parameters<typeof testServer>[0] = {}): Promise<TestServer> {
  const server = await testServer(options);
  await server.create(namespace('shop'));
  await server.create(deployment({ replicas: 1 }, { metadata: { namespace: 'shop' } }));
  await server.create(configMap('a', { namespace: 'shop', labels: { app: 'other' }, data: { one: '1' } }));
  const web = '/apis/apps/v1/namespaces/shop/deployments/web';
  const merge = { type: 'application/merge-patch+json' };
  const strategic = { type: 'application/strategic-merge-patch+json' };
  const { json } = await server.request(`GET ${web}`);
  const { name } = json.spec.template.spec.containers[0];
  await server.request(`PATCH ${web}`, { body: { spec: { template: { spec: { containers: [{ name, image: 'web:2' }] } } } }, ...strategic });
  await server.request(`PATCH ${web}/scale`, { body: { spec: { replicas: 3 } }, ...merge });
  await server.request('PATCH /api/v1/namespaces/shop/configmaps/a', { body: { data: { one: null, two: '2' } }, ...merge });
  await server.request('DELETE /api/v1/namespaces/shop/configmaps/a');
  return server;
}

describe('changes', () => {
  let server: TestServer;
  let end: number;
  beforeAll(async () => {
    server = await shop();
    end = server.replica.state.offset;
  });

  it('are those of a namespace, the newest first', async () => {
    const items = itemsOf(await server.request(`GET ${inNamespace('shop')}`));
    expect(items.map(inShort)).toEqual([
      'DELETED configmaps a',
      'MODIFIED configmaps a: data.one, data.two',
      'MODIFIED deployments.apps web: spec.replicas',
      'MODIFIED deployments.apps web: spec.template.spec.containers[web].image',
      'ADDED configmaps a',
      'ADDED deployments.apps web',
    ]);
    expect(items[0]).toMatchObject({
      apiVersion: 'logplane.dev/v1',
      kind: 'Change',
      metadata: { name: String(end), namespace: 'shop', resourceVersion: String(end), labels: { app: 'other' } },
      actor: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
    });
  });

  it('are all of the cluster, also of what is in no namespace', async () => {
    const items = itemsOf(await server.request(`GET ${CHANGES}`));
    expect(items.map(({ offset }) => offset)).toEqual(Array.from({ length: end }, (_, i) => end - i));
    expect(items.filter(({ object }) => object.resource === 'namespaces').map(({ object, metadata }) => [object.name, metadata.namespace])).toEqual([
      ['shop', undefined],
      ['default', undefined],
    ]);
  });

  it('say what differs, field by field', async () => {
    const [change] = itemsOf(await server.request(`GET ${inNamespace('shop')}?${select('name=web,type=MODIFIED,order=oldest')}&limit=1`));
    expect(change!.differences).toEqual([
      { path: '.metadata.generation', from: 1, to: 2 },
      { path: '.spec.template.spec.containers[name="web"].image', from: 'nginx:1', to: 'web:2' },
    ]);
    expect(change!.manager).toMatchObject({ name: 'unknown' });
  });

  it.each([
    {
      selector: 'resource=deployments.apps',
      found: [
        'MODIFIED deployments.apps web: spec.replicas',
        'MODIFIED deployments.apps web: spec.template.spec.containers[web].image',
        'ADDED deployments.apps web',
      ],
    },
    { selector: 'name=a,type=DELETED', found: ['DELETED configmaps a'] },
    { selector: 'name!=web,type!=MODIFIED,namespace=shop', found: ['DELETED configmaps a', 'ADDED configmaps a'] },
    { selector: 'actor=nobody', found: [] },
    { selector: 'resource=namespaces,actor=admin,name=shop', found: ['ADDED namespaces shop'] },
    { selector: 'metadata.namespace=shop,name=web,order=oldest,type=ADDED', found: ['ADDED deployments.apps web'] },
  ])('are selected by $selector', async ({ selector, found }) => {
    expect(itemsOf(await server.request(`GET ${CHANGES}?${select(selector)}`)).map(inShort)).toEqual(found);
  });

  it('are selected by the labels of what changed', async () => {
    const items = itemsOf(await server.request(`GET ${CHANGES}?labelSelector=app%3Dother`));
    expect(items.map(({ object }) => object.name)).toEqual(['a', 'a', 'a']);
  });

  it('are those from one offset to another, or between times', async () => {
    expect(offsetsOf(await server.request(`GET ${CHANGES}?${select('from=2,to=4')}`))).toEqual([4, 3, 2]);
    expect(offsetsOf(await server.request(`GET ${CHANGES}?${select('from=2,to=4,order=oldest')}`))).toEqual([2, 3, 4]);
    const time = new Date(server.replica.state.time).toISOString();
    expect(offsetsOf(await server.request(`GET ${CHANGES}?${select(`from=${time}`)}`))).toContain(end);
    expect(offsetsOf(await server.request(`GET ${CHANGES}?${select('to=2020-01-01T00:00:00Z')}`))).toEqual([]);
  });

  it.each([{ order: 'newest' }, { order: 'oldest' }])('come in pages, each once: $order first', async ({ order }) => {
    const offsets: number[] = [];
    for (let next = ''; ; ) {
      const answer = await server.request(`GET ${CHANGES}?limit=3&${select(`order=${order}`)}${next && `&continue=${next}`}`);
      expect(itemsOf(answer).length).toBeLessThanOrEqual(3);
      offsets.push(...offsetsOf(answer));
      expect(answer.json.metadata.resourceVersion).toBe(String(end));
      next = answer.json.metadata.continue;
      if (!next) break;
    }
    const all = Array.from({ length: end }, (_, i) => i + 1);
    expect(offsets).toEqual(order === 'newest' ? all.reverse() : all);
  });

  it('are printed', async () => {
    const { columnDefinitions, rows } = (await server.request(`GET ${inNamespace('shop')}?limit=3`, { accept: TABLE })).json;
    expect(columnDefinitions.slice(0, 7).map(({ name }: { name: string }) => name.toUpperCase())).toEqual([
      'OFFSET',
      'TIME',
      'TYPE',
      'OBJECT',
      'ACTOR',
      'WHAT',
      'CAUSE',
    ]);
    expect(rows[2].cells.slice(0, 7)).toEqual([String(end - 2), '2026-01-01T00:00:00Z', 'MODIFIED', 'deployment.apps/web', 'admin', 'spec.replicas', '']);
    expect(rows[2].object).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: String(end - 2), namespace: 'shop' } });
  });

  it('are found by their offsets, from whichever namespace', async () => {
    const one = await server.request(`GET ${inNamespace('default')}/${end - 2}`);
    expect(one.json).toMatchObject({ kind: 'Change', offset: end - 2, metadata: { namespace: 'shop' }, entry: { offset: end - 2, events: 1 } });
    expect((await server.request(`GET ${inNamespace('default')}/1`)).json).toMatchObject({ object: { resource: 'namespaces', name: 'default' } });
  });

  it.each([
    { get: `${inNamespace('shop')}/999`, code: 404, message: 'changes.logplane.dev "999" not found' },
    { get: `${inNamespace('shop')}/0`, code: 404, message: 'changes.logplane.dev "0" not found' },
    { get: `${inNamespace('shop')}/web`, code: 404, message: 'changes.logplane.dev "web" not found' },
    { get: `${CHANGES}?${select('order=up')}`, code: 400, message: 'invalid field selector: order: Invalid value: "up": must be "newest" or "oldest"' },
    {
      get: `${CHANGES}?${select('from=yesterday')}`,
      code: 400,
      message: 'invalid field selector: from: Invalid value: "yesterday": must be a resourceVersion or an RFC 3339 time',
    },
    { get: `${CHANGES}?${select('from!=4')}`, code: 400, message: 'field label "from" takes = alone' },
    { get: `${CHANGES}?${select('from=999')}`, code: 504, message: /^Too large resource version: 999, current: \d+$/ },
    { get: `${CHANGES}?${select('kind=Pod')}`, code: 400, message: 'field label not supported: kind' },
    {
      get: `${CHANGES}?continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiJhIiwic2luY2UiOjB9`,
      code: 400,
      message: 'invalid continue token: continue key is not valid',
    },
  ])('are refused: GET $get', async ({ get, code, message }) => {
    const answer = await server.request(`GET ${get}`);
    expect(answer.code).toBe(code);
    expect(answer.json).toMatchObject({ kind: 'Status', message: typeof message === 'string' ? message : expect.stringMatching(message) });
  });

  it.each(['POST', 'DELETE'])('are read alone: %s', async (method) => {
    expect((await server.request(`${method} ${inNamespace('shop')}`, { body: {} })).code).toBe(405);
  });

  it('of a cluster that is shown at another time end there', async () => {
    expect(offsetsOf(await server.request(`GET /clusters/main@4${CHANGES}`))).toEqual([4, 3, 2, 1]);
    expect((await server.request(`GET /clusters/main@4${inNamespace('shop')}/5`)).code).toBe(404);
  });
});

describe('a watch of changes', () => {
  it('tells what happens from now on, of what is selected', async () => {
    const server = await shop();
    const watch = await watching(server, `${inNamespace('shop')}?watch=true&${select('resource=configmaps')}`);
    await server.create(
      configMap('b', { namespace: 'shop' }),
      configMap('c'),
      deployment({}, { metadata: { name: 'd', namespace: 'shop' } }),
      configMap('e', { namespace: 'shop' }),
    );
    expect((await watch.events(2)).map(({ type, object }) => `${type} ${object.object.name}`)).toEqual(['ADDED b', 'ADDED e']);
  });

  it('goes on after a list', async () => {
    const server = await shop();
    const { resourceVersion } = (await server.request(`GET ${CHANGES}?limit=1`)).json.metadata;
    await server.create(configMap('b'), configMap('c'));
    const watch = await watching(server, `${CHANGES}?watch=true&resourceVersion=${resourceVersion}`);
    expect((await watch.events(2)).map(({ object }) => object.offset)).toEqual([Number(resourceVersion) + 1, Number(resourceVersion) + 2]);
  });

  it('begins with what is there, for those who want it', async () => {
    const server = await shop();
    const end = server.replica.state.offset;
    const watch = await watching(server, `${CHANGES}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`);
    const events = await watch.events(end + 1);
    expect(events.slice(0, end).map(({ object }) => object.offset)).toEqual(Array.from({ length: end }, (_, i) => i + 1));
    expect(events[end]).toMatchObject({
      type: 'BOOKMARK',
      object: { metadata: { resourceVersion: String(end), annotations: { 'k8s.io/initial-events-end': 'true' } } },
    });
  });

  it('of a cluster that is shown at another time ends', async () => {
    const server = await shop();
    const { text } = await server.request(`GET /clusters/main@4${CHANGES}?watch=true&resourceVersion=2`);
    expect(
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).object.offset),
    ).toEqual([3, 4]);
  });

  it('that waits for an offset that is not there yet is told so', async () => {
    const { text } = await (await shop()).request(`GET ${CHANGES}?watch=true&${select('from=999')}`);
    expect(JSON.parse(text)).toMatchObject({ kind: 'Status', code: 504 });
  });
});

describe('who reads changes', () => {
  const secret = (value: string, metadata: object = {}) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'token', namespace: 'shop', annotations: { 'kubectl.kubernetes.io/last-applied-configuration': `{"data":"${value}"}` }, ...metadata },
    data: { password: Buffer.from(value).toString('base64') },
  });
  const bound = (name: string, roleName: string, inNamespace?: string): KubeObject =>
    ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: inNamespace ? 'RoleBinding' : 'ClusterRoleBinding',
      metadata: { name, ...(inNamespace && { namespace: inNamespace }) },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: roleName },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'alice' }],
    }) as KubeObject;

  async function withSecret(): Promise<TestServer> {
    const server = await shop({ roles: true });
    await server.create(secret('hunter2') as KubeObject);
    await server.request('PUT /api/v1/namespaces/shop/secrets/token', { body: secret('correct horse', { labels: { battery: 'staple' } }) });
    await server.request('DELETE /api/v1/namespaces/shop/secrets/token');
    return server;
  }
  const hides = (text: string) => {
    for (const value of ['hunter2', 'correct horse']) {
      expect(text).not.toContain(value);
      expect(text).not.toContain(Buffer.from(value).toString('base64'));
    }
  };

  it('is told how long the values of a Secret are, and never what', async () => {
    const server = await withSecret();
    const { text, json } = await server.request(`GET ${inNamespace('shop')}?${select('resource=secrets')}`);
    expect(json.items.map(inShort)).toEqual([
      'DELETED secrets token',
      'MODIFIED secrets token: data.password, metadata.annotations[kubectl.kubernetes.io/last-applied-configuration], metadata.labels',
      'ADDED secrets token',
    ]);
    expect(json.items[1].differences[0]).toEqual({ path: '.data.password', from: '(7 bytes)', to: '(13 bytes)' });
    hides(text);
    for (const { offset } of json.items) hides((await server.request(`GET ${inNamespace('shop')}/${offset}`)).text);
    hides((await server.request(`GET ${inNamespace('shop')}?watch=true&resourceVersion=1&${select(`to=${server.replica.state.offset}`)}`)).text);
  });

  it('may do so with the roles that are for viewers, in a namespace', async () => {
    const server = await withSecret();
    const get = (path: string) => server.request(`GET ${path}`, { token: 'alice' });
    expect((await get(inNamespace('shop'))).json).toMatchObject({
      code: 403,
      message: expect.stringContaining('cannot list resource "changes" in API group "logplane.dev" in the namespace "shop"'),
    });
    await server.create(bound('alice', 'view', 'shop'));
    const items = itemsOf(await get(inNamespace('shop')));
    expect(items.find(({ object }) => object.resource === 'deployments.apps')).toMatchObject({ what: 'spec.replicas', differences: [{}, {}] });
    expect((await get(CHANGES)).code).toBe(403);
    expect((await get(inNamespace('default'))).code).toBe(403);
  });

  it('is told no more of an object that they may not get than that it changed', async () => {
    const server = await withSecret();
    await server.create(bound('alice', 'view', 'shop'));
    const get = (path: string) => server.request(`GET ${path}`, { token: 'alice' });
    const changes = itemsOf(await get(`${inNamespace('shop')}?${select('resource=secrets')}`));
    expect(changes).toHaveLength(3);
    for (const change of changes) {
      expect(change).toMatchObject({ object: { name: 'token' }, what: '', actor: { username: 'admin' } });
      expect(change.differences).toBeUndefined();
      expect(change.metadata.labels).toBeUndefined();
    }
    // A selector would tell what is not shown.
    expect(itemsOf(await get(`${inNamespace('shop')}?labelSelector=battery`))).toEqual([]);
    expect(itemsOf(await server.request(`GET ${inNamespace('shop')}?labelSelector=battery`))).toHaveLength(2);
  });

  it('is given by an offset what they may read where it is', async () => {
    const server = await withSecret();
    await server.create(bound('alice', 'view', 'shop'));
    const { offset } = server.replica.state;
    const get = (path: string) => server.request(`GET ${path}`, { token: 'alice' });
    const [newest] = offsetsOf(await get(inNamespace('shop')));
    expect((await get(`${inNamespace('shop')}/${newest}`)).code).toBe(200);
    // The binding itself is in the namespace; a namespace is in none.
    expect(newest).toBe(offset);
    const [ofNamespace] = offsetsOf(await server.request(`GET ${CHANGES}?${select('resource=namespaces,name=shop')}`));
    expect((await get(`${inNamespace('shop')}/${ofNamespace}`)).code).toBe(404);
    await server.create(bound('alice', 'view'));
    expect((await get(`${inNamespace('shop')}/${ofNamespace}`)).json).toMatchObject({ object: { resource: 'namespaces' }, what: '' });
  });
});

interface Told {
  readonly type: string;
  readonly object: ChangeObject & KubeObject;
}

async function watching(server: TestServer, path: string) {
  const stop = new AbortController();
  const response = await server.response(`GET ${path}`, { signal: stop.signal });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  return {
    async events(count: number): Promise<Told[]> {
      let text = '';
      while (text.split('\n').length <= count) {
        const { value, done } = await reader.read();
        if (done) break;
        text += value;
      }
      stop.abort();
      return text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
    },
  };
}

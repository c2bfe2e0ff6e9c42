import { describe, expect, it } from 'vitest';
import { memoryLog } from '../../log/memory/memory-log.ts';
import { type RequestOptions, testServer } from '../../testing/server.ts';

it.each([
  { path: '/healthz', want: 'ok' },
  { path: '/livez', want: 'ok' },
  { path: '/readyz', want: 'ok' },
  { path: '/readyz?exclude=etcd', want: 'ok' },
])('$path is well, and every client may ask', async ({ path, want }) => {
  const server = await testServer();
  expect(await server.request(`GET ${path}`, { token: null })).toMatchObject({ code: 200, text: want });
});

describe('?verbose lists what kube-apiserver checks', () => {
  const lines = async (path: string) => (await (await testServer()).request(`GET ${path}`, { token: null })).text.split('\n');

  it.each([
    { path: '/healthz', want: ['ping', 'log', 'etcd'], not: ['etcd-readiness', 'informer-sync', 'shutdown'] },
    { path: '/livez', want: ['ping'], not: ['log', 'etcd', 'informer-sync', 'shutdown'] },
    { path: '/readyz', want: ['ping', 'log', 'etcd', 'etcd-readiness', 'informer-sync', 'shutdown'], not: [] },
  ])('at $path', async ({ path, want, not }) => {
    const all = await lines(`${path}?verbose`);
    for (const name of [...want, 'poststarthook/rbac/bootstrap-roles', 'poststarthook/crd-informer-synced', 'autoregister-completion'])
      expect(all).toContain(`[+]${name} ok`);
    for (const name of not) expect(all).not.toContain(`[+]${name} ok`);
    expect(all.slice(-2)).toEqual([`${path.slice(1)} check passed`, '']);
  });

  it('passes over what is excluded, and says what there is not', async () => {
    const all = await lines('/readyz?verbose&exclude=etcd&exclude=none&exclude=no-more');
    expect(all).toContain('[+]etcd excluded: ok');
    expect(all.at(-3)).toBe('warn: some health checks cannot be excluded: no matches for "no-more","none"');
  });
});

// Role system:public-info-viewer; and whether there is a cluster of some name is nothing to tell to strangers.
it.each(['/healthz/ping', '/clusters/main/readyz', '/clusters/main/readyz/log', '/clusters/none/version'])('%s is not for every client', async (path) => {
  const server = await testServer();
  expect(await server.request(`GET ${path}`, { token: null })).toMatchObject({ code: 403 });
});

it.each<RequestOptions & { line: string; code: number }>([
  { line: 'HEAD /version', token: null, code: 403 },
  { line: 'POST /healthz', token: null, code: 403 },
  { line: 'GET /version', token: null, headers: { 'impersonate-user': 'alice' }, code: 403 },
  { line: 'GET /version', token: 'alice', headers: { 'impersonate-user': 'admin' }, code: 403 },
  { line: 'GET /version', token: 'admin', headers: { 'impersonate-group': 'a' }, code: 400 },
  { line: 'GET /version', token: 'admin', headers: { 'impersonate-user': 'alice' }, code: 200 },
  { line: 'GET /clusters/none/version', token: 'alice', code: 404 },
])('$line by $token: $code', async ({ line, code, ...options }) => {
  const server = await testServer({ roles: true });
  expect((await server.request(line, options)).code).toBe(code);
});

it.each(['/healthz/ping', '/clusters/main/readyz', '/clusters/main/readyz/log', '/livez/poststarthook/rbac/bootstrap-roles'])('%s is well', async (path) => {
  const server = await testServer();
  expect(await server.request(`GET ${path}`)).toMatchObject({ code: 200, text: 'ok' });
});

it('is not ready when the log cannot be read, and alive all the same', async () => {
  const log = memoryLog();
  let broken = false;
  const server = await testServer({
    log: {
      ...log,
      async *read(cluster, options) {
        if (broken) throw new Error('disk on fire');
        yield* log.read(cluster, options);
      },
    },
  });
  broken = true;
  const { code, text } = await server.request('GET /readyz');
  expect({ code, failed: text.match(/^\[-\].*/gm) }).toEqual({
    code: 500,
    failed: ['log', 'etcd', 'etcd-readiness'].map((name) => `[-]${name} failed: reason withheld`),
  });
  expect(text).toMatch(/^\[\+\]ping ok\n[\s\S]*\nreadyz check failed\n$/);
  expect(await server.request('GET /readyz/etcd')).toMatchObject({ code: 500, text: 'internal server error: reason withheld\n' });
  expect((await server.request('GET /readyz?exclude=log&exclude=etcd&exclude=etcd-readiness')).code).toBe(200);
  expect((await server.request('GET /livez')).code).toBe(200);
  expect((await server.request('GET /api/v1/componentstatuses')).json.items).toMatchObject([
    { metadata: { name: 'log' }, conditions: [{ type: 'Healthy', status: 'False' }] },
  ]);
});

it.each(['/foo', '/healthz/none', '/apis/none.example.com', '/apis/none.example.com/v1/things', '/openapi/v4', '/version/x', '/constructor'])(
  '%s is no page',
  async (path) => {
    const server = await testServer();
    const { code, text, headers } = await server.request(`GET ${path}`);
    expect({ code, text, type: headers.get('content-type') }).toEqual({ code: 404, text: '404 page not found\n', type: 'text/plain; charset=utf-8' });
  },
);

it('lists its pages', async () => {
  const server = await testServer();
  const { json } = await server.request('GET /');
  expect(json.paths).toEqual(expect.arrayContaining(['/api/v1', '/apis/apps/v1', '/healthz', '/version']));
  for (const path of json.paths) expect(await server.request(`GET ${path}`), path).toMatchObject({ code: 200 });
});

it('tells its version', async () => {
  const server = await testServer();
  expect((await server.request('GET /version', { token: null })).json).toMatchObject({
    major: '1',
    minor: '36',
    gitVersion: expect.stringMatching(/^v1\.36\.\d+\+logplane$/),
    platform: 'any',
  });
});

it('says where OpenAPI is, below the cluster that was asked', async () => {
  const server = await testServer();
  const { json } = await server.request('GET /clusters/main/openapi/v3');
  const url: string = json.paths['apis/apps/v1'].serverRelativeURL;
  expect(url).toMatch(/^\/clusters\/main\/openapi\/v3\/apis\/apps\/v1\?hash=/);
  const document = await server.request(`GET ${url}`);
  expect(document.json.openapi).toBe('3.0.0');
  const again = await server.request(`GET ${url}`, { headers: { 'if-none-match': document.headers.get('etag')! } });
  expect({ code: again.code, text: again.text }).toEqual({ code: 304, text: '' });
});

it('gives all of discovery in one document to clients that ask for that', async () => {
  const server = await testServer();
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';
  const { json, headers } = await server.request('GET /apis', { accept });
  expect({ kind: json.kind, type: headers.get('content-type') }).toEqual({
    kind: 'APIGroupDiscoveryList',
    type: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  });
  expect((await server.request('GET /apis')).json.kind).toBe('APIGroupList');
});

it('counts what it served', async () => {
  const server = await testServer();
  await server.request('GET /api/v1/pods');
  await server.request('GET /api/v1/made-up');
  const { text } = await server.request('GET /metrics');
  expect(text).toContain('apiserver_request_total{code="200",group="",resource="pods",subresource="",verb="LIST",version="v1"} 1\n');
  expect(text).not.toContain('made-up');
});

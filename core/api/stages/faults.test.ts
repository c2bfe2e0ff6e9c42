import { expect, it } from 'vitest';
import { configMap, namespace } from '../../testing/objects.ts';
import { testServer } from '../../testing/server.ts';

const FAULTS = '/api/v1/namespaces/kube-system/configmaps/faults';

async function setUp(data: Record<string, string>) {
  const server = await testServer({ objects: [namespace('default'), namespace('kube-system')] });
  await server.create(configMap('faults', { namespace: 'kube-system', data }));
  return server;
}

it('An API that refuses everything as too much still says and unlearns that it does', async () => {
  const { request } = await setUp({ apiRefusals: '1' });
  const { code, json, headers } = await request('GET /api/v1/nodes');
  expect({ code, reason: json.reason, after: headers.get('retry-after') }).toEqual({ code: 429, reason: 'TooManyRequests', after: '1' });
  expect((await request('POST /api/v1/namespaces/default/configmaps', { body: configMap('a') })).code).toBe(429);
  expect((await request('GET /healthz')).code).toBe(200);
  expect((await request(`GET ${FAULTS}`)).code).toBe(200);
  expect((await request(`DELETE ${FAULTS}`)).code).toBe(200);
  expect((await request('GET /api/v1/nodes')).code).toBe(200);
});

it('An API that refuses a share of requests serves the rest', async () => {
  const { request } = await setUp({ apiRefusals: '0.5' });
  const codes = new Set<number>();
  for (let i = 0; i < 50; i++) codes.add((await request('GET /api/v1/nodes')).code);
  expect(codes).toEqual(new Set([200, 429]));
});

it('An API that is late answers once its time has come', async () => {
  const { request, clock } = await setUp({ apiLatency: '2s' });
  let answered = false;
  const answer = request('GET /api/v1/nodes').then(({ code }) => {
    answered = true;
    return code;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(answered).toBe(false);
  clock.advance(2_000);
  expect(await answer).toBe(200);
});

it.each<{ data: Record<string, string>; warning: string }>([
  { data: { apiRefusals: 'many' }, warning: 'data[apiRefusals]: no number from 0 to 1, it does nothing' },
  { data: { apiRefusals: '2' }, warning: 'data[apiRefusals]: no number from 0 to 1, it does nothing' },
  { data: { apiLatency: 'long' }, warning: 'data[apiLatency]: no duration such as 500ms, it does nothing' },
  { data: { apiLatency: '-1s' }, warning: 'data[apiLatency]: no duration such as 500ms, it does nothing' },
  { data: { apirefusals: '1' }, warning: 'data[apirefusals]: no such fault, there are nodes, zones, registries, apiLatency, apiRefusals' },
])('What is not understood, as $data, does nothing, and whoever writes it is told', async ({ data, warning }) => {
  const { request } = await setUp({});
  const { code, headers } = await request(`PUT ${FAULTS}`, { body: configMap('faults', { namespace: 'kube-system', data }) });
  expect({ code, warning: headers.get('warning') }).toEqual({ code: 200, warning: `299 - "${warning}"` });
  expect((await request('GET /api/v1/nodes')).code).toBe(200);
});

it('What is understood, and what any other ConfigMap says, is no matter for a warning', async () => {
  const { request } = await setUp({});
  const data = { nodes: 'node-1', zones: 'a,b', registries: 'docker.io', apiLatency: '0s', apiRefusals: '0' };
  expect((await request(`PUT ${FAULTS}`, { body: configMap('faults', { namespace: 'kube-system', data }) })).headers.get('warning')).toBeNull();
  expect((await request('POST /api/v1/namespaces/default/configmaps', { body: configMap('faults', { data: { a: 'b' } }) })).headers.get('warning')).toBeNull();
});

import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { afterEach, expect, it, vi } from 'vitest';
import { systemEnv } from '../core/env.ts';
import type { KubeObject } from '../core/kube/object.ts';
import { memoryLog } from '../core/log/memory/memory-log.ts';
import { widget } from '../test/conformance/widgets.ts';
import { PATIENCE_MS } from '../test/support/patience.ts';
import { conversionOf, type Respond, type WebhookServer, webhookServer } from '../test/support/webhook-server.ts';
import { convertedWidgets, convertingWidgets, WIDGETS, webhookDefinition } from '../test/support/widget-conversion.ts';
import { Host } from './host.ts';
import { secrets } from './secrets.ts';

/** A host and a webhook, both over HTTPS, with a client of the host that knows nothing of the other. */

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** `late` ends the time of every webhook. */
async function start(respond: Respond, { names, env = systemEnv }: { names?: readonly string[]; env?: typeof systemEnv } = {}) {
  const hook = await webhookServer({ respond, ...(names && { names }) });
  closing.push(() => hook.close());
  const problems: unknown[] = [];
  const host = await Host.start({
    log: memoryLog(),
    env,
    secrets: secrets(undefined),
    port: 0,
    nodes: 1,
    cluster: 'default',
    problem: (...all) => problems.push(all),
  });
  closing.push(async () => {
    await host.close();
    expect(problems).toEqual([]);
  });
  return { hook, host };
}

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: an answer of any shape
  readonly json: any;
}

function send(host: Host, line: string, body?: object, type = 'application/json'): Promise<IncomingMessage> {
  const [method, path] = line.split(' ');
  const headers = { authorization: `Bearer ${host.token}`, 'content-type': type };
  return new Promise((resolve, reject) => {
    request(new URL(path!, host.url), { method, ca: host.ca, headers }, resolve)
      .on('error', reject)
      .end(body && JSON.stringify(body));
  });
}

async function call(host: Host, line: string, body?: object, type?: string): Promise<Answer> {
  const answer = await send(host, line, body, type);
  let text = '';
  for await (const piece of answer.setEncoding('utf8')) text += piece;
  return { status: answer.statusCode!, json: JSON.parse(text) };
}

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

const define = async (host: Host, client: object) => expect((await call(host, `POST ${DEFINITIONS}`, webhookDefinition(client))).status).toBe(201);

const byUrl = ({ port, caBundle }: WebhookServer) => ({ url: `https://localhost:${port}/convert`, caBundle });

const old = (name: string, shape: string) => ({ ...widget(name, { size: 'S', shape }), apiVersion: 'example.com/v1beta1' });

it('objects are written, read, listed and watched in a version that a webhook converts', async () => {
  const { hook, host } = await start(convertingWidgets);
  await define(host, byUrl(hook));
  expect((await call(host, `POST ${WIDGETS('v1beta1')}`, old('a', 'flat'))).json).toMatchObject({ apiVersion: 'example.com/v1beta1', spec: { shape: 'flat' } });
  expect((await call(host, `GET ${WIDGETS('v1')}/a`)).json.spec).toEqual({ size: 'S', color: 'flat-ish' });
  expect((await call(host, `POST ${WIDGETS('v1')}`, widget('b', { size: 'S', color: 'deep-ish' }))).status).toBe(201);
  const { json: list } = await call(host, `GET ${WIDGETS('v1beta1')}`);
  expect(list.items.map(({ spec }: { spec: { shape: string } }) => spec.shape)).toEqual(['flat', 'deep']);

  const watch = await send(host, `GET ${WIDGETS('v1beta1')}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`);
  const lines: string[] = [];
  watch.setEncoding('utf8').on('data', (text: string) => lines.push(...text.split('\n').filter(Boolean)));
  await call(host, `PATCH ${WIDGETS('v1')}/b`, { spec: { color: 'high-ish' } }, 'application/merge-patch+json');
  await vi.waitUntil(() => lines.length === 4, { timeout: PATIENCE_MS });
  watch.destroy();
  const events = lines.map((line) => JSON.parse(line) as { type: string; object: { spec?: { shape: string } } });
  expect(events.map(({ type, object }) => [type, object.spec?.shape])).toEqual([
    ['ADDED', 'flat'],
    ['ADDED', 'deep'],
    ['BOOKMARK', undefined],
    ['MODIFIED', 'high'],
  ]);
  expect(hook.requests.every(({ path }) => path === '/convert?timeout=30s')).toBe(true);
  expect(hook.asked.every(({ kind, apiVersion }) => kind === 'ConversionReview' && apiVersion === 'apiextensions.k8s.io/v1')).toBe(true);
});

it('a Service is found by its endpoints', async () => {
  const { hook, host } = await start(convertingWidgets, { names: ['hook.default.svc'] });
  await define(host, { service: { namespace: 'default', name: 'hook' }, caBundle: hook.caBundle });
  const refused = async () => (await call(host, `POST ${WIDGETS('v1beta1')}`, old('a', 'flat'))).json.message;
  const POST = 'conversion webhook for example.com/v1beta1, Kind=Widget failed: Post "https://hook.default.svc:443/?timeout=30s":';
  expect(await refused()).toBe(`${POST} service "hook" not found`);
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'hook' }, spec: { ports: [{ name: 'https', port: 443 }] } };
  expect((await call(host, 'POST /api/v1/namespaces/default/services', service)).status).toBe(201);
  expect(await refused()).toBe(`${POST} no endpoints available for service "hook"`);
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'hook-here', labels: { 'kubernetes.io/service-name': 'hook' } },
    addressType: 'IPv4',
    ports: [{ name: 'https', port: hook.port }],
    endpoints: [{ addresses: ['198.51.100.1'], conditions: { ready: false } }],
  };
  const SLICES = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';
  expect((await call(host, `POST ${SLICES}`, slice)).status).toBe(201);
  expect(await refused()).toBe(`${POST} no endpoints available for service "hook"`);
  // Kubernetes refuses loopback addresses in slices: this one has an external name.
  expect((await call(host, 'DELETE /api/v1/namespaces/default/services/hook')).status).toBe(200);
  const external = { ...service, spec: { type: 'ExternalName', externalName: 'localhost' } };
  expect((await call(host, 'POST /api/v1/namespaces/default/services', external)).status).toBe(201);
  const moved = { spec: { conversion: { webhook: { clientConfig: { service: { namespace: 'default', name: 'hook', port: hook.port } } } } } };
  expect((await call(host, `PATCH ${DEFINITIONS}/widgets.example.com`, moved, 'application/merge-patch+json')).status).toBe(200);
  expect((await call(host, `POST ${WIDGETS('v1beta1')}`, old('a', 'flat'))).status).toBe(201);
  expect(hook.requests[0]!.headers.host).toBe(`hook.default.svc:${hook.port}`);
});

const of = 'conversion webhook for example.com/v1beta1, Kind=Widget';
it.each<[string, Respond, string]>([
  ['answers another question', (review) => ({ ...(conversionOf(review, []) as object), response: { uid: 'x' } }), `${of} failed: expected response.uid="`],
  ['converts too little', (review) => conversionOf(review, []), `${of} returned 0 objects, expected 1`],
  [
    'gives another name',
    (review) =>
      conversionOf(
        review,
        convertedWidgets(review).map((object) => ({ ...object, metadata: { ...object.metadata, name: 'z' } })),
      ),
    `${of} returned invalid object: must have the same name: a != z`,
  ],
  [
    'does not convert',
    (review) => conversionOf(review, review.request.objects),
    `${of} returned invalid object at index 0: invalid groupVersion (expected example.com/v1, received example.com/v1beta1)`,
  ],
  [
    'says why it does not',
    (review) => ({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'ConversionReview',
      response: { uid: review.request.uid, result: { status: 'Failed', message: 'no such shape' } },
    }),
    `${of} failed: no such shape`,
  ],
  [
    'answers no JSON',
    (_, response) => void response.end('oops'),
    `${of} failed: couldn't get version/kind; json parse error: json: cannot unmarshal string into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
  ],
  [
    'sends elsewhere',
    (_, response) => void response.writeHead(307, { location: '/' }).end(),
    `${of} failed: the server responded with the status code 307 but did not return more information`,
  ],
  ['fails', (_, response) => void response.writeHead(503).end(), `${of} failed: the server is currently unable to handle the request`],
])('nothing is written when a webhook %s', async (_name, respond, message) => {
  const { hook, host } = await start(respond);
  await define(host, byUrl(hook));
  const { status, json } = await call(host, `POST ${WIDGETS('v1beta1')}`, old('a', 'flat'));
  expect({ status, message: json.message }).toEqual({ status: 500, message: expect.stringContaining(message) });
  expect((await call(host, `GET ${WIDGETS('v1')}`)).json.items).toEqual([]);
});

it('a webhook that cannot be trusted, or is not there, is told of as Kubernetes does', async () => {
  const { hook, host } = await start(convertingWidgets);
  const other = await webhookServer({ respond: convertingWidgets });
  closing.push(() => other.close());
  await define(host, { ...byUrl(hook), caBundle: other.caBundle });
  const message = async () => (await call(host, `POST ${WIDGETS('v1beta1')}`, old('a', 'flat'))).json.message;
  const post = `${of} failed: Post "https://localhost:${hook.port}/convert?timeout=30s":`;
  expect(await message()).toBe(`${post} tls: failed to verify certificate: x509: certificate signed by unknown authority`);
  await hook.close();
  expect(await message()).toMatch(new RegExp(`dial tcp (127.0.0.1|\\[::1\\]):${hook.port}: connect: connection refused$`));
});

it('a webhook that does not answer is left after its time, and holds nothing up until then', async () => {
  const over = Promise.withResolvers<void>();
  const clock = {
    ...systemEnv.clock,
    sleep: (ms: Parameters<typeof systemEnv.clock.sleep>[0], signal?: AbortSignal) => (ms === 30_000 ? over.promise : systemEnv.clock.sleep(ms, signal)),
  };
  const asked = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  const respond: Respond = (_review, response) => {
    response.on('close', () => left.resolve());
    asked.resolve();
    return undefined;
  };
  const { hook, host } = await start(respond, { env: { ...systemEnv, clock } });
  await define(host, byUrl(hook));
  const waiting = call(host, `POST ${WIDGETS('v1beta1')}`, old('a', 'flat'));
  await asked.promise;
  expect((await call(host, `POST ${WIDGETS('v1')}`, widget('b') as KubeObject)).status).toBe(201);
  over.resolve();
  expect((await waiting).json.message).toBe(`${of} failed: Post "https://localhost:${hook.port}/convert?timeout=30s": context deadline exceeded`);
  await left.promise;
});

import type { ServerResponse } from 'node:http';
import { request } from 'node:https';
import { type AddressInfo, createServer as tcpServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { systemEnv } from '../core/env.ts';
import type { KubeObject } from '../core/kube/object.ts';
import { memoryLog } from '../core/log/memory/memory-log.ts';
import { configMap, deployment, namespace, pod } from '../core/testing/objects.ts';
import { parseWebhookServices } from '../core/webhooks/services-setting.ts';
import { type AdmissionRequest, configuration, patch } from '../test/support/admission-port.ts';
import { policyEngines } from '../test/support/policy-engines.ts';
import { type Respond, type WebhookServer, webhookServer } from '../test/support/webhook-server.ts';
import { Host } from './host.ts';
import { secrets } from './secrets.ts';

/** Admission by real servers: a host and its webhooks, all of them over HTTPS. */

/** No other sleep takes as long as this. */
const SECONDS = 13;
const TIME_LIMIT = SECONDS * 1_000;
const WAITING = { timeout: 20_000, interval: 50 };
const closing: (() => Promise<void>)[] = [];
const problems: unknown[] = [];
/** Ends the time of the webhook that is asked. */
let over = () => {};

let host: Host;
beforeAll(async () => {
  host = await startHost();
});
afterAll(async () => {
  await host.close();
  expect(problems).toEqual([]);
});
afterEach(async () => {
  for (const kind of ['mutating', 'validating']) await call(`DELETE ${CONFIGURATIONS}/${kind}webhookconfigurations`);
  await call(`DELETE ${MAPS}`);
  for (const close of closing.splice(0).reverse()) await close();
});

const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1';
const MAPS = '/api/v1/namespaces/default/configmaps';

async function startHost(options: Partial<Parameters<typeof Host.start>[0]> = {}): Promise<Host> {
  const clock = {
    ...systemEnv.clock,
    sleep: (ms: Parameters<typeof systemEnv.clock.sleep>[0], signal?: AbortSignal) => {
      if (ms !== TIME_LIMIT) return systemEnv.clock.sleep(ms, signal);
      const { promise, resolve } = Promise.withResolvers<void>();
      over = resolve;
      signal?.addEventListener('abort', () => resolve(), { once: true });
      return promise;
    },
  };
  return Host.start({
    log: memoryLog(),
    env: { ...systemEnv, clock },
    secrets: secrets(undefined),
    port: 0,
    nodes: 1,
    cluster: 'default',
    problem: (...all) => problems.push(all),
    ...options,
  });
}

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: an answer of any shape
  readonly json: any;
  readonly warning: string | undefined;
}

async function call(line: string, body?: object, type = 'application/json', of = host): Promise<Answer> {
  const [method, path] = line.split(' ');
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const headers = { authorization: `Bearer ${of.token}`, 'content-type': type };
  request(new URL(path!, of.url), { method, ca: of.ca, headers }, async (answer) => {
    let text = '';
    for await (const piece of answer.setEncoding('utf8')) text += piece;
    resolve({ status: answer.statusCode!, json: JSON.parse(text), warning: answer.headers.warning as string | undefined });
  })
    .on('error', reject)
    .end(body && JSON.stringify(body));
  return promise;
}

/** A webhook that answers a review with a response, or by hand. */
async function hookOf(
  respond: (request: AdmissionRequest, ...rest: Parameters<Respond> extends [unknown, ...infer R] ? R : never) => object | undefined,
  names?: readonly string[],
) {
  const hook = await webhookServer({
    ...(names && { names }),
    respond: (review, response) => {
      const { request, apiVersion } = review as unknown as { request: AdmissionRequest; apiVersion: string };
      const said = respond(request, response);
      return said && { apiVersion, kind: 'AdmissionReview', response: { uid: request.uid, allowed: true, ...said } };
    },
  });
  closing.push(() => hook.close());
  return hook;
}

const at = ({ port, caBundle }: WebhookServer, more: object = {}) => ({
  clientConfig: { url: `https://localhost:${port}/review`, caBundle },
  timeoutSeconds: SECONDS,
  ...more,
});

async function configure(...configurations: KubeObject[]): Promise<void> {
  for (const one of configurations) {
    const { status, json, warning } = await call(`POST ${CONFIGURATIONS}/${one.kind.toLowerCase()}s`, one);
    expect([status, warning], JSON.stringify(json)).toEqual([201, undefined]);
  }
}

const create = (name: string) => call(`POST ${MAPS}`, configMap(name, { data: { a: 'b' } }));
const FAILED = 'Internal error occurred: failed calling webhook "v.example.com": failed to call webhook: ';

it('webhooks complete objects and refuse them, over one connection each', async () => {
  const sidecar = { name: 'sidecar', image: 'sidecar:1' };
  const m = await hookOf(({ object }) =>
    (object as unknown as { spec: { containers: unknown[] } }).spec.containers.length > 1
      ? {}
      : patch({ op: 'add', path: '/spec/containers/-', value: sidecar }),
  );
  const v = await hookOf(({ object }) => ({
    allowed: object?.metadata.name !== 'bad',
    status: { message: 'no bad pods', code: 403 },
    warnings: ['looked at'],
  }));
  const pods = { rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }] };
  await configure(
    configuration('Mutating', 'm', { m: at(m, { ...pods, reinvocationPolicy: 'IfNeeded' }) }),
    configuration('Validating', 'v', { v: at(v, pods) }),
  );
  const good = await call('POST /api/v1/namespaces/default/pods', pod('good'));
  expect([good.status, good.warning, good.json.spec.containers.map(({ name }: { name: string }) => name)]).toEqual([
    201,
    '299 - "looked at"',
    ['main', 'sidecar'],
  ]);
  const bad = await call('POST /api/v1/namespaces/default/pods', pod('bad'));
  expect([bad.status, bad.json.message, bad.warning]).toEqual([403, 'admission webhook "v.example.com" denied the request: no bad pods', '299 - "looked at"']);
  // The plugins of the server complete the sidecar as well, so that the webhook that wants it is asked again.
  expect([m.connections(), v.connections(), m.asked.length, v.asked.length]).toEqual([1, 1, 4, 2]);
});

it('what controllers make is looked at as what clients make, and they are told why it is refused', async () => {
  const v = await hookOf(() => ({ allowed: false, status: { message: 'no pods today' } }));
  const rules = [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }];
  await configure(configuration('Validating', 'v', { v: at(v, { rules }) }));
  expect((await call('POST /apis/apps/v1/namespaces/default/deployments', { ...deployment({ replicas: 1 }), metadata: { name: 'web' } })).status).toBe(201);
  const refused = async () => {
    const { json } = await call('GET /apis/apps/v1/namespaces/default/replicasets');
    return json.items[0]?.status?.conditions?.find(({ type }: { type: string }) => type === 'ReplicaFailure');
  };
  await vi.waitFor(async () => expect(await refused()).toBeDefined(), WAITING);
  expect(await refused()).toMatchObject({
    status: 'True',
    reason: 'FailedCreate',
    message: 'admission webhook "v.example.com" denied the request: no pods today',
  });
  await call(`DELETE ${CONFIGURATIONS}/validatingwebhookconfigurations`);
  const ready = async () => (await call('GET /apis/apps/v1/namespaces/default/deployments/web')).json.status?.readyReplicas === 1;
  await call(
    'PATCH /apis/apps/v1/namespaces/default/deployments/web',
    { spec: { template: { metadata: { labels: { again: 'yes' } } } } },
    'application/merge-patch+json',
  );
  await vi.waitFor(async () => expect(await ready()).toBe(true), WAITING);
});

describe('a webhook that', () => {
  const validating = async (hook: WebhookServer, more: object = {}) => configure(configuration('Validating', 'v', { v: at(hook, more) }));

  it.each<[string, Parameters<typeof hookOf>[0], string]>([
    [
      'is wrong',
      () => ({ uid: 'another' }),
      'Internal error occurred: failed calling webhook "v.example.com": received invalid webhook response: expected response.uid="',
    ],
    [
      'redirects',
      (_, response) => void response.writeHead(307, { location: 'https://localhost/' }).end(),
      `${FAILED}the server responded with the status code 307`,
    ],
    [
      'fails',
      (_, response) => void response.writeHead(500, { 'content-type': 'text/plain' }).end('boom'),
      `${FAILED}an error on the server ("boom") has prevented the request from succeeding`,
    ],
    ['hangs up', (_, response) => void response.destroy(), `${FAILED}Post "URL": EOF`],
    ['answers without end', (_, response) => writeOn(response), `${FAILED}Post "URL": the answer is larger than 8388608 bytes`],
    [
      'speaks of something else',
      (_, response) => void response.end('{"apiVersion":"v1","kind":"Pod"}'),
      `${FAILED}no kind "Pod" is registered for version "v1"`,
    ],
  ])('%s is for its failure policy to judge', async (_name, respond, why) => {
    const hook = await hookOf(respond);
    await validating(hook);
    const { status, json } = await create('a');
    expect([status, json.reason]).toEqual([500, 'InternalError']);
    expect(json.message).toContain(why.replace('URL', `https://localhost:${hook.port}/review?timeout=13s`));
    await call(
      `PATCH ${CONFIGURATIONS}/validatingwebhookconfigurations/v`,
      [{ op: 'replace', path: '/webhooks/0/failurePolicy', value: 'Ignore' }],
      'application/json-patch+json',
    );
    expect((await create('a')).status).toBe(201);
  });

  it('is not trusted, or not there, is told of as Kubernetes does', async () => {
    const [hook, other] = [await hookOf(() => ({})), await hookOf(() => ({}))];
    await validating({ ...hook, caBundle: other.caBundle });
    const post = `${FAILED}Post "https://localhost:${hook.port}/review?timeout=13s":`;
    expect((await create('a')).json.message).toBe(`${post} tls: failed to verify certificate: x509: certificate signed by unknown authority`);
    await hook.close();
    expect((await create('a')).json.message).toMatch(/: connect: connection refused$/);
  });

  it.each(['silent', 'deaf'])('is %s is left when its time is over, and holds nothing else up', async (how) => {
    const asked = Promise.withResolvers<void>();
    const silent = await hookOf(() => void asked.resolve());
    // It takes connections, and says nothing on them.
    const left = Promise.withResolvers<void>();
    const deaf = tcpServer((socket) => {
      socket.on('error', () => undefined).on('close', () => left.resolve());
      socket.resume();
      asked.resolve();
    });
    await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve));
    closing.push(() => new Promise((resolve) => deaf.close(() => resolve())));
    const port = how === 'silent' ? silent.port : (deaf.address() as AddressInfo).port;
    await validating({ ...silent, port }, { objectSelector: { matchLabels: { slow: 'yes' } } });
    const waiting = call(`POST ${MAPS}`, configMap('slow', { labels: { slow: 'yes' } }));
    await asked.promise;
    expect((await create('quick')).status).toBe(201);
    over();
    expect((await waiting).json.message).toBe(`${FAILED}Post "https://localhost:${port}/review?timeout=13s": context deadline exceeded`);
    if (how === 'deaf') await left.promise;
  });

  it('has no time is asked again when it says so', async () => {
    let busy = 2;
    const hook = await hookOf((_, response) => (busy-- > 0 ? void response.writeHead(503, { 'retry-after': '0' }).end() : {}));
    await validating(hook);
    expect((await create('a')).status).toBe(201);
    expect(hook.asked.length).toBe(3);
  });

  it('is asked about a dry run, and nothing comes of that', async () => {
    const hook = await hookOf(() => ({}));
    await validating(hook, { sideEffects: 'NoneOnDryRun' });
    expect((await call(`POST ${MAPS}?dryRun=All`, configMap('a'))).status).toBe(201);
    expect(hook.asked).toMatchObject([{ request: { dryRun: true } }]);
    expect((await call(`GET ${MAPS}/a`)).status).toBe(404);
  });
});

describe('a webhook of a Service', () => {
  const service = { namespace: 'policies', name: 'webhook', path: '/validate' };

  it('whose pods would have to run is for its failure policy to judge', async () => {
    const of = (failurePolicy: string) => ({ clientConfig: { service }, failurePolicy });
    await configure(configuration('Validating', 'v', { v: of('Fail') }));
    expect((await create('a')).json.message).toBe(`${FAILED}Post "https://webhook.policies.svc:443/validate?timeout=10s": service "webhook" not found`);
    await call(`DELETE ${CONFIGURATIONS}/validatingwebhookconfigurations`);
    await configure(configuration('Validating', 'v', { v: of('Ignore') }));
    expect((await create('a')).status).toBe(201);
  });

  it('of Gatekeeper and of Kyverno install, and what needs their pods says so', async () => {
    const { configurations, services } = policyEngines;
    expect((await call('POST /api/v1/namespaces', namespace('kyverno'))).status).toBe(201);
    for (const one of services) expect((await call('POST /api/v1/namespaces/kyverno/services', one)).status).toBe(201);
    await configure(...configurations);
    const failed = (name: string, url: string, why: string) =>
      `Internal error occurred: failed calling webhook "${name}": failed to call webhook: Post "${url}": ${why}`;
    expect((await create('a')).status).toBe(201);
    expect((await call('POST /api/v1/namespaces/default/pods', pod('a'))).json).toMatchObject({
      code: 500,
      message: failed(
        'validate.kyverno.svc-fail',
        'https://kyverno-svc.kyverno.svc:443/validate/fail?timeout=10s',
        'no endpoints available for service "kyverno-svc"',
      ),
    });
    expect((await call('POST /api/v1/namespaces/kyverno/pods', { ...pod('a'), metadata: { name: 'a' } })).status).toBe(201);
    expect((await call('POST /api/v1/namespaces', namespace('b'))).json).toMatchObject({
      code: 500,
      message: failed(
        'check-ignore-label.gatekeeper.sh',
        'https://gatekeeper-webhook-service.gatekeeper-system.svc:443/v1/admitlabel?timeout=3s',
        'service "gatekeeper-webhook-service" not found',
      ),
    });
    expect((await call('POST /api/v1/namespaces', namespace('b', { metadata: { labels: { 'admission.gatekeeper.sh/ignore': 'yes' } } }))).status).toBe(201);
  });

  it('is where the operator of the host says', async () => {
    const hook = await hookOf(() => ({ allowed: false }), ['webhook.policies.svc']);
    const mapped = await startHost({ webhookServices: parseWebhookServices(`policies/webhook:443=https://127.0.0.1:${hook.port}`)! });
    closing.push(() => mapped.close());
    const of = configuration('Validating', 'v', { v: { clientConfig: { service, caBundle: hook.caBundle } } });
    expect((await call(`POST ${CONFIGURATIONS}/validatingwebhookconfigurations`, of, undefined, mapped)).status).toBe(201);
    const { json } = await call(`POST ${MAPS}`, configMap('a'), undefined, mapped);
    expect(json.message).toBe('admission webhook "v.example.com" denied the request without explanation');
    expect(hook.requests[0]!.path).toBe('/validate?timeout=10s');
  });
});

function writeOn(response: ServerResponse): undefined {
  const piece = Buffer.alloc(64 * 1024, ' ');
  while (!response.destroyed) {
    if (response.write(piece)) continue;
    response.once('drain', () => writeOn(response));
    return;
  }
}

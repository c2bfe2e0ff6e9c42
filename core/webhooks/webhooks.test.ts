import { createServer as httpServer } from 'node:http';
import { type AddressInfo, createServer as tcpServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Respond, type WebhookServer, webhookServer } from '../../test/support/webhook-server.ts';
import type { Answer, WebhookAsk } from '../admission/ask.ts';
import { systemEnv } from '../env.ts';
import { objectOf } from '../kube/fields.ts';
import type { KubeObject } from '../kube/object.ts';
import { namespace } from '../testing/objects.ts';
import { stateOf } from '../testing/state.ts';
import { parseWebhookServices, type WebhookServices } from './services-setting.ts';
import { webhooks } from './webhooks.ts';

const { clock } = systemEnv;

/** The port against real servers on this machine: what it sends, and what it says of every way in which no answer comes. */

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function server(respond: Respond, options: Partial<Parameters<typeof webhookServer>[0]> = {}): Promise<WebhookServer> {
  const started = await webhookServer({ respond, ...options });
  closing.push(() => started.close());
  return started;
}

interface Asking {
  readonly allowsPrivate?: boolean;
  readonly objects?: readonly KubeObject[];
  readonly signal?: AbortSignal;
  readonly question?: unknown;
  readonly port?: ReturnType<typeof webhooks>;
  readonly services?: WebhookServices;
}

async function ask(
  client: WebhookAsk['client'],
  { allowsPrivate = true, objects = [], signal, question = {}, port, services = new Map() }: Asking = {},
): Promise<Answer> {
  const state = stateOf([namespace('default'), ...objects], { resources: { Endpoints: 'endpoints' } });
  const asked = { type: 'ConversionReview', client, question, timeoutMs: 30_000 } as const;
  return (port ?? webhooks({ allowsPrivate, clock, services }))(asked, { state: () => state, signal: signal ?? new AbortController().signal });
}

/** What Go says of a value that is no object. */
const notAStruct = (kind: string) =>
  `json: cannot unmarshal ${kind} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`;

const failed = (message: string) => ({ type: 'failed', message });

describe('a webhook', () => {
  it('is posted what it is asked, as kube-apiserver does, and keeps its connection', async () => {
    const hook = await server(() => ({ kind: 'ConversionReview', n: 1 }));
    const port = webhooks({ allowsPrivate: true, clock });
    const client = { url: `https://127.0.0.1:${hook.port}/convert/`, caBundle: hook.caBundle };
    for (let i = 0; i < 3; i++) expect(await ask(client, { port, question: { i } })).toEqual({ type: 'answered', value: { kind: 'ConversionReview', n: 1 } });
    expect(hook.asked).toEqual([{ i: 0 }, { i: 1 }, { i: 2 }]);
    expect(hook.requests[0]).toMatchObject({
      path: '/convert?timeout=30s',
      headers: {
        host: `127.0.0.1:${hook.port}`,
        accept: 'application/json, */*',
        'content-type': 'application/json',
        'user-agent': 'kube-apiserver-admission',
      },
    });
    expect(hook.connections()).toBe(1);
  });

  it('is asked again on a new connection when it has closed the one that was kept', async () => {
    const hook = await server((_review, response) => {
      // After the answer, without a word of it in the answer.
      response.on('finish', () => response.socket?.destroy());
      return { ok: true };
    });
    const port = webhooks({ allowsPrivate: true, clock });
    const client = { url: `https://localhost:${hook.port}`, caBundle: hook.caBundle };
    for (let i = 0; i < 3; i++) expect(await ask(client, { port })).toMatchObject({ type: 'answered' });
  });

  it.each<[string, Respond, string]>([
    ['answers no object', (_, response) => void response.end('<html>'), `couldn't get version/kind; json parse error: ${notAStruct('string')}`],
    ['answers a list', (_, response) => void response.end('[]'), `couldn't get version/kind; json parse error: ${notAStruct('array')}`],
    ['breaks off', (_, response) => void response.end('{'), "couldn't get version/kind; json parse error: unexpected end of JSON input"],
    ['answers nothing', (_, response) => void response.end(), '0-length response with status code: 200 and content type: application/json'],
    ['says nothing at all', (_, response) => void response.writeHead(204).end(), '0-length response with status code: 204 and content type: application/json'],
    [
      'answers in no form',
      (_, response) => void response.writeHead(200, { 'content-type': 'b a d' }).end('{}'),
      'Internal error occurred: mime: expected slash after first token',
    ],
    [
      'is a redirecting one',
      (_, response) => void response.writeHead(307, { location: 'https://localhost/' }).end(),
      'the server responded with the status code 307 but did not return more information',
    ],
    [
      'has no time',
      (_, response) => void response.writeHead(429, { 'retry-after': 'soon' }).end(),
      'the server has received too many requests and has asked us to try again later',
    ],
    [
      'is wrong, and says when it is not',
      (_, response) => void response.writeHead(400, { 'retry-after': '0' }).end(),
      'the server rejected our request for an unknown reason',
    ],
    [
      'sends elsewhere',
      (_, response) => void response.writeHead(302, { location: 'https://localhost/' }).end(),
      'the server responded with the status code 302 but did not return more information',
    ],
    ['knows nothing of it', (_, response) => void response.writeHead(404).end('what?'), 'the server could not find the requested resource'],
    [
      'fails',
      (_, response) => void response.writeHead(500, { 'content-type': 'text/plain' }).end('boom "it" went\n'),
      'an error on the server ("boom \\"it\\" went") has prevented the request from succeeding',
    ],
    [
      'fails and says so in a Status',
      (_, response) => void response.writeHead(500).end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message: 'out of shapes' })),
      'out of shapes',
    ],
    [
      'is nested without end',
      (_, response) => void response.end(`{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}`),
      "couldn't get version/kind; json parse error: exceeded max depth",
    ],
  ])('that %s', async (_name, respond, message) => {
    const hook = await server(respond);
    expect(await ask({ url: `https://localhost:${hook.port}/x`, caBundle: hook.caBundle })).toEqual(failed(message));
    expect(hook.asked.length).toBe(1);
  });

  it('may answer in YAML, or in a Status that is for its asker to judge', async () => {
    const hook = await server((_, response) => void response.setHeader('content-type', 'application/yaml').end('kind: ConversionReview\nresponse: {uid: U}\n'));
    const client = { url: `https://localhost:${hook.port}/x`, caBundle: hook.caBundle };
    expect(await ask(client)).toEqual({ type: 'answered', value: { kind: 'ConversionReview', response: { uid: 'U' } } });
    const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', message: 'not today', code: 500 };
    const other = await server(() => status);
    expect(await ask({ url: `https://localhost:${other.port}/x`, caBundle: other.caBundle })).toEqual({ type: 'answered', value: status });
  });

  it.each([429, 500, 503])('that is too busy (%i) is asked again when it says so, ten times at most', async (code) => {
    let busy = 3;
    const hook = await server((_, response) => (busy-- > 0 ? void response.writeHead(code, { 'retry-after': '0' }).end() : { ok: true }));
    const client = { url: `https://localhost:${hook.port}/x`, caBundle: hook.caBundle };
    expect(await ask(client)).toEqual({ type: 'answered', value: { ok: true } });
    expect(hook.asked.length).toBe(4);
    busy = 1_000;
    expect(await ask(client)).toMatchObject({ type: 'failed' });
    expect(hook.asked.length).toBe(15);
  });

  it('that asks for more time than there is, is left when that is over', async () => {
    const stop = new AbortController();
    const hook = await server((_, response) => {
      response.writeHead(503, { 'retry-after': '3600' }).end(() => stop.abort());
      return undefined;
    });
    const url = `https://localhost:${hook.port}/`;
    expect(await ask({ url, caBundle: hook.caBundle }, { signal: stop.signal })).toEqual(failed(`Post "${url}?timeout=30s": context deadline exceeded`));
    expect(hook.asked.length).toBe(1);
  });

  it('that goes on answering is cut off', async () => {
    let written = 0;
    const hook = await server((_, response) => {
      const piece = Buffer.alloc(64 * 1024, ' ');
      const more = () => {
        while (!response.destroyed) {
          written += piece.length;
          if (!response.write(piece)) return void response.once('drain', more);
        }
      };
      more();
      return undefined;
    });
    const url = `https://localhost:${hook.port}/`;
    expect(await ask({ url, caBundle: hook.caBundle })).toEqual(failed(`Post "${url}?timeout=30s": the answer is larger than 8388608 bytes`));
    expect(written).toBeLessThan(64 * 1024 ** 2);
  });

  it('that hangs up in the middle of its answer, or before', async () => {
    const hook = await server((_, response) => void response.writeHead(200, { 'content-length': '100' }).write('{', () => response.destroy()));
    const url = `https://localhost:${hook.port}/`;
    expect(await ask({ url, caBundle: hook.caBundle })).toEqual(failed(`Post "${url}?timeout=30s": unexpected EOF`));
    const mute = await server((_, response) => void response.destroy());
    const there = `https://localhost:${mute.port}/`;
    expect(await ask({ url: there, caBundle: mute.caBundle })).toEqual(failed(`Post "${there}?timeout=30s": EOF`));
  });

  it('that does not answer is left when the time is over', async () => {
    const stop = new AbortController();
    const gone = Promise.withResolvers<void>();
    const hook = await server((_, response) => {
      response.on('close', () => gone.resolve());
      stop.abort();
      return undefined;
    });
    const url = `https://localhost:${hook.port}/`;
    expect(await ask({ url, caBundle: hook.caBundle }, { signal: stop.signal })).toEqual(failed(`Post "${url}?timeout=30s": context deadline exceeded`));
    await gone.promise;
  });

  it('that is not there', async () => {
    const nobody = await new Promise<number>((resolve) => {
      const closed = tcpServer().listen(0, '127.0.0.1', () => {
        const { port } = closed.address() as AddressInfo;
        closed.close(() => resolve(port));
      });
    });
    expect(await ask({ url: `https://127.0.0.1:${nobody}/` })).toEqual(
      failed(`Post "https://127.0.0.1:${nobody}/?timeout=30s": dial tcp 127.0.0.1:${nobody}: connect: connection refused`),
    );
    expect(await ask({ url: 'https://nowhere.invalid/a' })).toEqual(
      failed('Post "https://nowhere.invalid/a?timeout=30s": dial tcp: lookup nowhere.invalid: no such host'),
    );
  });

  it('that speaks HTTP without TLS', async () => {
    const plain = httpServer((_, response) => response.end('{}'));
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', () => resolve()));
    closing.push(() => new Promise((resolve) => plain.close(() => resolve())));
    const url = `https://127.0.0.1:${(plain.address() as AddressInfo).port}/`;
    expect(await ask({ url })).toEqual(failed(`Post "${url}?timeout=30s": http: server gave HTTP response to HTTPS client`));
  });
});

describe('the certificate of a webhook', () => {
  const NOT_VERIFIED = 'tls: failed to verify certificate: x509:';
  const respond: Respond = () => ({ ok: true });

  it('is of the authority that the configuration names, and of no other', async () => {
    const [hook, other] = [await server(respond), await server(respond)];
    const url = `https://localhost:${hook.port}/`;
    const unknown = failed(`Post "${url}?timeout=30s": ${NOT_VERIFIED} certificate signed by unknown authority`);
    expect(await ask({ url, caBundle: other.caBundle })).toEqual(unknown);
    // The machine knows none of them; a bundle of blanks is none.
    expect(await ask({ url })).toEqual(unknown);
    expect(await ask({ url, caBundle: Buffer.from(' \n').toString('base64') })).toEqual(unknown);
    const both = Buffer.from([other, hook].map(({ caBundle }) => Buffer.from(caBundle, 'base64').toString()).join('\n')).toString('base64');
    expect(await ask({ url, caBundle: both })).toMatchObject({ type: 'answered' });
    expect(hook.asked.length).toBe(1);
    // A connection that was made with trust in one authority serves no call that trusts another.
    const port = webhooks({ allowsPrivate: true, clock });
    expect(await ask({ url, caBundle: hook.caBundle }, { port })).toMatchObject({ type: 'answered' });
    expect(await ask({ url, caBundle: other.caBundle }, { port })).toEqual(unknown);
  });

  it.each([
    ['another name', { names: ['a.example', 'b.example'] }, 'localhost', 'certificate is valid for a.example, b.example, not localhost'],
    ['another address', { names: ['10.0.0.1'] }, '127.0.0.1', 'certificate is valid for 10.0.0.1, not 127.0.0.1'],
    ['no address', { names: ['localhost'] }, '127.0.0.1', "cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs"],
    ['no name', { names: ['127.0.0.1'] }, 'localhost', 'certificate is not valid for any names, but wanted to match localhost'],
    ['a common name', { commonName: 'localhost' }, 'localhost', 'certificate relies on legacy Common Name field, use SANs instead'],
  ])('for %s', async (_name, options, host, why) => {
    const hook = await server(respond, options);
    const url = `https://${host}:${hook.port}/`;
    expect(await ask({ url, caBundle: hook.caBundle })).toEqual(failed(`Post "${url}?timeout=30s": ${NOT_VERIFIED} ${why}`));
    expect(hook.asked).toEqual([]);
  });

  it('that has expired', async () => {
    const hook = await server(respond, { expired: true });
    const url = `https://localhost:${hook.port}/`;
    expect(await ask({ url, caBundle: hook.caBundle })).toEqual(
      failed(`Post "${url}?timeout=30s": ${NOT_VERIFIED} certificate has expired or is not yet valid`),
    );
  });
});

describe('a webhook of a Service', () => {
  const service = (spec: object): KubeObject => objectOf({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'hook', namespace: 'default' }, spec });
  const clusterIP = service({ type: 'ClusterIP', ipFamilies: ['IPv4'], ports: [{ name: 'https', port: 443 }] });
  const slice = (name: string, endpoints: object[], port?: number): KubeObject =>
    objectOf({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name, namespace: 'default', labels: { 'kubernetes.io/service-name': 'hook' } },
      addressType: 'IPv4',
      endpoints,
      ports: [{ name: 'https', port }],
    });
  const endpoints = (port: number, targetRef?: object): KubeObject =>
    objectOf({
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name: 'hook', namespace: 'default' },
      subsets: [{ addresses: [{ ip: '127.0.0.1', ...(targetRef && { targetRef }) }], ports: [{ name: 'https', port }] }],
    });
  const respond: Respond = () => ({ ok: true });
  const names = ['hook.default.svc'];
  const POST = 'Post "https://hook.default.svc:443/convert?timeout=30s":';
  const reference = { name: 'hook', namespace: 'default', path: '/convert' };

  it('is where its endpoints are that are no pods, with the name of the Service', async () => {
    const hook = await server(respond, { names });
    const { caBundle, port } = hook;
    for (const objects of [
      [clusterIP, slice('hook-a', [{ addresses: ['127.0.0.1'] }], port)],
      [clusterIP, slice('hook-a', [{ addresses: ['10.9.9.9'], conditions: { ready: false } }, { addresses: ['127.0.0.1'] }], port)],
      [
        clusterIP,
        slice('hook-a', [{ addresses: ['10.9.9.9'], targetRef: { kind: 'Pod', name: 'a' } }], 9),
        slice('hook-b', [{ addresses: ['127.0.0.1'] }], port),
      ],
      [clusterIP, endpoints(port)],
    ]) {
      expect(await ask({ service: reference, caBundle }, { objects })).toEqual({ type: 'answered', value: { ok: true } });
    }
    expect(hook.requests[0]).toMatchObject({ path: '/convert?timeout=30s', headers: { host: 'hook.default.svc:443' } });
  });

  it('is where its external name is', async () => {
    const hook = await server(respond, { names });
    const objects = [service({ type: 'ExternalName', externalName: 'localhost' })];
    expect(await ask({ service: { ...reference, port: hook.port }, caBundle: hook.caBundle }, { objects })).toMatchObject({ type: 'answered' });
  });

  it.each<[string, KubeObject[], string]>([
    ['no such Service', [], 'service "hook" not found'],
    ['no such port', [service({ type: 'ClusterIP', ports: [{ port: 80 }] })], 'no service port 443 found for service "hook"'],
    ['no endpoints', [clusterIP], 'no endpoints available for service "hook"'],
    [
      'none that is ready',
      [clusterIP, slice('a', [{ addresses: ['127.0.0.1'], conditions: { ready: false } }], 1)],
      'no endpoints available for service "hook"',
    ],
    [
      'pods alone',
      [clusterIP, slice('a', [{ addresses: ['10.1.1.1'], targetRef: { kind: 'Pod', name: 'a' } }], 1)],
      'no endpoints available for service "hook"',
    ],
    ['pods alone, in Endpoints', [clusterIP, endpoints(1, { kind: 'Pod', name: 'a' })], 'no endpoints available for service "hook"'],
  ])('with %s', async (_name, objects, why) => {
    expect(await ask({ service: reference }, { objects })).toEqual(failed(`${POST} ${why}`));
  });
});

describe('a Service of which the operator says where it is', () => {
  const reference = { name: 'hook', namespace: 'default', path: '/review' };

  it('is called there, with the certificate of the Service, also on a private network', async () => {
    const hook = await server(() => ({ ok: true }), { names: ['hook.default.svc'] });
    const services = parseWebhookServices(`default/hook:443=https://127.0.0.1:${hook.port}`)!;
    const of = { services, allowsPrivate: false };
    expect(await ask({ service: reference, caBundle: hook.caBundle }, of)).toEqual({ type: 'answered', value: { ok: true } });
    expect(hook.requests[0]).toMatchObject({ path: '/review?timeout=30s', headers: { host: 'hook.default.svc:443' } });
    // Another port is another Service, and what a tenant names by its address is a tenant's.
    for (const client of [{ service: { ...reference, port: 444 } }, { url: `https://127.0.0.1:${hook.port}/review` }]) {
      expect(await ask({ ...client, caBundle: hook.caBundle }, of)).toMatchObject({ type: 'failed' });
    }
    expect(hook.asked.length).toBe(1);
  });

  it.each(['', 'a/b:443=https://localhost', ' a/b:443=https://10.0.0.1:8443 , c/d:8443=https://[fd00::1]:1/'])('a setting: %s', (text) => {
    expect(parseWebhookServices(text)?.size).toBe(text === '' ? 0 : text.split(',').length);
  });

  it.each([
    'b:443=https://h',
    'a/b=https://h',
    'a/b:443=http://h',
    'a/b:443=h:1',
    'a/b:443=https://h/path',
    'a/b:443=https://u@h',
    'a/b:0=https://h',
    'a/b:443=https://h,',
    'a/b:443=https://h,a/b:443=https://i',
    'A/b:443=https://h',
  ])('no setting: %s', (text) => expect(parseWebhookServices(text)).toBeUndefined());
});

describe('an address that is not called', () => {
  const LINK_LOCAL = 'webhooks at link-local and metadata addresses are not called';
  it.each(['169.254.169.254', '[fe80::1]', '[fd00:ec2::254]', '[::ffff:169.254.169.254]', '[64:ff9b::a9fe:a9fe]'])('%s', async (host) => {
    expect(await ask({ url: `https://${host}/` })).toEqual(failed(`Post "https://${host}/?timeout=30s": dial tcp ${host}:443: ${LINK_LOCAL}`));
  });

  it('is refused however a Service or a name leads there', async () => {
    const external = (externalName: string) =>
      objectOf({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'hook', namespace: 'default' }, spec: { type: 'ExternalName', externalName } });
    const service = { name: 'hook', namespace: 'default' };
    // What is no address to a parser, and one to the resolver.
    for (const name of ['169.254.169.254', '2852039166', '0xa9fea9fe']) {
      expect(await ask({ service }, { objects: [external(name)] })).toEqual(
        failed(`Post "https://hook.default.svc:443/?timeout=30s": dial tcp 169.254.169.254:443: ${LINK_LOCAL}`),
      );
    }
  });

  it.each(['10.1.2.3', '172.31.0.1', '192.168.1.1', '100.64.0.1', '[fd12::1]', '[::ffff:10.0.0.1]', '[64:ff9b::c0a8:101]'])(
    '%s, unless it is allowed',
    async (host) => {
      expect(await ask({ url: `https://${host}/` }, { allowsPrivate: false })).toEqual(
        failed(`Post "https://${host}/?timeout=30s": dial tcp ${host}:443: webhooks at private addresses are not called`),
      );
    },
  );

  it('is the machine itself, unless it is allowed', async () => {
    const hook = await server(() => ({ ok: true }));
    const { caBundle, port } = hook;
    for (const [host, address] of [
      ['127.0.0.1', '127.0.0.1'],
      ['127.1', '127.0.0.1'],
      ['0.0.0.0', '0.0.0.0'],
      ['[::1]', '[::1]'],
      ['[::ffff:127.0.0.1]', '[::ffff:127.0.0.1]'],
    ]) {
      expect(await ask({ url: `https://${host}:${port}/`, caBundle }, { allowsPrivate: false })).toEqual(
        failed(`Post "https://${host}:${port}/?timeout=30s": dial tcp ${address}:${port}: webhooks at loopback addresses are not called`),
      );
    }
    expect(await ask({ url: `https://localhost:${port}/`, caBundle }, { allowsPrivate: false })).toMatchObject({
      type: 'failed',
      message: expect.stringContaining('webhooks at loopback addresses are not called'),
    });
    expect(hook.connections()).toBe(0);
  });
});

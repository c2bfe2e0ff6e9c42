import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { defaultAdmissionPlugins } from '../core/admission/default-plugins.ts';
import { bootstrap } from '../core/bootstrap/bootstrap.ts';
import { bootstrapObjects } from '../core/bootstrap/initial-objects.ts';
import { systemEnv } from '../core/env.ts';
import type { KubeObject } from '../core/kube/object.ts';
import { memoryLog } from '../core/log/memory/memory-log.ts';
import { sqliteLog } from '../core/log/sqlite/sqlite-log.ts';
import { Replica } from '../core/replica/replica.ts';
import { saveSnapshot } from '../core/state/snapshot.ts';
import { misread } from '../core/testing/misread-targets.ts';
import { PATIENCE_MS } from '../test/support/patience.ts';
import { Host } from './host.ts';
import type { Patience } from './https-server.ts';
import { secrets } from './secrets.ts';

let host: Host;
const problems: unknown[] = [];
const start = async (dir?: string, patience?: Patience) =>
  Host.start({
    log: dir === undefined ? memoryLog() : await sqliteLog({ file: path.join(dir, 'log.sqlite') }),
    env: systemEnv,
    secrets: secrets(dir),
    port: 0,
    nodes: 1,
    cluster: 'default',
    ...(patience && { patience }),
    problem: (...all) => problems.push(all),
  });
beforeAll(async () => {
  host = await start();
});
afterAll(async () => {
  await host.close();
  expect(problems).toEqual([]);
});

/** A connection to the host, and all that comes from it until it ends. */
function dial(): { socket: TLSSocket; received: Promise<string> } {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(host.url).port), ca: host.ca, servername: 'localhost' });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const received = new Promise<string>((resolve) => {
    socket.once('close', () => resolve(Buffer.concat(chunks).toString()));
    socket.once('error', () => resolve(Buffer.concat(chunks).toString()));
  });
  return { socket, received };
}

/** The bytes of one request, sent as they are, one a character. They ask the host to close the connection behind its answer. */
async function send(head: string, body: string | Buffer = ''): Promise<{ status: number; text: string }> {
  const { socket, received } = dial();
  socket.write(Buffer.from(head.replaceAll('\n', '\r\n'), 'latin1'));
  socket.write(body);
  const text = await received;
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]), text };
}

/** How many events the cluster's log has. */
const offset = async () => (await host.replica('default'))!.state.offset;

const headers = () => `Host: localhost\nAuthorization: Bearer ${host.token}\nConnection: close\n`;
const post = (more: string) => `POST /api/v1/namespaces/default/configmaps HTTP/1.1\n${headers()}Content-Type: application/json\n${more}\n`;

describe('a client that does not read', () => {
  it('holds its watch up where it is, and is told everything once it does', async () => {
    const large = { metadata: { name: 'large' }, data: { x: 'x'.repeat(1_000_000) } };
    const [PATH, COUNT] = ['/api/v1/namespaces/default/configmaps', 20];
    const call = async (method: string, path: string, type: string, body: object) => {
      const sent = { method, headers: { authorization: `Bearer ${host.token}`, 'content-type': type }, body: JSON.stringify(body) };
      return (await host.fetch(new Request(host.url, sent), { target: path })).json() as Promise<KubeObject>;
    };
    const { metadata } = await call('POST', PATH, 'application/json', large);
    for (let i = 1; i <= COUNT; i++) await call('PATCH', `${PATH}/large`, 'application/merge-patch+json', { metadata: { labels: { version: `v${i}` } } });

    const asked = vi.spyOn((await host.replica('default'))!, 'changesAfter');
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(host.url).port), ca: host.ca, servername: 'localhost' });
    socket.write(`GET ${PATH}?watch=1&resourceVersion=${metadata.resourceVersion} HTTP/1.1\r\n${headers().replaceAll('\n', '\r\n')}\r\n`);
    await new Promise((resolve) => socket.once('readable', resolve));
    // The buffers of two sockets hold some megabytes; then it stands still, while others are served.
    for (let before = -1; before < asked.mock.calls.length; ) {
      before = asked.mock.calls.length;
      for (let i = 0; i < 5; i++) expect((await send(`GET /readyz HTTP/1.1\n${headers()}\n`)).status).toBe(200);
    }
    expect(asked.mock.calls.length).toBeLessThan(COUNT);
    let tail = '';
    for await (const chunk of socket.setEncoding('latin1')) {
      if ((tail + chunk).includes(`"version":"v${COUNT}"`)) break;
      tail = chunk.slice(-100);
    }
    expect(asked.mock.calls.length).toBeGreaterThanOrEqual(COUNT);
    asked.mockRestore();
    socket.destroy();
    const watches = async () => (await send(`GET /metrics HTTP/1.1\n${headers()}\n`)).text.match(/^apiserver_longrunning_requests\{.*/gm);
    await vi.waitUntil(async () => (await watches())?.every((line) => line.endsWith(' 0')), { timeout: PATIENCE_MS });
  });
});

describe('a client that watches as much as it can', () => {
  it('is refused more, while others are served', async () => {
    const path = '/api/v1/namespaces/default/configmaps?watch=1';
    const authorization = `Bearer ${host.token}`;
    const opened: Response[] = [];
    for (;;) {
      const response = await host.fetch(new Request(host.url, { headers: { authorization } }), { target: path });
      if (response.status !== 200) break;
      opened.push(response);
    }
    expect(opened.length).toBe(1_000);
    const refused = await send(`GET ${path} HTTP/1.1\n${headers()}\n`);
    expect(refused.status).toBe(429);
    expect(refused.text).toMatch(/\r\nretry-after: 5\r\n/i);
    const other = await send(`GET ${path}&timeoutSeconds=1 HTTP/1.1\n${headers()}Impersonate-User: other\nImpersonate-Group: system:masters\n\n`);
    expect(other.status).toBe(200);
    expect(other.text).toContain('"name":"kube-root-ca.crt"');
    await Promise.all(opened.map(({ body }) => body!.cancel()));
    expect((await send(`GET ${path}&timeoutSeconds=1 HTTP/1.1\n${headers()}\n`)).status).toBe(200);
  });
});

describe('a request on the wire', () => {
  it.each<{ name: string; head: () => string; body?: string | Buffer; status: number }>([
    { name: 'as it should be', head: () => `GET /api/v1/namespaces HTTP/1.1\n${headers()}\n`, status: 200 },
    { name: 'without a token', head: () => 'GET /api/v1/namespaces HTTP/1.1\nHost: localhost\nConnection: close\n\n', status: 403 },
    { name: 'without a host', head: () => 'GET /version HTTP/1.1\nConnection: close\n\n', status: 400 },
    { name: 'of a host that is none', head: () => 'GET /version HTTP/1.1\nHost: a/clusters/b?\nConnection: close\n\n', status: 400 },
    { name: 'of another host', head: () => `GET /api HTTP/1.1\n${headers().replace('localhost', 'evil.example')}\n`, status: 200 },
    { name: 'that climbs out of its cluster', head: () => `GET /clusters/default/../../version HTTP/1.1\n${headers()}\n`, status: 404 },
    { name: 'with a whole URL, as proxies are sent', head: () => `GET https://other/api/v1/nodes?limit=1 HTTP/1.1\n${headers()}\n`, status: 200 },
    { name: 'with a whole URL that climbs', head: () => `GET https://other/api/../version HTTP/1.1\n${headers()}\n`, status: 404 },
    { name: 'with a URL of another kind', head: () => `GET file:///version HTTP/1.1\n${headers()}\n`, status: 400 },
    { name: 'of the server as such', head: () => `OPTIONS * HTTP/1.1\n${headers()}\n`, status: 404 },
    { name: 'with bytes beyond ASCII in its path', head: () => `GET /api/v1/namespaces/gr\u00c3\u00bcn HTTP/1.1\n${headers()}\n`, status: 400 },
    { name: 'with a zero byte in its path', head: () => `GET /api/v1/namespaces/a\0b HTTP/1.1\n${headers()}\n`, status: 400 },
    { name: 'with a control character in its path', head: () => `GET /api/v1/namespaces/a\u0001b HTTP/1.1\n${headers()}\n`, status: 400 },
    { name: 'with an escape that is none', head: () => `GET /api/v1/namespaces/%zz HTTP/1.1\n${headers()}\n`, status: 400 },
    {
      name: 'that would speak another protocol',
      head: () => `GET /version HTTP/1.1\n${headers().replace('close', 'close, upgrade')}Upgrade: websocket\n\n`,
      status: 200,
    },
    { name: 'that climbs into another partition', head: () => `GET /clusters/default%23snapshots/api/v1/pods HTTP/1.1\n${headers()}\n`, status: 404 },
    { name: 'of a cluster that is not there', head: () => `GET /clusters/other/api/v1/pods HTTP/1.1\n${headers()}\n`, status: 404 },
    { name: 'with headers without end', head: () => `GET /version HTTP/1.1\n${headers()}X-Long: ${'x'.repeat(40_000)}\n\n`, status: 431 },
    { name: 'with a URL without end', head: () => `GET /version?${'x'.repeat(20_000)} HTTP/1.1\n${headers()}\n`, status: 414 },
    { name: 'that is none', head: () => 'HELLO\n\n', status: 400 },
    { name: 'of two lengths', head: () => post('Content-Length: 2\nTransfer-Encoding: chunked\n'), body: '0\r\n\r\n', status: 400 },
    { name: 'of a negative length', head: () => post('Content-Length: -1\n'), status: 400 },
    { name: 'of two lengths that differ', head: () => post('Content-Length: 2\nContent-Length: 3\n'), body: '{} ', status: 400 },
    { name: 'of a length that is no number', head: () => post('Content-Length: 0x2\n'), body: '{}', status: 400 },
    { name: 'in pieces of a size that is no number', head: () => post('Transfer-Encoding: chunked\n'), body: 'xyz\r\n{}\r\n0\r\n\r\n', status: 400 },
    { name: 'with a space before a colon', head: () => post('Content-Length : 2\n'), body: '{}', status: 400 },
    { name: 'with a folded header', head: () => post('X-Long: a\n b\nContent-Length: 2\n'), body: '{}', status: 400 },
    { name: 'of a method that there is not', head: () => `BREW /version HTTP/1.1\n${headers()}\n`, status: 400 },
    { name: 'with a body too large', head: () => post(`Content-Length: ${4 * 1024 * 1024}\n`), body: Buffer.alloc(4 * 1024 * 1024, 0x20), status: 413 },
    {
      name: 'with a body too large in pieces',
      head: () => post('Transfer-Encoding: chunked\n'),
      body: Buffer.concat([
        ...Array.from({ length: 64 }, () => Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(65_536, 0x20), Buffer.from('\r\n')])),
        Buffer.from('0\r\n\r\n'),
      ]),
      status: 413,
    },
  ])('$name', async ({ head, body, status }) => {
    const answer = await send(head(), body);
    expect(answer.status).toBe(status);
    expect(answer.text).not.toMatch(/node_modules|\.ts:\d|\n {4}at /);
    if (status >= 400) expect(answer.text).toMatch(/"kind":"Status".*"code":\d{3}|\n404 page not found\n$/);
  });

  it.each(misread)('DELETE $target deletes no collection and no namespace', async ({ target, code }) => {
    const before = await offset();
    const { status } = await send(`DELETE ${target} HTTP/1.1\n${headers()}\n`);
    expect({ status, offset: await offset() }).toEqual({ status: code, offset: before });
  });

  it('that asks for a tunnel gets none', async () => {
    expect(await send(`CONNECT 127.0.0.1:443 HTTP/1.1\n${headers()}\n`)).toEqual({ status: Number.NaN, text: '' });
  });
});

describe('a client that takes its time', () => {
  let patient: Host;
  beforeAll(async () => {
    patient = host;
    host = await start(undefined, { handshakeMs: 10_000, headersMs: 500, requestMs: 1000 });
  });
  afterAll(async () => {
    await host.close();
    host = patient;
  });

  it('over its headers is let go, and others are served meanwhile', async () => {
    const { socket, received } = dial();
    socket.write('GET /version HTTP/1.1\r\nHost: lo');
    expect((await send(`GET /version HTTP/1.1\n${headers()}\n`)).status).toBe(200);
    expect(await received).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('over its body is let go, and nothing is written', async () => {
    const { socket, received } = dial();
    socket.write(post('Content-Length: 1000\n').replaceAll('\n', '\r\n'));
    socket.write('{"metadata":{"name":"half"}');
    await received;
    expect((await send(`GET /api/v1/namespaces/default/configmaps/half HTTP/1.1\n${headers()}\n`)).status).toBe(404);
  });

  it('over a watch is not: an answer may last', async () => {
    const { socket } = dial();
    const late = Promise.withResolvers<void>();
    let seen = '';
    socket.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
      if (seen.includes('"late"')) late.resolve();
    });
    socket.write(`GET /api/v1/namespaces/default/configmaps?watch=1 HTTP/1.1\r\n${headers().replaceAll('\n', '\r\n')}\r\n`);
    // A client that came after it and is too slow is let go: its time would have been over too.
    const slow = dial();
    slow.socket.write(post('Content-Length: 1000\n').replaceAll('\n', '\r\n'));
    await slow.received;
    const body = '{"metadata":{"name":"late"}}';
    expect((await send(post(`Content-Length: ${body.length}\n`), body)).status).toBe(201);
    await late.promise;
    socket.destroy();
  });
});

describe('a token of a service account', () => {
  const ask = async (at: Host, token: string, line: string, body: object) => {
    const [method, target] = line.split(' ') as [string, string];
    const request = { method, body: JSON.stringify(body), headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' } };
    const response = await at.fetch(new Request(at.url, request), { target });
    // biome-ignore lint/suspicious/noExplicitAny: whatever the host answers
    return { code: response.status, json: (await response.json()) as any };
  };

  it('outlives a restart, and is worth as little as before', async () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'logplane-test-'));
    const before = await start(dir);
    const account = { metadata: { name: 'bob' } };
    expect((await ask(before, before.token, 'POST /api/v1/namespaces/default/serviceaccounts', account)).code).toBe(201);
    const issued = await ask(before, before.token, 'POST /api/v1/namespaces/default/serviceaccounts/bob/token', { spec: {} });
    const { token } = issued.json.status;
    await before.close();

    const after = await start(dir);
    const whoami = await ask(after, token, 'POST /apis/authentication.k8s.io/v1/selfsubjectreviews', {});
    expect(whoami.json.status.userInfo.username).toBe('system:serviceaccount:default:bob');
    expect((await ask(after, token, 'POST /api/v1/namespaces/default/configmaps', { metadata: { name: 'x' } })).code).toBe(403);
    await after.close();
    // Another host is no place for it.
    expect((await ask(host, token, 'POST /apis/authentication.k8s.io/v1/selfsubjectreviews', {})).code).toBe(401);
  });
});

describe('a start on a snapshot', () => {
  it('reads none of its Events before one is asked for, and then has them all', async () => {
    const COUNT = 500;
    const dir = mkdtempSync(path.join(tmpdir(), 'logplane-test-'));
    const before = await start(dir);
    const ask = async (at: Host, line: string, body?: object) => {
      const [method, target] = line.split(' ') as [string, string];
      const headers = { authorization: `Bearer ${at.token}`, 'content-type': 'application/json' };
      const response = await at.fetch(new Request(at.url, { method, headers, ...(body && { body: JSON.stringify(body) }) }), { target });
      // biome-ignore lint/suspicious/noExplicitAny: whatever the host answers
      return (await response.json()) as any;
    };
    const stateOf = async (at: Host) => (await at.replica('default'))!.state;
    const [NAMESPACE, EVENTS] = ['zz', '/api/v1/namespaces/zz/events'];
    await ask(before, 'POST /api/v1/namespaces', { metadata: { name: NAMESPACE } });
    const names = Array.from({ length: COUNT }, (_, i) => `e-${String(i).padStart(4, '0')}`);
    await Promise.all(
      names.map((name) => ask(before, `POST ${EVENTS}`, { metadata: { name }, involvedObject: { namespace: NAMESPACE }, message: `${name} `.repeat(50) })),
    );
    const state = await stateOf(before);
    await before.close();
    const log = sqliteLog({ file: path.join(dir, 'log.sqlite') });
    await saveSnapshot({ log, cluster: 'default', env: systemEnv }, state);
    const chunks = (await log.loadSnapshot('default'))!.chunks.filter(({ resource }) => resource === 'events');
    await log.close();

    const after = await start(dir);
    await ask(after, 'POST /api/v1/namespaces/default/pods', { metadata: { name: 'a' }, spec: { containers: [{ name: 'a', image: 'nginx' }] } });
    // By then each reconciler has looked at everything. The names of the pod's own Events come before those of all others: that they are free is known without a look at them.
    await vi.waitFor(async () => expect((await ask(after, 'GET /api/v1/namespaces/default/pods/a')).status.phase).toBe('Running'), { timeout: PATIENCE_MS });
    expect((await stateOf(after)).broughtBytes('events')).toBe(chunks.reduce((sum, { size }) => sum + size, 0));
    const { items } = await ask(after, `GET ${EVENTS}`);
    expect(items.map(({ metadata }: KubeObject) => metadata.name)).toEqual(names);
    await after.close();
  });
});

describe('secrets that are changed', () => {
  const whoami = async (at: Host, token: string) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const target = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
    const response = await at.fetch(new Request(at.url, { method: 'POST', body: '{}', headers }), { target });
    // biome-ignore lint/suspicious/noExplicitAny: whatever the host answers
    return ((await response.json()) as any).status?.userInfo?.username ?? response.status;
  };
  const [first, second] = ['a'.repeat(43), 'b'.repeat(43)] as const;
  const restarted = async (dir: string, ...lines: string[]) => {
    for (const name of ['token', 'signing-key']) writeFileSync(path.join(dir, name), lines.join('\n'));
    return start(dir);
  };

  it('are good as long as they are kept: the first is in use, the others still count', async () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'logplane-test-'));
    const before = await restarted(dir, first);
    const headers = { authorization: `Bearer ${first}`, 'content-type': 'application/json' };
    const ask = (target: string, body: object) => before.fetch(new Request(before.url, { method: 'POST', body: JSON.stringify(body), headers }), { target });
    expect((await ask('/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'bob' } })).status).toBe(201);
    const issued = (await (await ask('/api/v1/namespaces/default/serviceaccounts/bob/token', { spec: {} })).json()) as { status: { token: string } };
    await before.close();
    const bob = 'system:serviceaccount:default:bob';

    const during = await restarted(dir, second, first);
    expect(during.token).toBe(second);
    expect(await Promise.all([first, second, issued.status.token].map((token) => whoami(during, token)))).toEqual(['logplane-admin', 'logplane-admin', bob]);
    await during.close();

    const after = await restarted(dir, second);
    expect(await Promise.all([first, second, issued.status.token].map((token) => whoami(after, token)))).toEqual([401, 'logplane-admin', 401]);
    await after.close();
  });
});

describe('a process of its own', () => {
  const cli = path.join(import.meta.dirname, 'cli.ts');
  const run = (dir: string, ...args: string[]) =>
    execFileSync(process.execPath, [cli, 'up', '--data', dir, '--port', '0', '--exit-when-ready', '--nodes', '0', ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });

  it('keeps all that it writes for its owner, and shows no secret', () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'logplane-test-'));
    const data = path.join(dir, 'data');
    const kubeconfig = path.join(dir, 'out', 'kubeconfig');
    const printed = run(data, '--kubeconfig', kubeconfig);
    const { token, signingKey } = secrets(data);
    expect(printed).not.toContain(token);
    expect(printed).not.toContain(Buffer.from(signingKey).toString('base64url'));
    const written = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(written.map(({ name }) => name)).toEqual(expect.arrayContaining(['token', 'signing-key', 'kubeconfig', 'log.sqlite', 'key.pem']));
    for (const { parentPath, name } of written) expect({ name, open: statSync(path.join(parentPath, name)).mode & 0o077 }).toEqual({ name, open: 0 });
  });
});

describe('clusters that take more memory together than they may', () => {
  it('are let go and opened again, and a watch of one that was let go goes on', async () => {
    const log = memoryLog();
    for (const cluster of ['default', 'other']) {
      const replica = await Replica.open({ log, cluster, env: systemEnv });
      await bootstrap(replica, { objects: bootstrapObjects(replica.now()), env: systemEnv, admissionPlugins: defaultAdmissionPlugins });
    }
    const small = await Host.start({
      log,
      env: systemEnv,
      secrets: secrets(undefined),
      nodes: 0,
      cluster: 'default',
      budgetBytes: 1,
      problem: (...all) => problems.push(all),
    });
    const call = (target: string, init: RequestInit = {}) => {
      const headers = { authorization: `Bearer ${small.token}`, 'content-type': 'application/json' };
      return small.fetch(new Request('https://host', { ...init, headers }), { target });
    };
    const configmaps = (cluster: string) => `/clusters/${cluster}/api/v1/namespaces/default/configmaps`;
    const create = async (cluster: string, name: string) =>
      expect((await call(configmaps(cluster), { method: 'POST', body: JSON.stringify({ metadata: { name } }) })).status).toBe(201);
    await create('default', 'first');
    const { metadata } = (await (await call(configmaps('default'))).json()) as { metadata: { resourceVersion: string } };
    const watch = await call(`${configmaps('default')}?watch=true&resourceVersion=${metadata.resourceVersion}`);
    const reader = watch.body!.pipeThrough(new TextDecoderStream()).getReader();
    const seen: string[] = [];
    for (let i = 0; i < 5; i++) {
      await create('other', `o${i}`);
      await create('default', `d${i}`);
      seen.push((await reader.read()).value!);
    }
    await reader.cancel();
    expect(seen.map((text) => [...text.matchAll(/"name":"(d\d)"/g)].map(([, name]) => name))).toEqual([['d0'], ['d1'], ['d2'], ['d3'], ['d4']]);
    const { items } = (await (await call(configmaps('other'))).json()) as { items: { metadata: { name: string } }[] };
    expect(items.map(({ metadata }) => metadata.name)).toEqual(expect.arrayContaining(['o0', 'o4']));
    await small.close();
  });
});

describe('the address of a host', () => {
  const reached = (port: number) =>
    new Promise<boolean>((resolve) => {
      const socket = connect({ host: '127.0.0.2', port, rejectUnauthorized: false }, () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });

  it.skipIf(process.platform !== 'linux')('is 127.0.0.1, unless told', async () => {
    expect(await reached(Number(new URL(host.url).port))).toBe(false);
    const open = await Host.start({
      log: memoryLog(),
      env: systemEnv,
      secrets: secrets(undefined),
      port: 0,
      address: '0.0.0.0',
      nodes: 0,
      cluster: 'default',
      problem: (...all) => problems.push(all),
    });
    expect(await reached(Number(new URL(open.url).port))).toBe(true);
    await open.close();
  });
});

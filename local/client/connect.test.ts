import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { type AddressInfo, connect as connectTo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { CommandLineHost, run } from '../../test/support/command-line.ts';
import { connect } from './connect.ts';
import { contextOf } from './kubeconfig-files.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'logplane-test-'));
let at: CommandLineHost;
/** Answers with what it was asked. */
let echo: http.Server;
beforeAll(async () => {
  at = await CommandLineHost.start({ nodes: 0 });
  echo = http.createServer((request, response) => {
    const { url, headers } = request;
    if (url === '/version') return response.end('{"gitVersion":"v1.36.1"}');
    if (url?.startsWith('/page')) return response.end('<html>');
    if (url?.startsWith('/clusters/root')) return response.writeHead(404).end('404 page not found');
    return response.end(JSON.stringify({ url, headers }));
  });
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', () => resolve()));
});
afterAll(async () => {
  echo.closeAllConnections();
  echo.close();
  await at.close();
  rmSync(dir, { recursive: true });
});

const echoUrl = () => `http://127.0.0.1:${(echo.address() as AddressInfo).port}`;

interface Part {
  readonly context?: string;
  readonly cluster?: object;
  readonly user?: object;
}

function kubeconfig(name: string, { context = 'main', cluster = { server: echoUrl() }, user = {} }: Part): string {
  const file = path.join(dir, name);
  mkdirSync(path.dirname(file), { recursive: true });
  const config = {
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user }],
    contexts: [{ name: context, context: { cluster: 'c', user: 'u' } }],
    'current-context': context,
  };
  writeFileSync(file, stringify(config));
  return file;
}

const headersFor = async (user: object) =>
  (await (await connect({ kubeconfig: kubeconfig('of-user', { user }) }, { env: process.env })).get<{ headers: Record<string, string> }>('/echo')).headers;

describe('a kubeconfig', () => {
  it('is looked for where kubectl does, but first where the local host writes it', () => {
    const local = kubeconfig('here/.logplane/kubeconfig', { context: 'local' });
    kubeconfig('home/.kube/config', { context: 'home' });
    const listed = kubeconfig('listed', { context: 'listed' });
    const HOME = path.join(dir, 'home');
    const cwd = path.join(dir, 'here');
    const nameOf = (...given: Parameters<typeof contextOf>) => contextOf(...given).name;
    expect(nameOf({ kubeconfig: local }, { env: { HOME, KUBECONFIG: listed }, cwd })).toBe('local');
    expect(nameOf({}, { env: { HOME, KUBECONFIG: listed }, cwd })).toBe('listed');
    expect(nameOf({}, { env: { HOME }, cwd })).toBe('local');
    expect(nameOf({}, { env: { HOME } })).toBe('home');
    expect(() => nameOf({}, { env: { HOME: dir } })).toThrow(/there is no kubeconfig .*: start a cluster here with logplane up/);
    expect(() => nameOf({ context: 'other' }, { env: { HOME } })).toThrow('there is no context "other"; it has home: choose one with --context');
  });

  it('is one of several files, of which the first that has a name has it', () => {
    const first = kubeconfig('a', { context: 'first', cluster: { server: 'https://a' } });
    const second = kubeconfig('b', { context: 'second', cluster: { server: 'https://b' } });
    const KUBECONFIG = [path.join(dir, 'absent'), first, second].join(path.delimiter);
    expect(contextOf({}, { env: { KUBECONFIG } })).toMatchObject({ name: 'first', cluster: { server: 'https://a' } });
    // Its cluster `c` is that of the first file.
    expect(contextOf({ context: 'second' }, { env: { KUBECONFIG } })).toMatchObject({ name: 'second', cluster: { server: 'https://a' } });
    writeFileSync(path.join(dir, 'broken'), 'a: [');
    expect(() => contextOf({ kubeconfig: path.join(dir, 'broken') }, { env: {} })).toThrow(/broken is no kubeconfig: /);
  });

  it('signs in by token, file, password, and as somebody else', async () => {
    expect(await headersFor({ token: 't' })).toMatchObject({ authorization: 'Bearer t' });
    writeFileSync(path.join(dir, 'token'), 'of-file\n');
    expect(await headersFor({ tokenFile: 'token' })).toMatchObject({ authorization: 'Bearer of-file' });
    expect(await headersFor({ username: 'a', password: 'b' })).toMatchObject({ authorization: `Basic ${Buffer.from('a:b').toString('base64')}` });
    expect(await headersFor({ as: 'bob', 'as-groups': ['g', 'h'] })).toMatchObject({ 'impersonate-user': 'bob', 'impersonate-group': 'g, h' });
    await expect(headersFor({ 'auth-provider': { name: 'oidc' } })).rejects.toThrow('use a credential plugin (exec)');
  });

  it('signs in by a credential plugin, and says how one is had that is missing', async () => {
    const plugin = path.join(dir, 'plugin');
    writeFileSync(plugin, `#!/bin/sh\nprintf '{"status":{"token":"%s-%s"}}' "$1" "$(printf %s "$KUBERNETES_EXEC_INFO" | grep -o ExecCredential)"\n`);
    chmodSync(plugin, 0o700);
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: './plugin', args: ['x'] };
    expect(await headersFor({ exec })).toMatchObject({ authorization: 'Bearer x-ExecCredential' });
    const missing = { ...exec, command: 'no-such-plugin', installHint: 'Get it from example.com' };
    await expect(headersFor({ exec: missing })).rejects.toThrow(/no-such-plugin of .* failed: it is not installed\nGet it from example\.com/);
    writeFileSync(plugin, '#!/bin/sh\necho denied >&2\nexit 1\n');
    await expect(headersFor({ exec })).rejects.toThrow('failed: denied');
    writeFileSync(plugin, '#!/bin/sh\necho no\n');
    await expect(headersFor({ exec })).rejects.toThrow('does not answer with an ExecCredential');
  });

  it('leads through a proxy', async () => {
    const through: string[] = [];
    const proxy = http.createServer().on('connect', (request, socket, head) => {
      through.push(request.url!);
      const [host, port] = request.url!.split(':');
      const onward = connectTo(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        onward.write(head);
        onward.pipe(socket).pipe(onward);
      });
      onward.on('error', () => socket.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', () => resolve()));
    const proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const { cluster, user } = contextOf({ kubeconfig: at.kubeconfig }, { env: {} });
    const file = kubeconfig('proxied', { cluster: { ...cluster, 'proxy-url': proxyUrl }, user });
    expect(await (await connect({ kubeconfig: file }, { env: {} })).get('/version')).toMatchObject({ major: '1' });
    expect(through).toEqual([new URL(at.host.url).host]);
    proxy.closeAllConnections();
    proxy.close();
    const socks = kubeconfig('socks', { cluster: { ...cluster, 'proxy-url': 'socks5://127.0.0.1:1' } });
    await expect(connect({ kubeconfig: socks }, { env: {} })).rejects.toThrow('is not one of HTTP');
  });
});

it('of a cluster of another version says which it is', async () => {
  const old = http.createServer(({ url }, response) => {
    if (url?.endsWith('/version')) return response.end('{"gitVersion":"v1.30.0+logplane"}');
    return response.writeHead(404).end('404 page not found');
  });
  await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', () => resolve()));
  const file = kubeconfig('old', { cluster: { server: `http://127.0.0.1:${(old.address() as AddressInfo).port}` } });
  expect(await run(['undo', '1', '--kubeconfig', file])).toMatchObject({
    code: 1,
    err: expect.stringContaining('is of another version (v1.30.0+logplane) and does not serve this'),
  });
  old.closeAllConnections();
  old.close();
});

describe('what goes wrong says what to do', () => {
  const clusters = (file: string) => run(['clusters', '--kubeconfig', file]);

  it.each([
    { name: 'nothing listens', cluster: () => ({ server: 'https://127.0.0.1:1' }), code: 3, want: 'nothing listens there. Start it with logplane up' },
    { name: 'no such host', cluster: () => ({ server: 'https://nowhere.invalid' }), code: 3, want: 'Is there a network?' },
    { name: 'another certificate', cluster: () => ({ server: at.host.url }), code: 3, want: 'take its kubeconfig again' },
    { name: 'no API', cluster: () => ({ server: `${echoUrl()}/page` }), code: 3, want: 'does not answer as the API of a cluster does' },
    {
      name: 'a Kubernetes that is no Logplane',
      cluster: () => ({ server: echoUrl() }),
      code: 1,
      want: 'and no Logplane cluster: choose one with --kubeconfig or --context',
    },
    { name: 'no URL', cluster: () => ({ server: 'https://:' }), code: 1, want: 'is no URL' },
  ])('$name', async ({ cluster, code, want }) => {
    expect(await clusters(kubeconfig('wrong', { cluster: cluster() }))).toEqual({ code, out: '', err: expect.stringContaining(want) });
  });

  it('credentials that are not good', async () => {
    const { cluster } = contextOf({ kubeconfig: at.kubeconfig }, { env: {} });
    expect(await clusters(kubeconfig('stale', { cluster, user: { token: 'old' } }))).toMatchObject({
      code: 1,
      err: expect.stringContaining('take the kubeconfig of the cluster again'),
    });
  });
});

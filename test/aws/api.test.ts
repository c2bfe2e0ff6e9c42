import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certificateAuthorityOf } from '../../core/auth/certificate-authority.ts';
import { certificates } from '../../local/certificates.ts';
import { httpsServer } from '../../local/https-server.ts';
import { chromiumPath, launch } from '../ui/chromium.ts';
import { STAGE, throughGateway } from './api-gateway.ts';
import { type AwsHost, startAwsHost, TOKEN } from './aws-host.ts';
import { json } from './requests.ts';

/** The API function: what may be set of it when deploying, and the page, whose files are put beside it. */

const dist = path.resolve(import.meta.dirname, '../../ui/dist');
const manifest = JSON.parse(readFileSync(path.join(dist, 'manifest.json'), 'utf8')) as { files: Record<string, { mediaType: string; immutable: boolean }> };

let host: AwsHost;
beforeAll(async () => {
  host = await startAwsHost({
    nodes: 1,
    corsOrigins: '^https://console\\.example$',
    auditPolicy: 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- {level: Metadata, verbs: [create], omitStages: [RequestReceived]}',
  });
});
afterAll(() => host?.close());

it('a page of an origin that is set may ask before it has a token, and read what it is answered', async () => {
  const from = (origin: string, more: Record<string, string> = {}) => ({ headers: { origin, ...more } });
  const asked = await host.fetch('/api/v1/pods', { method: 'OPTIONS', ...from('https://console.example', { authorization: '' }) });
  expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([204, 'https://console.example']);
  const refused = await host.fetch('/api/v1/pods', from('https://console.example', { authorization: '' }));
  expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, 'https://console.example']);
  const listed = await host.fetch('/api/v1/pods', from('https://console.example'));
  expect([listed.status, listed.headers.get('access-control-allow-origin')]).toEqual([200, 'https://console.example']);
  const other = await host.fetch('/api/v1/pods', { method: 'OPTIONS', ...from('https://other.example', { authorization: '' }) });
  expect([other.status, other.headers.get('access-control-allow-origin')]).toEqual([401, null]);
});

it('requests are audited into the log of the function, a line each', async () => {
  const path = '/api/v1/namespaces/default/configmaps';
  const { status } = await host.fetch(path, json('POST', { metadata: { name: 'a' }, data: { word: 'hunter2' } }));
  expect(status).toBe(201);
  await host.fetch(path);
  const events = host
    .logs()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  expect(events).toMatchObject([
    {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      stage: 'ResponseComplete',
      verb: 'create',
      objectRef: { resource: 'configmaps', name: 'a' },
      sourceIPs: ['203.0.113.7'],
    },
  ]);
  expect(host.logs()).not.toContain(TOKEN);
  expect(host.logs()).not.toContain('hunter2');
});

/** As somebody asks who has no token. */
const get = (target: string, headers: Record<string, string> = {}, method = 'GET') =>
  host.fetch(target, { method, headers: { authorization: '', ...headers } });

describe('the files of the page, through API Gateway', () => {
  it('come to everybody, each with its type and its policy, and compressed where that is taken', async () => {
    for (const [name, { mediaType, immutable }] of Object.entries(manifest.files)) {
      const plain = await get(`/ui/${name}`);
      expect([name, plain.status, plain.headers.get('content-type'), plain.headers.get('content-encoding')]).toEqual([name, 200, mediaType, null]);
      const bytes = readFileSync(path.join(dist, name));
      expect(Buffer.from(await plain.arrayBuffer()).equals(bytes), name).toBe(true);
      const compressed = await get(`/ui/${name}`, { 'accept-encoding': 'gzip, deflate, br' });
      expect([name, compressed.headers.get('content-encoding'), compressed.headers.get('vary')]).toEqual([name, 'gzip', 'Accept-Encoding']);
      expect(gunzipSync(Buffer.from(await compressed.arrayBuffer())).equals(bytes), name).toBe(true);
      expect(compressed.headers.get('cache-control')).toBe(immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
      expect(compressed.headers.get('content-security-policy')).toMatch(/default-src 'none'.*script-src 'self'.*frame-ancestors 'none'.*trusted-types 'none'/);
      expect([compressed.headers.get('x-content-type-options'), compressed.headers.get('referrer-policy')]).toEqual(['nosniff', 'no-referrer']);
    }
  });

  it('begin with /ui/, to which /ui leads wherever it stands, and of which what is there already is not sent again', async () => {
    const index = await get('/ui/');
    expect([index.status, await index.text()]).toEqual([200, readFileSync(path.join(dist, 'index.html'), 'utf8')]);
    const again = await get('/ui/', { 'if-none-match': index.headers.get('etag')! });
    expect([again.status, await again.text()]).toEqual([304, '']);
    const outside = await get('/ui');
    expect([outside.status, outside.headers.get('location')]).toEqual([308, 'ui/']);
    const head = await get('/ui/', {}, 'HEAD');
    expect([head.status, await head.text(), head.headers.get('content-length')]).toEqual([200, '', String((await (await get('/ui/')).text()).length)]);
  });

  it('are no others, and take nothing', async () => {
    for (const name of ['manifest.json', 'index.html.gz', 'none.js', '../api.mjs', '%2e%2e/api.mjs', 'code'])
      expect([name, (await get(`/ui/${name}`)).status]).toEqual([name, 404]);
    expect((await get('/ui/', {}, 'POST')).status).toBe(405);
    // What only begins like it is no page, and nobody's without a token.
    expect((await get('/uix')).status).toBe(401);
  });

  it('sign nobody in by a code or a cookie, and say that a token is wanted', async () => {
    const page = { 'x-logplane-page': '1', 'sec-fetch-site': 'same-origin', cookie: '__Host-logplane-443=guess' };
    expect(await (await get('/ui/session', page)).json()).toEqual({ signIn: 'token', user: null, cluster: 'default' });
    expect((await get('/ui/?code=guess')).headers.get('set-cookie')).toBeNull();
    expect((await get('/api/v1/pods', page)).status).toBe(401);
  });
});

describe.skipIf(chromiumPath === undefined)('the page behind a stage, in a real browser (skipped where there is no Chromium, nor root to install it)', () => {
  it('lets in who pastes a token, and shows the cluster as it goes on', async () => {
    // What API Gateway does: TLS, HTTP/2 (with a header that names the host), and the name of the stage in front of the path.
    const { server, closeConnections } = httpsServer({
      fetch: (request, { target, host: named }) => {
        const { method, headers, body, signal } = request;
        const passed = new Request('https://api.test', { method, headers: { ...Object.fromEntries(headers), host: named! }, body, signal, duplex: 'half' });
        return throughGateway(host.lambdas.api, target.replace(`/${STAGE}/`, '/'), passed);
      },
      certificates: certificates({ dir: undefined, now: Date.now(), authority: certificateAuthorityOf(new Uint8Array(32), 'gateway') }),
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const browser = await launch();
    try {
      const page = await browser.newPage({ ignoreHTTPSErrors: true });
      const complaints: string[] = [];
      // A refusal is told by the page: that the browser notes it as well is no complaint.
      page.on('console', (message) => message.type() === 'error' && !/status of 401/.test(message.text()) && complaints.push(message.text()));
      page.on('response', (response) => response.status() === 403 && complaints.push(`${response.request().method()} ${response.url()}`));
      page.on('pageerror', (error) => complaints.push(error.message));
      await page.goto(`https://127.0.0.1:${(server.address() as AddressInfo).port}/${STAGE}/ui`);
      const token = page.getByLabel('Token');
      await token.fill('guess');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByText('That token is not known here.').waitFor();
      await token.fill(TOKEN);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: /Nodes 1/ }).waitFor();
      const pod = { metadata: { name: 'alone' }, spec: { containers: [{ name: 'c', image: 'nginx' }] } };
      expect((await host.fetch('/api/v1/namespaces/default/pods', json('POST', pod))).status).toBe(201);
      await page.locator('.legend', { hasText: '1 running' }).waitFor();
      await page.reload();
      await page.locator('.legend', { hasText: '1 running' }).waitFor();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByText('You are signed out').waitFor();
      expect(complaints).toEqual([]);
    } finally {
      await browser.close();
      closeConnections();
      server.close();
    }
  });
});

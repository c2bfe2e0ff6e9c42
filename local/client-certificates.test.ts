import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { connect as connectHttp2 } from 'node:http2';
import { request as send } from 'node:https';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type CertificateAuthority, certificateAuthorityOf } from '../core/auth/certificate-authority.ts';
import { systemEnv } from '../core/env.ts';
import { memoryLog } from '../core/log/memory/memory-log.ts';
import { certificateRequest } from '../core/testing/certificate-requests.ts';
import { encodeName } from '../core/x509/distinguished-name.ts';
import { issue } from '../core/x509/issue.ts';
import { pemOf } from '../core/x509/pem.ts';
import { PATIENCE_MS } from '../test/support/patience.ts';
import { Host } from './host.ts';
import { secrets } from './secrets.ts';

/** Clients that show a certificate, over real TLS. */

let host: Host;
let authority: CertificateAuthority;
let before: CertificateAuthority;
let other: CertificateAuthority;
const problems: unknown[] = [];

beforeAll(async () => {
  const [{ signingKey }, own] = [secrets(undefined), secrets(undefined)];
  before = certificateAuthorityOf(signingKey, 'default');
  authority = certificateAuthorityOf(own.signingKey, 'default');
  host = await Host.start({
    log: memoryLog(),
    env: systemEnv,
    secrets: { ...own, previousSigningKeys: [signingKey] },
    port: 0,
    nodes: 1,
    cluster: 'default',
    problem: (...all) => problems.push(all),
  });
  other = certificateAuthorityOf(own.signingKey, 'other');
});
afterAll(async () => {
  await host.close();
  expect(problems).toEqual([]);
});

interface Shown {
  readonly cert: string;
  readonly key: string;
}

const HOUR = 3_600_000;
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

function shown({
  by = authority,
  commonName = 'alice',
  organization = ['developers'],
  from = -HOUR,
  to = HOUR,
  usages = [CLIENT_AUTH],
}: {
  by?: CertificateAuthority;
  commonName?: string;
  organization?: string[];
  from?: number;
  to?: number;
  usages?: string[];
} = {}): Shown {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const der = issue(
    {
      serialNumber: Buffer.of(1),
      issuer: by.name,
      subject: encodeName({ commonName, organization }),
      publicKey: publicKey.export({ type: 'spki', format: 'der' }),
      notBefore: Date.now() + from,
      notAfter: Date.now() + to,
      keyUsage: 1,
      extendedKeyUsages: usages,
      isAuthority: false,
      authorityKey: by.keyInfo,
    },
    by.sign,
  );
  return { cert: pemOf('CERTIFICATE', der), key: pemFrom(privateKey) };
}

const pemFrom = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }) as string;

const WHOAMI = '/apis/authentication.k8s.io/v1/selfsubjectreviews';

/** Who a client is to the host, over HTTP/1.1; or the code of the answer. */
async function whoami(client: Partial<Shown>, { path = WHOAMI, headers = {} }: { path?: string; headers?: Record<string, string> } = {}) {
  const { code, text } = await request(path, { ...client, headers });
  return code === 201 ? JSON.parse(text).status.userInfo : code;
}

function request(
  path: string,
  { headers = {}, body = '{}', method = 'POST', ...client }: Partial<Shown> & { headers?: object; body?: string; method?: string },
) {
  const { promise, resolve, reject } = Promise.withResolvers<{ code: number; text: string }>();
  const options = { ca: host.ca, method, headers: { 'content-type': 'application/json', ...headers }, agent: false, ...client };
  send(new URL(path, host.url), options, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk) => chunks.push(chunk)).on('end', () => resolve({ code: response.statusCode!, text: Buffer.concat(chunks).toString() }));
  })
    .on('error', reject)
    .end(method === 'GET' ? undefined : body);
  return promise;
}

describe('a client certificate', () => {
  it('says who its client is', async () => {
    expect(await whoami(shown({ organization: ['developers', 'testers'] }))).toEqual({
      username: 'alice',
      // In the order in which a set is written (X.690, 11.6): the shorter one first.
      groups: ['testers', 'developers', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': [expect.stringMatching(/^X509SHA256=[0-9a-f]{64}$/)] },
    });
  });

  it.each<{ name: string; client: () => Partial<Shown>; path?: string; want: string | number }>([
    { name: 'of the authority before', client: () => shown({ by: before }), want: 'alice' },
    { name: 'for any purpose', client: () => shown({ usages: ['2.5.29.37.0'] }), want: 'alice' },
    { name: 'that says not what for', client: () => shown({ usages: [] }), want: 'alice' },
    { name: 'of another authority', client: () => shown({ by: certificateAuthorityOf(new Uint8Array(32), 'default') }), want: 401 },
    { name: 'of the authority of another cluster', client: () => shown({ by: other }), want: 401 },
    { name: 'of this cluster, for another', client: () => shown(), path: `/clusters/other${WHOAMI}`, want: 401 },
    { name: 'that has expired', client: () => shown({ to: -1_000 }), want: 401 },
    { name: 'that is not good yet', client: () => shown({ from: HOUR / 2 }), want: 401 },
    { name: 'of a server', client: () => shown({ usages: [SERVER_AUTH] }), want: 401 },
    { name: 'of nobody', client: () => shown({ commonName: '' }), want: 401 },
    { name: 'that is none', client: () => ({}), want: 403 },
  ])('$name: $want', async ({ client, path, want }) => {
    const user = await whoami(client(), path === undefined ? {} : { path });
    expect(typeof user === 'number' ? user : user.username).toBe(want);
  });

  it('that is bad makes no anonymous client, and leaves a good token good', async () => {
    const bad = shown({ to: -1_000 });
    expect((await request('/version', { ...bad, method: 'GET' })).code).toBe(401);
    expect((await request('/version', { method: 'GET' })).code).toBe(200);
    expect(await whoami(bad, { headers: { authorization: `Bearer ${host.token}` } })).toMatchObject({ username: 'logplane-admin' });
  });

  it('goes before a token', async () => {
    expect(await whoami(shown(), { headers: { authorization: `Bearer ${host.token}` } })).toMatchObject({ username: 'alice' });
  });

  it('is not what a header says', async () => {
    const { cert } = shown({ organization: ['system:masters'] });
    const headers = { 'x-forwarded-client-cert': encodeURIComponent(cert), 'x-ssl-client-cert': encodeURIComponent(cert), 'x-remote-user': 'alice' };
    expect(await whoami({}, { headers })).toBe(403);
  });

  it('is that of the connection, by HTTP/2 too', async () => {
    const session = connectHttp2(host.url, { ca: host.ca, ...shown() });
    const names = await Promise.all(
      [1, 2].map(async () => {
        const stream = session.request({ ':method': 'POST', ':path': WHOAMI, 'content-type': 'application/json' });
        stream.end('{}');
        const chunks: Buffer[] = [];
        for await (const chunk of stream) chunks.push(chunk as Buffer);
        return JSON.parse(Buffer.concat(chunks).toString()).status.userInfo.username;
      }),
    );
    session.close();
    expect(names).toEqual(['alice', 'alice']);
  });

  it('is asked for, by the name of the authority, and not needed', async () => {
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(host.url).port), ca: host.ca, servername: 'localhost' });
    await new Promise((resolve) => socket.once('secureConnect', resolve));
    expect(socket.authorized).toBe(true);
    socket.destroy();
  });

  it('is what the cluster signs for who asks it to', async () => {
    const admin = { headers: { authorization: `Bearer ${host.token}` } };
    const requests = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
    const { request: asked, privateKey } = certificateRequest({ commonName: 'bob', organization: ['developers'] });
    const spec = { request: asked, signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'], expirationSeconds: 3600 };
    const created = await request(requests, { ...admin, body: JSON.stringify({ metadata: { name: 'bob' }, spec }) });
    expect(created.code).toBe(201);
    const approval = { ...JSON.parse(created.text), status: { conditions: [{ type: 'Approved', status: 'True', reason: 'Test' }] } };
    expect((await request(`${requests}/bob/approval`, { ...admin, method: 'PUT', body: JSON.stringify(approval) })).code).toBe(200);
    const cert = await vi.waitFor(async () => {
      const { status } = JSON.parse((await request(`${requests}/bob`, { ...admin, method: 'GET' })).text);
      expect(status.certificate).toBeTruthy();
      return Buffer.from(status.certificate, 'base64').toString();
    }, PATIENCE_MS);
    expect(await whoami({ cert, key: pemFrom(privateKey) })).toMatchObject({ username: 'bob', groups: ['developers', 'system:authenticated'] });
  });
});

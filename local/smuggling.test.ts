import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemEnv } from '../core/env.ts';
import { memoryLog } from '../core/log/memory/memory-log.ts';
import { Host } from './host.ts';
import { secrets } from './secrets.ts';

/** Requests as bytes, to a host as it runs: who they are taken to be of, however their headers are put. */
let host: Host;
/** Of the account `bob`, who may ask about himself. */
let bob: string;
beforeAll(async () => {
  host = await Host.start({
    log: memoryLog(),
    env: systemEnv,
    secrets: secrets(undefined),
    port: 0,
    nodes: 0,
    cluster: 'default',
    problem: () => undefined,
  });
  const admin = `Authorization: Bearer ${host.token}\n`;
  await post('/api/v1/namespaces/default/serviceaccounts', admin, { metadata: { name: 'bob' } });
  const { body } = await post('/api/v1/namespaces/default/serviceaccounts/bob/token', admin, {});
  bob = body.status.token;
});
afterAll(() => host.close());

// biome-ignore lint/suspicious/noExplicitAny: an answer of any shape
type Answered = { readonly status: number; readonly body: any };

/** A request with these header lines, to the byte; the host closes the connection behind its answer. */
async function post(path: string, headers: string, content: object): Promise<Answered> {
  const body = JSON.stringify(content);
  const head = `POST ${path} HTTP/1.1\nHost: localhost\nConnection: close\nContent-Type: application/json\nContent-Length: ${body.length}\n${headers}\n`;
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(host.url).port), ca: host.ca, servername: 'localhost' });
  const pieces: Buffer[] = [];
  socket.on('data', (piece: Buffer) => pieces.push(piece));
  const ended = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
    socket.once('error', () => resolve());
  });
  socket.write(Buffer.from(head.replaceAll('\n', '\r\n') + body, 'latin1'));
  await ended;
  const text = Buffer.concat(pieces).toString();
  const json = /\{.*\}/s.exec(text)?.[0];
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]), body: json && JSON.parse(json) };
}

const WHOAMI = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
const BOB = 'system:serviceaccount:default:bob';

/** `$bob` and `$admin` are their tokens. */
const filled = (headers: string) => headers.replaceAll('$bob', bob).replaceAll('$admin', host.token);

it.each<{ headers: string; want: string | number }>([
  { headers: 'Authorization: Bearer $bob\n', want: BOB },
  { headers: 'authorization: bearer $bob\n', want: BOB },
  { headers: 'Authorization: Bearer $admin\n', want: 'logplane-admin' },
  // Two of them are neither.
  { headers: 'Authorization: Bearer $bob\nAuthorization: Bearer $admin\n', want: 401 },
  { headers: 'Authorization: Bearer x\nAuthorization: Bearer $admin\n', want: 401 },
  { headers: 'Authorization: Bearer x, Bearer $admin\n', want: 401 },
  { headers: 'Authorization: Bearer $bob,$admin\n', want: 401 },
  { headers: 'Authorization: Basic $admin\n', want: 403 },
  { headers: 'Authorization: $admin\n', want: 403 },
  { headers: 'Authorization: Bearer\n', want: 403 },
  { headers: 'Authorization: Bearer $admin$admin\n', want: 401 },
  { headers: 'Authorization: Bearer $bob\nX-Remote-User: admin\nX-Remote-Group: system:masters\n', want: BOB },
  { headers: 'Authorization: Bearer $bob\nX-Forwarded-User: admin\n', want: BOB },
  // A line that is folded, or has a blank before its colon, is no HTTP (RFC 9112, 5).
  { headers: 'Authorization : Bearer $admin\n', want: 400 },
  { headers: 'X-A: b\n Authorization: Bearer $admin\n', want: 400 },
  { headers: 'Authorization: Bearer $bob\nImpersonate-User: admin\nImpersonate-Group: system:masters\n', want: 403 },
  { headers: 'Authorization: Bearer $bob\nImpersonate-Group: system:masters\n', want: 400 },
  { headers: 'Authorization: Bearer $bob\nImpersonate-Uid: x\n', want: 400 },
  { headers: 'Authorization: Bearer $bob\nImpersonate-Extra-Canonical%41rn: x\n', want: 400 },
  { headers: `Authorization: Bearer $bob\nX: ${'x'.repeat(40_000)}\n`, want: 431 },
  { headers: 'Impersonate-User: system:admin\n', want: 403 },
  { headers: 'Authorization: Bearer $admin\nImpersonate-User: jane\n', want: 'jane' },
  { headers: 'Authorization: Bearer $admin\nImpersonate-User: \n', want: 'logplane-admin' },
])('$headers is of $want', async ({ headers, want }) => {
  const { status, body } = await post(WHOAMI, filled(headers), {});
  expect(status === 201 ? body.status.userInfo.username : status).toBe(want);
});

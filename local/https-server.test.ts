import { type ClientHttp2Session, connect as connectHttp2, constants, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';
import { type AddressInfo, Socket } from 'node:net';
import { connect, type SecureContextOptions, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { certificateAuthorityOf } from '../core/auth/certificate-authority.ts';
import { certificates } from './certificates.ts';
import { httpsServer } from './https-server.ts';

const authority = certificateAuthorityOf(new Uint8Array(32).fill(7), 'default');

/** More than the buffers of two sockets hold, so that an answer that is not read stays half written. */
const LARGE = 16 * 1024 * 1024;
/** Some dozen TLS records. */
const BODY = Buffer.alloc(200_000, 0x61);

let server: ReturnType<typeof httpsServer>['server'];
let closeConnections: () => void;
let ca: string;
const received: string[] = [];
let finish = () => {};

beforeAll(async () => {
  const made = certificates({ dir: undefined, now: Date.now(), authority });
  ca = made.ca;
  ({ server, closeConnections } = httpsServer({
    certificates: made,
    // Answers with as many bytes as the path says. `/wait`: once the test lets it.
    fetch: async (request, { target }) => {
      const body = await request.text();
      received.push(`${target} ${body.length}`);
      if (target === '/wait') await new Promise<void>((resolve) => (finish = resolve));
      return new Response(Buffer.alloc(Number(target.slice(1)) || 0, 0x62), { headers: { 'content-type': 'text/plain' } });
    },
  }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.close();
  closeConnections();
});

const dial = (): TLSSocket => connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, ca, servername: 'localhost' });

it('sends what it has at once: no event of a watch waits until the client has acknowledged the one before', async () => {
  const set = vi.spyOn(Socket.prototype, 'setNoDelay');
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const socket = dial();
  const connection = await accepted;
  expect(set.mock.contexts).toContain(connection);
  set.mockRestore();
  socket.destroy();
});

it.each([
  ['TLS 1.2', { maxVersion: 'TLSv1.2' }, true],
  ['TLS 1.3', { minVersion: 'TLSv1.3' }, true],
  ['TLS 1.1', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }, false],
  [
    'a cipher that chains blocks',
    { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256:ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA' },
    false,
  ],
  ['a cipher without forward secrecy', { maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256:AES256-SHA256' }, false],
] satisfies [string, SecureContextOptions, boolean][])('a client that has %s alone is let in or not', async (_name, options, isLetIn) => {
  const socket = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, ca, servername: 'localhost', ...options });
  const outcome = await new Promise((resolve) => socket.once('secureConnect', () => resolve(true)).once('error', () => resolve(false)));
  socket.destroy();
  expect(outcome).toBe(isLetIn);
});

const request = (line: string, body = Buffer.alloc(0), more = '') =>
  Buffer.concat([Buffer.from(`${line} HTTP/1.1\r\nHost: localhost\r\n${more}Content-Length: ${body.length}\r\n\r\n`), body]);

/** All that comes until the connection ends, and how it ended. */
function rest(socket: TLSSocket): Promise<{ text: string; error: string | undefined }> {
  const chunks: Buffer[] = [];
  let error: string | undefined;
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', ({ message }) => {
    error = message;
  });
  return new Promise((resolve) => socket.once('close', () => resolve({ text: Buffer.concat(chunks).toString('latin1'), error })));
}

const statuses = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));

// Node's parser, left to itself, fails with HPE_PAUSED (decision 9).
it('takes a large request while a large answer is half written', async () => {
  const socket = dial();
  const answers = rest(socket);
  socket.write(request(`GET /${LARGE}`));
  await new Promise((resolve) => socket.once('data', resolve));
  socket.pause();
  socket.write(request('POST /1', BODY, 'Connection: close\r\n'));
  socket.resume();
  const { text, error } = await answers;
  expect({ statuses: statuses(text), error }).toEqual({ statuses: [200, 200], error: undefined });
  expect(received.at(-1)).toBe(`/1 ${BODY.length}`);
});

it('takes any number of large requests at once, and answers them in their order', async () => {
  const socket = dial();
  const sizes = Array.from({ length: 50 }, (_, i) => 100_000 + i);
  for (const size of sizes) socket.write(request(`POST /${size}`, BODY, size === sizes.at(-1) ? 'Connection: close\r\n' : ''));
  const { text, error } = await rest(socket);
  const lengths = [...text.matchAll(/content-length: (\d+)/gi)].map(([, length]) => Number(length));
  expect({ lengths, error }).toEqual({ lengths: sizes, error: undefined });
});

it('refuses what is no HTTP in a Status that the client gets, though it goes on sending', async () => {
  const socket = dial();
  socket.write(`GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ${'x'.repeat(1_000_000)}`);
  const { text, error } = await rest(socket);
  expect({ statuses: statuses(text), error }).toEqual({ statuses: [431], error: undefined });
  const [head, body] = text.split('\r\n\r\n') as [string, string];
  expect(head).toContain(`Content-Length: ${body.length}`);
  expect(JSON.parse(body)).toMatchObject({ kind: 'Status', code: 431, message: 'the request line and headers are longer than 32768 bytes' });
});

it('says nothing behind a request that is being done, so that no refusal is taken for its answer', async () => {
  const socket = dial();
  socket.write(Buffer.concat([request('POST /wait', BODY), Buffer.from('HELLO\r\n\r\n')]));
  expect(await rest(socket)).toMatchObject({ text: '' });
  expect(received.at(-1)).toBe(`/wait ${BODY.length}`);
  finish();
});

it('says nothing in the middle of an answer', async () => {
  const socket = dial();
  const answers = rest(socket);
  socket.write(request(`GET /${LARGE}`));
  await new Promise((resolve) => socket.once('data', resolve));
  socket.pause();
  socket.write('HELLO\r\n\r\n');
  socket.resume();
  expect(statuses((await answers).text)).toEqual([200]);
});

it('does not take what follows a refused request for another one', async () => {
  const socket = dial();
  const smuggled = request('DELETE /smuggled').toString();
  socket.write(`POST /1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${smuggled.length + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`);
  expect(statuses((await rest(socket)).text)).toEqual([400]);
  expect(received.filter((line) => line.startsWith('/smuggled'))).toEqual([]);
});

const dialHttp2 = (): ClientHttp2Session => connectHttp2(`https://127.0.0.1:${(server.address() as AddressInfo).port}`, { ca, servername: 'localhost' });

/** One request, and what came of it. */
function exchange(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body?: Buffer,
): Promise<{ status: number | undefined; length: number; code: number }> {
  const stream = session.request(headers, { endStream: body === undefined });
  let status: number | undefined;
  let length = 0;
  stream.on('response', (head: IncomingHttpHeaders) => (status = Number(head[':status'])));
  stream.on('data', (chunk: Buffer) => (length += chunk.length));
  stream.on('error', () => undefined);
  if (body) stream.end(body);
  return new Promise((resolve) => stream.once('close', () => resolve({ status, length, code: stream.rstCode! })));
}

it('takes any number of large requests at once by HTTP/2', async () => {
  const session = dialHttp2();
  const sizes = Array.from({ length: 50 }, (_, i) => 100_000 + i);
  const answers = await Promise.all(sizes.map((size) => exchange(session, { ':method': 'POST', ':path': `/${size}` }, BODY)));
  expect(answers).toEqual(sizes.map((length) => ({ status: 200, length, code: 0 })));
  session.close();
});

it('hands on the target as it was sent by HTTP/2, and answers a CONNECT, which has none', async () => {
  const session = dialHttp2();
  await exchange(session, { ':method': 'DELETE', ':path': '/a/%2e%2e/b?c=%2F' });
  expect(received.at(-1)).toBe('/a/%2e%2e/b?c=%2F 0');
  await exchange(session, { ':method': 'CONNECT', ':authority': 'localhost:443' }, Buffer.alloc(0));
  expect((await exchange(session, { ':method': 'GET', ':path': '/3' })).length).toBe(3);
  session.close();
});

it('has a hundred requests of one connection at once, and takes no headers without end', async () => {
  const session = dialHttp2();
  await new Promise((resolve) => session.once('remoteSettings', resolve));
  expect(session.remoteSettings).toMatchObject({ maxConcurrentStreams: 100, maxHeaderListSize: 32 * 1024 });
  const { status, code } = await exchange(session, { ':method': 'GET', ':path': '/1', 'x-long': 'x'.repeat(60_000) });
  expect({ status, refused: code !== constants.NGHTTP2_NO_ERROR || status === undefined }).toEqual({ status: undefined, refused: true });
  session.destroy();
});

it('gives up a request of HTTP/2 whose body does not come, and no answer that goes on', async () => {
  const made = certificates({ dir: undefined, now: Date.now(), authority });
  let finishWatch = () => {};
  const hasty = httpsServer({
    certificates: made,
    // Nothing reads what a GET sends: as a watch, its answer goes on until the test ends it.
    fetch: async (request) => {
      if (request.method === 'POST') return new Response(await request.text().catch(() => ''));
      const start = (watch: ReadableStreamDefaultController) => {
        finishWatch = () => watch.close();
      };
      return new Response(new ReadableStream({ start }));
    },
    patience: { handshakeMs: 10_000, headersMs: 50, requestMs: 50 },
  });
  await new Promise<void>((resolve) => hasty.server.listen(0, '127.0.0.1', resolve));
  const session = connectHttp2(`https://127.0.0.1:${(hasty.server.address() as AddressInfo).port}`, { ca: made.ca, servername: 'localhost' });
  const watch = session.request({ ':method': 'GET', ':path': '/watch' });
  const watched = new Promise((resolve) => watch.on('error', () => undefined).once('close', resolve));
  await new Promise((resolve) => watch.once('response', resolve));
  const stream = session.request({ ':method': 'POST', ':path': '/1' }, { endStream: false });
  stream.on('error', () => undefined);
  // The watch began before, with the same patience: it would be over first.
  await new Promise((resolve) => stream.once('close', resolve));
  expect(stream.rstCode).toBe(constants.NGHTTP2_CANCEL);
  finishWatch();
  watch.resume();
  await watched;
  expect(watch.rstCode).toBe(constants.NGHTTP2_NO_ERROR);
  session.destroy();
  hasty.server.close();
  hasty.closeConnections();
});

it('does not give up a request of HTTP/2 that has come whole, however long its answer takes', async () => {
  const made = certificates({ dir: undefined, now: Date.now(), authority });
  const hasty = httpsServer({
    fetch: async () => new Response(new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode('begun\n')) })),
    certificates: made,
    patience: { handshakeMs: 10_000, headersMs: 50, requestMs: 50 },
  });
  await new Promise<void>((resolve) => hasty.server.listen(0, '127.0.0.1', () => resolve()));
  const session = connectHttp2(`https://127.0.0.1:${(hasty.server.address() as AddressInfo).port}`, { ca: made.ca, servername: 'localhost' });
  const watches = [session.request({ ':path': '/watch' }), session.request({ ':method': 'POST', ':path': '/with-a-body' }, { endStream: false })];
  watches[1]!.end('{}');
  for (const watch of watches) await new Promise((resolve) => watch.once('data', resolve));
  // One that began after them runs out of time.
  const late = session.request({ ':method': 'POST', ':path': '/late' }, { endStream: false });
  late.on('error', () => undefined);
  await new Promise((resolve) => late.once('close', resolve));
  expect(late.rstCode).toBe(constants.NGHTTP2_CANCEL);
  expect(watches.map(({ closed }) => closed)).toEqual([false, false]);
  session.destroy();
  hasty.server.close();
  hasty.closeConnections();
});

import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { certificates } from './certificates.ts';
import { httpsServer } from './https-server.ts';

/** More than the buffers of two sockets hold, so that an answer that is not read stays half written. */
const LARGE = 16 * 1024 * 1024;
/** Some dozen TLS records. */
const BODY = Buffer.alloc(200_000, 0x61);

let server: Server;
let ca: string;
const received: string[] = [];
let finish = () => {};

beforeAll(async () => {
  const made = await certificates({ dir: undefined, now: Date.now() });
  ca = made.ca;
  server = httpsServer({
    certificates: made,
    // Answers with as many bytes as the path says. `/wait`: once the test lets it.
    fetch: async (request, { target }) => {
      const body = await request.text();
      received.push(`${target} ${body.length}`);
      if (target === '/wait') await new Promise<void>((resolve) => (finish = resolve));
      return new Response(Buffer.alloc(Number(target.slice(1)) || 0, 0x62), { headers: { 'content-type': 'text/plain' } });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

const dial = (): TLSSocket => connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, ca, servername: 'localhost' });

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

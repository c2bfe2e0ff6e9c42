import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { isTrue } from '../core/api/request/request-info.ts';
import type { Fetch } from '../core/api/server.ts';
import { certificateShown } from './client-certificate.ts';

/** A request to go on as a WebSocket, with what such a request has besides its method and target. */
export const asksForWebSocket = ({ method, headers }: IncomingMessage): boolean => method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket';

/**
 * Serves a watch as a WebSocket: one message an event, of text where events are text (apiserver/pkg/endpoints/handlers/watch.go, HandleWS). Clients on Java's HTTP stack
 * watch so. The watch itself is that of a GET; what answers it with anything else is answered so, and the connection ends.
 */
export function serveWebSocket(fetch: Fetch): (incoming: IncomingMessage, socket: Duplex, head: Buffer) => Promise<void> {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MAX_RECEIVED_BYTES, handleProtocols: protocolOf });
  return async (incoming, socket, head) => {
    socket.on('error', () => socket.destroy());
    const gone = new AbortController();
    socket.once('close', () => gone.abort());
    const clientCertificate = certificateShown(incoming);
    const sent = { target: incoming.url ?? '*', peer: incoming.socket.remoteAddress, ...(clientCertificate && { clientCertificate }) };
    const response = await fetch(requestOf(incoming, gone.signal), sent);
    if (response.status !== 200 || !isWatch(incoming)) return answerAndEnd(socket, response);
    sockets.handleUpgrade(incoming, socket, head, (webSocket) => void send(response, webSocket));
  };
}

/** Clients of a watch have nothing to say but that they are there. */
const MAX_RECEIVED_BYTES = 4096;

/** A browser cannot set an Authorization header: its token comes as a protocol (apiserver/pkg/authentication/request/websocket/protocol.go). */
const BEARER = 'base64url.bearer.authorization.k8s.io.';

const protocolOf = (offered: Set<string>): string | false => [...offered].find((protocol) => !protocol.startsWith(BEARER)) ?? false;

/** Whatever is no watch ends before the next request could come: it is refused, so that nothing waits for messages that never come. */
const isWatch = ({ url = '' }: IncomingMessage): boolean => {
  const [path = '', query = ''] = url.split('?', 2);
  return path.includes('/watch/') || isTrue(new URLSearchParams(query).get('watch'));
};

function requestOf({ headers }: IncomingMessage, signal: AbortSignal): Request {
  const sent = new Headers();
  for (const [name, value] of Object.entries(headers)) if (typeof value === 'string' && !HOP_BY_HOP.has(name)) sent.set(name, value);
  const offered = headers['sec-websocket-protocol']?.split(',').map((protocol) => protocol.trim());
  const bearer = offered?.find((protocol) => protocol.startsWith(BEARER));
  if (bearer && !sent.has('authorization')) sent.set('authorization', `Bearer ${Buffer.from(bearer.slice(BEARER.length), 'base64url')}`);
  return new Request('https://localhost/', { headers: sent, signal });
}

/** Of the connection and its handshake, not of the request (RFC 9110, 7.6.1; RFC 6455, 4.1). */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'upgrade',
  'sec-websocket-key',
  'sec-websocket-version',
  'sec-websocket-protocol',
  'sec-websocket-extensions',
]);

async function answerAndEnd(socket: Duplex, response: Response): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer());
  const headers = [...response.headers].map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.end(Buffer.concat([Buffer.from(`HTTP/1.1 ${response.status} \r\n${headers}content-length: ${body.length}\r\nconnection: close\r\n\r\n`), body]));
}

/** Sends each event once the one before it has left; a client that does not read holds up its own watch alone. */
async function send(response: Response, webSocket: WebSocket): Promise<void> {
  const isText = response.headers.get('content-type')?.startsWith('application/json') ?? false;
  const reader = response.body!.getReader();
  webSocket.once('close', () => void reader.cancel());
  webSocket.on('error', () => webSocket.terminate());
  for await (const event of isText ? lines(reader) : frames(reader)) {
    if (webSocket.readyState !== webSocket.OPEN) return;
    await new Promise<void>((resolve) => webSocket.send(event, { binary: !isText }, () => resolve()));
  }
  webSocket.close(1000);
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;

const NEWLINE = 0x0a;

/** JSON, one event a line. */
const lines = (reader: Reader) => divided(reader, (bytes) => bytes.indexOf(NEWLINE) + 1);

/** Protobuf, each behind its length in four bytes, which a message does not need. */
async function* frames(reader: Reader): AsyncGenerator<Buffer> {
  const length = (bytes: Buffer) => (bytes.length < 4 || bytes.length < 4 + bytes.readUInt32BE() ? 0 : 4 + bytes.readUInt32BE());
  for await (const frame of divided(reader, length)) yield frame.subarray(4);
}

/** `next` says how long the first event in some bytes is; 0: it is not whole yet. */
async function* divided(reader: Reader, next: (bytes: Buffer) => number): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    rest = rest.length === 0 ? Buffer.from(read.value) : Buffer.concat([rest, read.value]);
    for (let length = next(rest); length > 0; length = next(rest)) {
      yield rest.subarray(0, length);
      rest = rest.subarray(length);
    }
  }
}

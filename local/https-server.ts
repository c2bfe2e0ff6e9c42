import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Duplex } from 'node:stream';
import { getRequestListener, RequestError } from '@hono/node-server';
import { answerStatus } from '../core/api/answers/answers.ts';
import type { Fetch } from '../core/api/server.ts';
import { badRequest, internalError, StatusError } from '../core/kube/status.ts';
import type { Certificates } from './certificates.ts';

interface HttpsServerOptions {
  readonly fetch: Fetch;
  readonly certificates: Pick<Certificates, 'cert' | 'key'>;
  readonly patience?: Patience;
}

/** How long a client may take to send a request: the TLS handshake, its headers, all of it. Answers may take any time: watches do. In ms. */
export interface Patience {
  readonly handshakeMs: number;
  readonly headersMs: number;
  readonly requestMs: number;
}

/** Takes requests from the network as they are sent, refuses in a Status what is no HTTP, and is not held up by a client that is slow or means harm. */
export function httpsServer({ fetch, certificates, patience = PATIENCE }: HttpsServerOptions): Server {
  const answer = getRequestListener((request, env) => fetch(request, { target: (env.incoming as Incoming).target! }), {
    errorHandler: (error) => answerIn(error instanceof RequestError ? badRequest('missing or malformed Host header') : internalError('an unexpected error')),
  });
  const open = new WeakMap<Duplex, Set<ServerResponse>>();
  const server = createServer(
    {
      cert: certificates.cert,
      key: certificates.key,
      // Node would refuse a request without one in an empty answer.
      requireHostHeader: false,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: HEADER_BYTES,
      handshakeTimeout: patience.handshakeMs,
      headersTimeout: patience.headersMs,
      requestTimeout: patience.requestMs,
      connectionsCheckingInterval: patience.headersMs / 2,
    },
    (incoming: Incoming, outgoing) => {
      // The target goes by the side of the Request, whose URL is folded, and refuses what is none.
      incoming.target = incoming.url;
      incoming.url = '/';
      const responses = open.get(incoming.socket) ?? new Set();
      open.set(incoming.socket, responses.add(outgoing));
      outgoing.once('close', () => responses.delete(outgoing));
      answer(incoming, outgoing);
    },
  );
  // Behind Node's own listener: a listener of 'data' takes the socket back from the HTTP parser, which otherwise reads it below the streams and fails when it is
  // paused in the middle of a large request (decision 9).
  server.on('secureConnection', (socket) => socket.on('data', () => undefined));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => refuse(error, socket, [...(open.get(socket) ?? [])]));
  return server;
}

interface Incoming extends IncomingMessage {
  /** Of the request line, as it was sent. */
  target?: string | undefined;
}

/** No client on this machine needs that long; one that does holds up a connection and nothing else. */
const PATIENCE: Patience = { handshakeMs: 10_000, headersMs: 10_000, requestMs: 60_000 };

/** The request line and all headers: a URL of the length that the API server takes, and a token. */
const HEADER_BYTES = 32 * 1024;

/** Longer than clients keep an idle connection (Go: 90 s), so that none sends a request into one that is being closed. */
const KEEP_ALIVE_MS = 120_000;

/** As long as Go waits (net/http, rstAvoidanceDelay): a connection that is closed with unread bytes in it is reset, and the client loses the answer. */
const LINGER_MS = 500;

/** Says what was wrong and ends the connection, when that can be said without being taken for the answer to another request. */
function refuse(error: NodeJS.ErrnoException, socket: Duplex, open: readonly ServerResponse[]): void {
  if (socket.writableEnded) return;
  const refusal = refusalOf(error);
  // A request that has come whole is being answered, and one that has begun is incomplete.
  const free = open.every(({ req, headersSent }) => !req.complete && !headersSent);
  if (!refusal || !socket.writable || !free) return void socket.destroy();
  const { code } = refusal.status;
  const body = `${JSON.stringify(refusal.status)}\n`;
  const head = [`HTTP/1.1 ${code} ${STATUS_CODES[code]}`, 'Connection: close', 'Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

/** Undefined: there is no HTTP yet to answer in. */
function refusalOf({ code = '' }: NodeJS.ErrnoException): StatusError | undefined {
  if (code === 'HPE_HEADER_OVERFLOW') return failure(431, 'RequestHeaderFieldsTooLarge', `the request line and headers are longer than ${HEADER_BYTES} bytes`);
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return failure(408, 'RequestTimeout', 'the request did not come in time');
  if (code.startsWith('HPE_')) return badRequest('the request is not valid HTTP');
  return undefined;
}

/** What kube-apiserver's HTTP server says in plain text, or not at all. */
const failure = (code: number, reason: string, message: string) =>
  new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code });

const answerIn = ({ status }: StatusError) => answerStatus(status, { format: { mediaType: 'json', pretty: false }, warnings: [] });

import { type IncomingMessage, type ServerOptions, type ServerResponse, STATUS_CODES } from 'node:http';
import { constants, createSecureServer, type Http2SecureServer, type Http2ServerRequest, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { getRequestListener, RequestError } from '@hono/node-server';
import { answerStatus } from '../core/api/answers/answers.ts';
import type { Fetch, Sent } from '../core/api/server.ts';
import { badRequest, internalError, StatusError } from '../core/kube/status.ts';
import type { Certificates } from './certificates.ts';
import { certificateShown } from './client-certificate.ts';
import { asksForWebSocket, serveWebSocket } from './watch-websocket.ts';

interface HttpsServerOptions {
  readonly fetch: Fetch;
  readonly certificates: Certificates;
  readonly patience?: Patience;
}

/** How long a client may take to send a request: the TLS handshake, its headers, all of it. Answers may take any time: watches do. In ms. */
export interface Patience {
  readonly handshakeMs: number;
  readonly headersMs: number;
  readonly requestMs: number;
}

/**
 * Takes requests from the network as they are sent, by HTTP/2 and 1.1, refuses in a Status what is no HTTP, and is not held up by a client that is slow or means harm.
 * `closeConnections` ends them all, whatever goes on in them.
 */
export function httpsServer({ fetch, certificates, patience = PATIENCE }: HttpsServerOptions): { server: Http2SecureServer; closeConnections: () => void } {
  const answer = getRequestListener((request, env) => fetch(request, sentBy(env.incoming as Incoming)), {
    errorHandler: (error) => answerIn(error instanceof RequestError ? badRequest('missing or malformed Host header') : internalError('an unexpected error')),
  });
  const unanswered = new WeakMap<Duplex, Set<ServerResponse>>();
  const server = createSecureServer(
    {
      cert: certificates.cert,
      key: certificates.key,
      // A client may show a certificate. What it is worth is decided for each request, by the cluster that it is for; a bad one ends no handshake.
      requestCert: true,
      rejectUnauthorized: false,
      ca: certificates.ca,
      minVersion: 'TLSv1.2',
      ciphers: CIPHERS,
      handshakeTimeout: patience.handshakeMs,
      allowHTTP1: true,
      settings: { maxConcurrentStreams: MAX_STREAMS, maxHeaderListSize: HEADER_BYTES, initialWindowSize: WINDOW_BYTES },
      http1Options: http1Options(patience),
    },
    (incoming: Incoming, outgoing) => {
      // The target goes by the side of the Request, whose URL is folded, and refuses what is none. A CONNECT of HTTP/2 has none.
      incoming.target = incoming.url ?? '*';
      incoming.url = '/';
      if (isHttp2(incoming)) admitStream(incoming, patience);
      else noteUnanswered(unanswered, incoming, outgoing as unknown as ServerResponse);
      answer(incoming, outgoing);
    },
  );
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    // Node does so for servers of HTTP/1 and sessions of HTTP/2, and not for HTTP/1 on this one: an event of a watch would wait until the client has acknowledged the one before, up to 40 ms (Nagle's algorithm).
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  // Behind Node's own listener: a listener of 'data' takes the socket back from the HTTP/1 parser, which otherwise reads it below the streams and fails when it is
  // paused in the middle of a large request (decision 9).
  server.on('secureConnection', (socket: TLSSocket) => socket.alpnProtocol !== 'h2' && socket.on('data', () => undefined));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => refuse(error, socket, [...(unanswered.get(socket) ?? [])]));
  server.on('session', endWhenIdle);
  // What asks for anything else (SPDY, HTTP/2 without TLS) is answered as if it had not (RFC 9110, 7.8).
  Object.assign(server, { shouldUpgradeCallback: asksForWebSocket });
  server.on('upgrade', serveWebSocket(fetch));
  return {
    server,
    closeConnections: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Those of the CIS Benchmark, 1.2.29: with forward secrecy, and no block chaining. OpenSSL's names. */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

const http1Options = (patience: Patience): ServerOptions => ({
  // Node would refuse a request without one in an empty answer.
  requireHostHeader: false,
  keepAliveTimeout: KEEP_ALIVE_MS,
  maxHeaderSize: HEADER_BYTES,
  headersTimeout: patience.headersMs,
  requestTimeout: patience.requestMs,
  connectionsCheckingInterval: patience.headersMs / 2,
});

type Incoming = (IncomingMessage | Http2ServerRequest) & {
  /** Of the request line, as it was sent. */
  target?: string | undefined;
};

/** What comes with a request by the side of it. */
function sentBy(incoming: Incoming): Sent {
  const clientCertificate = certificateShown(incoming);
  return { target: incoming.target!, peer: incoming.socket.remoteAddress, host: incoming.headers.host, ...(clientCertificate && { clientCertificate }) };
}

const isHttp2 = (incoming: Incoming): incoming is Http2ServerRequest => incoming.httpVersionMajor === 2;

function noteUnanswered(unanswered: WeakMap<Duplex, Set<ServerResponse>>, { socket }: IncomingMessage, outgoing: ServerResponse): void {
  const responses = unanswered.get(socket) ?? new Set();
  unanswered.set(socket, responses.add(outgoing));
  outgoing.once('close', () => responses.delete(outgoing));
}

/** Gives a request of HTTP/2 what one of HTTP/1 has from Node: a Host, and a time in which it has to come. */
function admitStream(incoming: Http2ServerRequest, { requestMs }: Patience): void {
  incoming.headers.host ??= incoming.authority;
  const { stream } = incoming;
  const timer = setTimeout(() => hasComeWhole(stream) || stream.close(constants.NGHTTP2_CANCEL), requestMs).unref();
  incoming.once('close', () => clearTimeout(timer));
}

/** The client has ended its side. (`complete` of the request is false as long as nobody has read its body, which of a watch nobody does.) */
const hasComeWhole = ({ destroyed, state }: ServerHttp2Stream): boolean => destroyed || state.state === constants.NGHTTP2_STREAM_STATE_HALF_CLOSED_REMOTE;

/** A connection on which nothing is asked is given up, as one of HTTP/1 is. A watch that has nothing to tell keeps its connection. */
function endWhenIdle(session: ServerHttp2Session): void {
  let streams = 0;
  session.on('stream', (stream) => {
    streams++;
    stream.once('close', () => streams--);
  });
  session.setTimeout(KEEP_ALIVE_MS, () => streams === 0 && session.close());
}

/** No client on this machine needs that long; one that does holds up a connection and nothing else. */
const PATIENCE: Patience = { handshakeMs: 10_000, headersMs: 10_000, requestMs: 60_000 };

/** The request line and all headers: a URL of the length that the API server takes, and a token. */
const HEADER_BYTES = 32 * 1024;

/** How many requests a connection of HTTP/2 has at once (k8s.io/apiserver/pkg/server/secure_serving.go); a client that wants more opens another. */
const MAX_STREAMS = 100;

/** How much of a body may be on its way before it is read (the same file: 99 of 100 objects are smaller). */
const WINDOW_BYTES = 256 * 1024;

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

import type { IncomingMessage } from 'node:http';
import { Agent, type AgentOptions, request } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { WebhookCall } from '../admission/webhook-call.ts';
import type { Address } from './address.ts';
import { identityError } from './certificate-identity.ts';
import { guardedLookup } from './guarded-lookup.ts';
import { RefusedAddresses } from './refused-addresses.ts';
import { systemAuthorities } from './system-authorities.ts';

/** Posts JSON over HTTPS/1.1, as what talks to many backends of one name had better do (kubernetes/kubernetes#75791): no proxy, no redirect, a connection kept for the next. */
export class HttpsPost {
  /** Its connections are of one bundle each: that is a part of their key. */
  readonly #agent = new Agent(AGENT);
  /** For webhooks that name no authority. */
  #ofSystem: Agent | undefined;
  readonly #refused: RefusedAddresses;
  readonly #lookup: LookupFunction;

  constructor(of: ConstructorParameters<typeof RefusedAddresses>[0]) {
    this.#refused = new RefusedAddresses(of);
    this.#lookup = guardedLookup(this.#refused);
  }

  /** The answer, whatever its status. Rejects with what Node, or this, says of a connection that failed, and of an answer that is larger than `limit` bytes. */
  async post(call: WebhookCall, { to, body, limit, signal }: PostOptions): Promise<HttpAnswer> {
    const refusal = isIP(to.host) ? this.#refused.refusal(to.host) : undefined;
    if (refusal) throw refusal;
    try {
      return await this.#send(call, { to, body, limit, signal });
    } catch (error) {
      // The other side has closed a connection that was kept, before anything was sent on it (net/http, shouldRetryRequest).
      if (!(error instanceof StaleConnection)) throw error;
      return await this.#send(call, { to, body, limit, signal });
    }
  }

  async #send({ hostname, port, path, service, ca }: WebhookCall, { to, body, limit, signal }: PostOptions): Promise<HttpAnswer> {
    const sent = request({
      agent: ca === undefined ? this.#systemAgent() : this.#agent,
      method: 'POST',
      host: to.host,
      port: to.port,
      path,
      headers: {
        host: port === 443 && !service ? bracketed(hostname) : `${bracketed(hostname)}:${port}`,
        accept: 'application/json, */*',
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'kube-apiserver-admission',
      },
      lookup: this.#lookup,
      // An address has no name to ask for (RFC 6066, 3).
      servername: isIP(hostname) ? '' : hostname,
      ca,
      signal,
    });
    const answer = Promise.withResolvers<IncomingMessage>();
    sent.on('response', answer.resolve);
    sent.on('error', (error: NodeJS.ErrnoException) => {
      const isStale = sent.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      answer.reject(isStale ? new StaleConnection() : error);
    });
    sent.end(body);
    return read(await answer.promise, limit);
  }

  /** Trusts what the machine trusts, and what Node comes with where that is nothing, as in a function. */
  #systemAgent(): Agent {
    this.#ofSystem ??= new Agent({ ...AGENT, secureContext: systemAuthorities() });
    return this.#ofSystem;
  }
}

interface PostOptions {
  readonly to: Address;
  readonly body: string;
  readonly limit: number;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly retryAfter: string | undefined;
  readonly body: Buffer;
}

class StaleConnection extends Error {}

/** To one target at once: a list is converted in some tens of reviews. */
const MAX_SOCKETS = 16;
const MAX_IDLE = 4;
/** As long as Go's http.DefaultTransport keeps a connection. */
const IDLE_MS = 90_000;

const AGENT: AgentOptions = {
  keepAlive: true,
  maxSockets: MAX_SOCKETS,
  maxFreeSockets: MAX_IDLE,
  timeout: IDLE_MS,
  ALPNProtocols: ['http/1.1'],
  minVersion: 'TLSv1.2',
  // Go takes any certificate of the bundle for an authority.
  allowPartialTrustChain: true,
  checkServerIdentity: identityError,
};

async function read(answer: IncomingMessage, limit: number): Promise<HttpAnswer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    size += piece.length;
    // Leaving the loop ends the connection.
    if (size > limit) throw new Error(`the answer is larger than ${limit} bytes`);
    pieces.push(piece);
  }
  const { 'content-type': contentType = '', 'retry-after': retryAfter } = answer.headers;
  return { status: answer.statusCode ?? 0, contentType, retryAfter, body: Buffer.concat(pieces) };
}

const bracketed = (host: string) => (host.includes(':') ? `[${host}]` : host);

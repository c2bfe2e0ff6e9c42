import { createHmac } from 'node:crypto';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { HTTP, type Message } from 'cloudevents';
import type { SecretReference, WebhookTarget } from '../../apis/logplane/subscription.ts';
import type { Clock } from '../../env.ts';
import { epochMs } from '../../instant.ts';
import type { State } from '../../state/state.ts';
import { guardedLookup } from '../../webhooks/guarded-lookup.ts';
import { RefusedAddresses } from '../../webhooks/refused-addresses.ts';
import { systemAuthorities } from '../../webhooks/system-authorities.ts';
import { NotTaken, type Target } from '../target.ts';

interface WebhooksOptions {
  readonly clock: Clock;
  /** Whether a target may be on the machine of the host or in a private network, and be called without TLS: on the machine of a developer it may. */
  readonly allowsPrivate: boolean;
}

interface Context {
  readonly namespace: string | undefined;
  readonly state: State;
}

/**
 * Targets that are POSTed to (CloudEvents, "HTTP Protocol Binding"). Any status of the 2xx is good; redirects are not followed, and no more of an answer is read than it takes
 * to keep the connection.
 */
export function webhookTargets({ clock, allowsPrivate }: WebhooksOptions): (webhook: WebhookTarget, context: Context) => Target {
  const refused = new RefusedAddresses({ allowsPrivate });
  const lookup = guardedLookup(refused);
  const kept = { keepAlive: true, maxSockets: AT_ONCE, maxFreeSockets: AT_ONCE, timeout: IDLE_MS };
  const plain = new HttpAgent(kept);
  const ofSystem = new HttpsAgent({ ...kept, minVersion: 'TLSv1.2', secureContext: systemAuthorities() });
  const ofBundles = new HttpsAgent({ ...kept, minVersion: 'TLSv1.2', allowPartialTrustChain: true });

  return (webhook, context) => ({
    async deliver({ event }, signal) {
      const { url, mode = 'Binary', timeoutSeconds = 10, caBundle } = webhook;
      const { protocol, hostname, port, pathname, search } = new URL(url);
      if (protocol === 'http:' && !allowsPrivate) throw new NotTaken(`${url} is not https`);
      const host = hostname.replace(/^\[|\]$/g, '');
      const refusal = isIP(host) ? refused.refusal(host) : undefined;
      if (refusal) throw new NotTaken(refusal.message);
      const message = mode === 'Structured' ? HTTP.structured(event) : HTTP.binary(event);
      const body = bodyOf(message);
      const options: RequestOptions = {
        method: 'POST',
        host,
        ...(port !== '' && { port: Number(port) }),
        path: `${pathname}${search}`,
        lookup,
        headers: {
          ...secretHeaders(webhook, context),
          ...inHeaders(message.headers as Record<string, string>),
          'content-length': Buffer.byteLength(body),
          'user-agent': 'logplane',
          ...signature(webhook, { ...context, id: event.id, seconds: Math.floor(epochMs(clock.now()) / 1_000), body }),
        },
      };
      const late = new AbortController();
      const answered = new AbortController();
      void clock.sleep(1_000 * timeoutSeconds, answered.signal).then(() => late.abort());
      try {
        const send = () => sent(options, { protocol, body, signal: AbortSignal.any([signal, late.signal]) });
        await send().catch((error) => {
          // The other side has closed a connection that was kept. It may have taken the event: it is told of it once more.
          if (error instanceof StaleConnection) return send();
          throw error;
        });
      } catch (error) {
        if (late.signal.aborted) throw new NotTaken(`no answer within ${timeoutSeconds} s`, { cause: error });
        throw error;
      } finally {
        answered.abort();
      }

      function sent(of: RequestOptions, { protocol, body, signal }: { protocol: string; body: string; signal: AbortSignal }): Promise<void> {
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        const ca = caBundle === undefined ? {} : { ca: Buffer.from(caBundle, 'base64').toString() };
        const isTls = protocol === 'https:';
        const agent = isTls ? (caBundle === undefined ? ofSystem : ofBundles) : plain;
        const outgoing = isTls ? httpsRequest({ ...of, agent, ...ca, servername: isIP(host) ? '' : host, signal }) : httpRequest({ ...of, agent, signal });
        outgoing.on('response', (answer) => void taken(answer).then(resolve, reject));
        outgoing.on('error', (error: NodeJS.ErrnoException) => {
          const isStale = outgoing.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
          reject(isStale ? new StaleConnection() : new NotTaken(error.message, { cause: error }));
        });
        outgoing.end(body);
        return promise;
      }
    },
  });
}

class StaleConnection extends Error {}

/** Objects of which one subscriber is told at the same time. */
const AT_ONCE = 64;
const IDLE_MS = 60_000;

/** Names of users have any characters, and headers do not: what is no printable ASCII, and a space, quote or percent sign, is encoded (HTTP Protocol Binding, 3.1.3.2). */
const inHeaders = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, name.startsWith('ce-') ? value.toWellFormed().replace(/[^!#-$&-~]+/g, percentEncoded) : value]),
  );

const percentEncoded = (text: string): string => [...Buffer.from(text)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');

const bodyOf = ({ body }: Message<unknown>): string => (typeof body === 'string' ? body : JSON.stringify(body ?? null));

async function taken(answer: IncomingMessage): Promise<void> {
  const { statusCode = 0 } = answer;
  const retryAfter = answer.headers['retry-after'];
  let size = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    size += piece.length;
    // Leaving the loop ends the connection.
    if (size > ANSWER_BYTES) break;
  }
  if (statusCode >= 200 && statusCode < 300) return;
  const retryAfterMs = retryAfter !== undefined && /^\d+$/.test(retryAfter) ? 1_000 * Number(retryAfter) : undefined;
  throw new NotTaken(`the answer is ${statusCode}`, { retryAfterMs });
}

const ANSWER_BYTES = 64 * 1_024;

/** The headers that a Secret holds, as they are. */
function secretHeaders({ headersFrom }: WebhookTarget, context: Context): Record<string, string> {
  if (!headersFrom) return {};
  return Object.fromEntries(Object.entries(secretOf(headersFrom, context)).map(([name, value]) => [name.toLowerCase(), decoded(value).trim()]));
}

/**
 * What proves who sent it, and that it is not an old one (Standard Webhooks): HMAC-SHA256 of the event's id, the second and the body. A secret of the form `whsec_BASE64` is the key
 * that it encodes, any other one is the key itself.
 */
function signature(
  { signWith }: WebhookTarget,
  { id, seconds, body, ...context }: Context & { id: string; seconds: number; body: string },
): Record<string, string> {
  if (!signWith) return {};
  const secret = secretOf(signWith, context)[signWith.key];
  if (secret === undefined) throw new NotTaken(`the Secret ${signWith.name} has no key ${signWith.key}`);
  const text = decoded(secret).trim();
  const key = text.startsWith(ENCODED) ? Buffer.from(text.slice(ENCODED.length), 'base64') : Buffer.from(text);
  const mac = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': `v1,${mac}` };
}

const ENCODED = 'whsec_';

const decoded = (value: string): string => Buffer.from(value, 'base64').toString();

function secretOf({ name, namespace }: SecretReference, { namespace: own, state }: Context): Readonly<Record<string, string>> {
  const found = state.get('secrets', own ?? namespace, name);
  if (!found) throw new NotTaken(`the Secret ${own ?? namespace}/${name} is not there`);
  return found.data ?? {};
}

import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { isIP } from 'node:net';
import type { Got, HttpsGet, Wanted } from '../auth/https-get.ts';
import type { Clock } from '../env.ts';
import type { Address } from './address.ts';
import { identityError } from './certificate-identity.ts';
import { guardedLookup } from './guarded-lookup.ts';
import { RefusedAddresses } from './refused-addresses.ts';
import { systemAuthorities } from './system-authorities.ts';

/** The port by which a host asks issuers for their keys and STS for identities: HTTPS/1.1, no proxy, no redirect, no address that is not called. */
export function httpsGet({ clock, allowsPrivate, dial = (address) => address, ca: only }: HttpsGetOptions): HttpsGet {
  const agent = new Agent({ keepAlive: true, maxSockets: 16, maxFreeSockets: 4, timeout: IDLE_MS, ALPNProtocols: ['http/1.1'] });
  const refused = new RefusedAddresses({ allowsPrivate });
  const lookup = guardedLookup(refused);

  const answerTo = async ({ url, headers, ca = only, maxBytes }: Wanted, signal: AbortSignal): Promise<Got> => {
    const [, authority = '', target = ''] = /^https:\/\/([^/?#]*)([^#]*)/.exec(url) ?? [];
    const { hostname, host, port } = new URL(`https://${authority}`);
    const name = hostname.replace(/^\[|\]$/g, '');
    const to = dial({ host: name, port: Number(port || 443) });
    const refusal = isIP(to.host) ? refused.refusal(to.host) : undefined;
    if (refusal) throw refusal;
    const sent = request({
      agent,
      method: 'GET',
      ...to,
      path: target.startsWith('/') ? target : `/${target}`,
      headers: { ...headers, host, 'user-agent': 'kube-apiserver' },
      lookup,
      // An address has no name to ask for (RFC 6066, 3).
      servername: isIP(name) ? '' : name,
      checkServerIdentity: (_, certificate) => identityError(name, certificate),
      minVersion: 'TLSv1.2',
      ...(ca === undefined ? { secureContext: systemAuthorities() } : { ca, allowPartialTrustChain: true }),
      signal,
    });
    const answer = Promise.withResolvers<IncomingMessage>();
    sent.on('response', answer.resolve);
    sent.on('error', answer.reject);
    sent.end();
    return read(await answer.promise, maxBytes);
  };

  return async (wanted) => {
    const [late, answered] = [new AbortController(), new AbortController()];
    const deadline = async () => {
      await clock.sleep(wanted.timeoutMs, answered.signal);
      late.abort();
    };
    try {
      void deadline();
      return await answerTo(wanted, late.signal);
    } finally {
      answered.abort();
    }
  };
}

export interface HttpsGetOptions {
  readonly clock: Clock;
  /** Whether what is asked may be on the machine of the host. */
  readonly allowsPrivate: boolean;
  /** Where a name is dialled, unless the network says. */
  readonly dial?: (address: Address) => Address;
  /** PEM; undefined: those of the system. */
  readonly ca?: string;
}

/** As long as Go's http.DefaultTransport keeps a connection. */
const IDLE_MS = 90_000;

async function read(answer: IncomingMessage, maxBytes: number): Promise<Got> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    size += piece.length;
    // Leaving the loop ends the connection.
    if (size > maxBytes) throw new Error(`the answer is larger than ${maxBytes} bytes`);
    pieces.push(piece);
  }
  return { status: answer.statusCode ?? 0, body: Buffer.concat(pieces) };
}

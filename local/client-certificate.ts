import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import type { TLSSocket } from 'node:tls';

/** The certificate that a client has shown on the connection of a request, DER: the same bytes for all requests of the connection. TLS has proved that the client has its key. */
export function certificateShown(incoming: IncomingMessage | Http2ServerRequest): Uint8Array | undefined {
  const session = 'stream' in incoming ? incoming.stream.session : undefined;
  const connection = session ?? incoming.socket;
  if (!shown.has(connection)) shown.set(connection, ((session?.socket ?? incoming.socket) as TLSSocket).getPeerX509Certificate()?.raw);
  return shown.get(connection);
}

/** By connection: to ask OpenSSL for it costs more than the rest of a small request. */
const shown = new WeakMap<object, Uint8Array | undefined>();

import { isIPv6 } from 'node:net';
import type { WebhookCall } from '../admission/webhook-call.ts';
import { CertificateError } from './certificate-identity.ts';
import { RefusedAddress } from './refused-addresses.ts';

/** What went wrong with a connection, as Go's net, crypto/tls and net/http say it: clients and their tests know these words. */
export function inGoWords(error: NodeError, { hostname, port }: Pick<WebhookCall, 'hostname' | 'port'>): string {
  if (error instanceof AggregateError && error.errors.length > 0) return inGoWords(error.errors[0], { hostname, port });
  const { message } = error;
  const code = String(error.code ?? '');
  if (error instanceof CertificateError) return `${CERTIFICATE}${message}`;
  if (error instanceof RefusedAddress) return `dial tcp ${joined(error.address, port)}: ${message}`;
  if (error.name === 'AbortError') return 'context deadline exceeded';
  const certificate = certificateErrors[code];
  if (certificate) return `${CERTIFICATE}${certificate}`;
  if (error.syscall === 'getaddrinfo') return `dial tcp: lookup ${hostname}: ${code === 'ENOTFOUND' ? 'no such host' : 'server misbehaving'}`;
  if (error.syscall === 'connect') return `dial tcp ${joined(error.address ?? hostname, error.port ?? port)}: connect: ${connectErrors[code] ?? code}`;
  if (code === 'ECONNRESET') return error.message === 'aborted' ? 'unexpected EOF' : error.syscall === 'read' ? 'read: connection reset by peer' : 'EOF';
  if (code === 'EPIPE') return 'write: broken pipe';
  if (/wrong.version.number|packet.length.too.long|http.request/i.test(message)) return 'http: server gave HTTP response to HTTPS client';
  if (/alert.(?:handshake failure|number 40)/i.test(message)) return 'remote error: tls: handshake failure';
  if (code.startsWith('HPE_')) return 'net/http: HTTP/1.x transport connection broken: malformed HTTP response';
  return message;
}

type NodeError = Error & { readonly code?: string | number; readonly syscall?: string; readonly address?: string; readonly port?: number };

const CERTIFICATE = 'tls: failed to verify certificate: x509: ';

const UNKNOWN_AUTHORITY = 'certificate signed by unknown authority';
const EXPIRED = 'certificate has expired or is not yet valid';

/** OpenSSL's reasons (X509_V_ERR_*), as Node names them. */
const certificateErrors: Readonly<Record<string, string | undefined>> = {
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  CERT_SIGNATURE_FAILURE: UNKNOWN_AUTHORITY,
  CERT_UNTRUSTED: UNKNOWN_AUTHORITY,
  CERT_HAS_EXPIRED: EXPIRED,
  CERT_NOT_YET_VALID: EXPIRED,
  INVALID_PURPOSE: 'certificate specifies an incompatible key usage',
};

const connectErrors: Readonly<Record<string, string | undefined>> = {
  ECONNREFUSED: 'connection refused',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
  ETIMEDOUT: 'connection timed out',
  ECONNRESET: 'connection reset by peer',
};

const joined = (host: string, port: number) => `${isIPv6(host) ? `[${host}]` : host}:${port}`;

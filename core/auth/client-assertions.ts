import { decodeProtectedHeader } from 'jose/decode/protected_header';
import { JOSEError } from 'jose/errors';
import { jwtVerify } from 'jose/jwt/verify';
import { epochMs, type RealInstant } from '../instant.ts';
import type { Authenticator } from './authenticator.ts';
import type { ClientCertificates, Verified } from './client-certificates.ts';

/**
 * Client certificates where the network ends TLS before this server: the client signs a short-lived token with the key of its certificate, and sends the certificate with it (a client
 * assertion, RFC 7523, 3; the certificate in `x5c`, RFC 7515, 4.1.6). It says for which cluster it is, by the URL that the client calls, so that whoever is sent one can use it nowhere else.
 * docs/decisions/0024-certificates.md says why it is made so; `logplane credential` makes it for kubectl.
 */
export class ClientAssertions implements Authenticator {
  readonly #certificates: ClientCertificates;

  constructor(certificates: ClientCertificates) {
    this.#certificates = certificates;
  }

  authenticate: Authenticator['authenticate'] = async (token, { cluster, now, url }) => {
    const der = certificateIn(token);
    // Where nothing vouches for the URL, nothing can be for it.
    const shown = der && url !== undefined ? this.#certificates.verified(der, cluster) : undefined;
    if (!shown || !isItsTime(shown, now)) return undefined;
    try {
      const { payload } = await jwtVerify(token, shown.certificate.publicKey, {
        algorithms: ASSERTION_ALGORITHMS,
        typ: ASSERTION_TYPE,
        audience: url!,
        // No older than this, nor from the future: so it cannot be made today for next year.
        maxTokenAge: LONGEST_SECONDS,
        requiredClaims: ['aud', 'exp', 'iat', 'sub'],
        subject: shown.user.username,
        currentDate: new Date(epochMs(now)),
        clockTolerance: ALLOWED_SKEW_SECONDS,
      });
      return payload.exp! - payload.iat! <= LONGEST_SECONDS ? { user: shown.user } : undefined;
    } catch (error) {
      if (error instanceof JOSEError || error instanceof TypeError) return undefined;
      throw error;
    }
  };
}

/** What kind of token it is, so that one for another purpose, signed with the same key, is none (RFC 8725, 3.11). */
export const ASSERTION_TYPE = 'client-assertion+jwt';

/** RSA, ECDSA on the three curves, Ed25519: the keys that certificates are issued for. */
const ASSERTION_ALGORITHMS = ['RS256', 'ES256', 'ES384', 'ES512', 'EdDSA'];

/** How long one is good at most. */
export const LONGEST_SECONDS = 600;

/** The clock of a client may be off by this much. */
const ALLOWED_SKEW_SECONDS = 60;

const isItsTime = ({ notBefore, notAfter }: Verified, now: RealInstant) => notBefore <= epochMs(now) && epochMs(now) <= notAfter;

/** The certificate that a token brings, if it is such a token at all. */
function certificateIn(token: string): Uint8Array | undefined {
  try {
    const { typ, x5c } = decodeProtectedHeader(token) as { typ?: unknown; x5c?: unknown };
    const [certificate] = Array.isArray(x5c) ? x5c : [];
    return typ === ASSERTION_TYPE && typeof certificate === 'string' ? Buffer.from(certificate, 'base64') : undefined;
  } catch {
    return undefined;
  }
}

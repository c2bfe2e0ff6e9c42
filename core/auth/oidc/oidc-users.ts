import type { KeyObject } from 'node:crypto';
import { decodeProtectedHeader } from 'jose/decode/protected_header';
import { decodeJwt } from 'jose/jwt/decode';
import { jwtVerify } from 'jose/jwt/verify';
import { epochMs, type RealInstant, realInstant } from '../../instant.ts';
import { aggregate } from '../../kube/status.ts';
import type { Authentication, Authenticator } from '../authenticator.ts';
import type { HttpsGet } from '../https-get.ts';
import type { AuthenticationConfiguration } from './authentication-configuration.ts';
import { Unmapped } from './claim-expression.ts';
import { type Claims, userOf } from './claims-user.ts';
import { type JwtUsers, validateConfiguration } from './configuration-validation.ts';
import { IssuerKeys } from './issuer-keys.ts';

/**
 * Users of other issuers, by their ID tokens (Kubernetes documentation, "Authenticating", "OpenID Connect Tokens" and "Authentication configuration from a file";
 * plugin/pkg/authenticator/token/oidc). Throws when something is wrong with the configuration.
 */
export function oidcUsers(configuration: AuthenticationConfiguration, options: OidcOptions): Authenticator {
  const { users, errors } = validateConfiguration(configuration, options);
  if (errors.length > 0) throw new Error(aggregate(errors));
  const issuers = new Map(users.map((of) => [of.configuration.issuer!.url!, new Issuer(of, options)]));
  return {
    async authenticate(token, { now }) {
      const issuer = issuers.get(claimedIssuer(token) ?? '');
      return issuer?.authenticate(token, now);
    },
  };
}

export interface OidcOptions {
  readonly get: HttpsGet;
  /** Who issues the server's own tokens, and so nobody else's. */
  readonly ownIssuers: readonly string[];
  /** Told when an issuer does not say its keys. */
  readonly problem: (message: string, error: unknown) => void;
}

class Issuer {
  readonly #users: JwtUsers;
  readonly #keys: IssuerKeys;

  constructor(users: JwtUsers, { get, problem }: OidcOptions) {
    const { url, discoveryURL, certificateAuthority } = users.configuration.issuer!;
    this.#users = users;
    this.#keys = new IssuerKeys({
      issuer: url!,
      discoveryUrl: discoveryURL || undefined,
      certificateAuthority: certificateAuthority || undefined,
      get,
      problem,
    });
  }

  async authenticate(token: string, now: RealInstant): Promise<Authentication | undefined> {
    const claims = await this.#claims(token, now);
    if (!claims) return undefined;
    try {
      return { user: userOf(this.#users, claims) };
    } catch (error) {
      if (error instanceof Unmapped) return undefined;
      throw error;
    }
  }

  /** The claims of a token that one of the issuer's keys signed, that is for this server, and whose time it is. */
  async #claims(token: string, now: RealInstant): Promise<Claims | undefined> {
    const id = keyNamed(token);
    if (id === 'unusable') return undefined;
    if (this.#keys.isStale(now)) await this.#keys.refresh(now);
    const claims = await this.#verified(token, this.#keys.named(id), now);
    if (claims || (id !== undefined && this.#keys.named(id).length > 0)) return claims;
    return (await this.#keys.refresh(now)) ? this.#verified(token, this.#keys.named(id), now) : undefined;
  }

  async #verified(token: string, keys: readonly KeyObject[], now: RealInstant): Promise<Claims | undefined> {
    const { url, audiences } = this.#users.configuration.issuer!;
    for (const key of keys) {
      const verified = await jwtVerify(token, key, {
        // The bearer of a token does not choose how it is checked: "none", and what is signed with a secret, are not among these.
        algorithms: ALGORITHMS,
        issuer: url === GOOGLE ? [GOOGLE, GOOGLE_BARE] : url!,
        audience: [...audiences!],
        requiredClaims: ['exp'],
        currentDate: new Date(epochMs(now)),
        clockTolerance: EARLY_SECONDS,
      }).catch(() => undefined);
      // The tolerance is for tokens from the future; one that has expired has expired.
      if (verified && realInstant(verified.payload.exp! * 1000) > now) return verified.payload;
    }
    return undefined;
  }
}

/** Those that need a key pair (oidc.AllValidSigningAlgorithms). */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512'];

/** By so much an issuer's clock may be ahead (go-oidc, `nbf`). */
const EARLY_SECONDS = 300;

/** Google's tokens name it with a scheme or without (OpenID Connect Core 1.0, 15.6.2). */
const GOOGLE = 'https://accounts.google.com';
const GOOGLE_BARE = 'accounts.google.com';

/** Whose token it says to be, which is not to be trusted. */
function claimedIssuer(token: string): string | undefined {
  try {
    const { iss } = decodeJwt(token);
    return iss === GOOGLE_BARE ? GOOGLE : iss;
  } catch {
    return undefined;
  }
}

/** The key that a token says it was signed with, if any; `unusable`: no key will do. */
function keyNamed(token: string): string | undefined | 'unusable' {
  try {
    const { alg, kid } = decodeProtectedHeader(token);
    return ALGORITHMS.includes(alg ?? '') ? kid : 'unusable';
  } catch {
    return 'unusable';
  }
}

import { JOSEError, JWKSNoMatchingKey } from 'jose/errors';
import { decodeJwt } from 'jose/jwt/decode';
import { SignJWT } from 'jose/jwt/sign';
import { type JWTVerifyOptions, jwtVerify } from 'jose/jwt/verify';
import { epochMs, type RealInstant, realInstant } from '../instant.ts';
import type { User } from '../kube/user.ts';
import type { Authenticator } from './authenticator.ts';
import { remember } from './remember.ts';
import { ALGORITHM, type SigningKey, signingKeyOf } from './signing-key.ts';

/**
 * Tokens for one cluster, which the subresource `credentials` of Clusters issues: JSON Web Tokens as those of service accounts are made (docs/decisions/0004-tokens.md), with keys of their own
 * and another issuer, so that neither is taken for the other. One ends with its time and with its cluster: another one of its name has another log
 * (docs/decisions/0033-clusters-as-objects.md).
 */
export class ClusterCredentials implements Authenticator {
  readonly #secrets: readonly Uint8Array[];
  readonly #keys = new Map<string, readonly SigningKey[]>();
  /** The claims of tokens whose signature was good, of those that were shown last. */
  readonly #verified = new Map<string, Claims>();

  /** As those of service accounts: the first key signs, the others are still taken. */
  constructor({ key, previousKeys = [] }: { readonly key: Uint8Array; readonly previousKeys?: readonly Uint8Array[] }) {
    this.#secrets = [key, ...previousKeys];
  }

  async issue({ cluster, log, user, now, expires, id }: Issue): Promise<string> {
    const [signing] = this.#keysOf(cluster);
    return new SignJWT({ groups: [...user.groups], [CLAIM]: { cluster, log } })
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: signing!.id })
      .setIssuer(ISSUER)
      .setSubject(user.username)
      .setJti(id)
      .setIssuedAt(seconds(now))
      .setExpirationTime(seconds(expires))
      .sign(signing!.privateKey);
  }

  authenticate: Authenticator['authenticate'] = async (token, { cluster, now, refused }) => {
    if (issuerOf(token) !== ISSUER) return undefined;
    const place = `${cluster} ${token}`;
    const claims = this.#verified.get(place) ?? (await this.#claimsOf(token, { cluster, now }));
    if (claims?.[CLAIM].cluster !== cluster) return undefined;
    remember(this.#verified, place, claims);
    if (realInstant(claims.exp * 1_000) <= now) {
      refused?.('the token has expired');
      return undefined;
    }
    const user: User = { username: claims.sub, groups: claims.groups, extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${claims.jti}`] } };
    return { user, ofLog: claims[CLAIM].log };
  };

  async #claimsOf(token: string, { cluster, now }: { cluster: string; now: RealInstant }): Promise<Claims | undefined> {
    try {
      const options: JWTVerifyOptions = { algorithms: [ALGORITHM], typ: TYPE, issuer: ISSUER, requiredClaims: REQUIRED, currentDate: new Date(epochMs(now)) };
      return (await jwtVerify<Claims>(token, ({ kid }) => this.#keyNamed(cluster, kid), options)).payload;
    } catch (error) {
      if (error instanceof JOSEError) return undefined;
      throw error;
    }
  }

  #keyNamed(cluster: string, id: string | undefined): SigningKey['publicKey'] {
    const named = this.#keysOf(cluster).find((key) => key.id === id);
    if (!named) throw new JWKSNoMatchingKey();
    return named.publicKey;
  }

  #keysOf(cluster: string): readonly SigningKey[] {
    return (
      this.#keys.get(cluster) ??
      remember(
        this.#keys,
        cluster,
        this.#secrets.map((secret) => signingKeyOf(secret, cluster, 'cluster credentials')),
      )
    );
  }
}

interface Issue {
  readonly cluster: string;
  /** The name of the cluster's log. */
  readonly log: string;
  readonly user: User;
  readonly now: RealInstant;
  readonly expires: RealInstant;
  readonly id: string;
}

interface Claims {
  readonly sub: string;
  readonly groups: readonly string[];
  readonly exp: number;
  readonly jti: string;
  readonly [CLAIM]: { readonly cluster: string; readonly log: string };
}

const CLAIM = 'logplane.dev';
const ISSUER = 'https://logplane.dev/clusters';
/** So that no token for another purpose is taken for one (RFC 8725, 3.11). */
const TYPE = 'cluster-credential+jwt';
const REQUIRED = ['sub', 'groups', 'exp', 'iat', 'jti', CLAIM];

const seconds = (instant: RealInstant): number => Math.floor(epochMs(instant) / 1_000);

/** What a text says of who issued it, if it is a token at all; nothing is known of that yet. */
function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

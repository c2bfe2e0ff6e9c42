import { JOSEError, JWKSNoMatchingKey } from 'jose/errors';
import { decodeJwt } from 'jose/jwt/decode';
import { SignJWT } from 'jose/jwt/sign';
import { type JWTVerifyOptions, jwtVerify } from 'jose/jwt/verify';
import { epochMs, type RealInstant, realInstant } from '../instant.ts';
import type { KubeObject } from '../kube/object.ts';
import { serviceAccountGroups, serviceAccountUsername } from '../kube/service-account.ts';
import type { User } from '../kube/user.ts';
import type { Authentication, AuthenticationContext, Authenticator, BoundObject } from './authenticator.ts';
import { LEGACY_ISSUER, type LegacyClaims, legacyClaimsProblem } from './legacy-tokens.ts';
import { remember } from './remember.ts';
import { ALGORITHM, type PublicKey, type SigningKey, signingKeyOf } from './signing-key.ts';

/**
 * Tokens of service accounts: JSON Web Tokens (RFC 7519) with the claims that Kubernetes puts into them (pkg/serviceaccount/claims.go),
 * signed with a key that only the API server has. A token is good while it has not expired and the objects that it is bound to are still there.
 * docs/decisions/0004-tokens.md says why they are made so.
 */
export class ServiceAccountTokens implements Authenticator {
  readonly #secrets: readonly Uint8Array[];
  readonly #issuer: string;
  /** The keys of the clusters that were asked for last: those that sign come first. */
  readonly #keys = new Map<string, readonly SigningKey[]>();
  /** The claims of tokens whose signature was good, of those that were shown last. */
  readonly #verified = new Map<string, Claims>();

  /**
   * `key`, at least 32 random bytes that are kept secret, the same in every process of a deployment: what a cluster signs with is derived from it. What was signed
   * with `previousKeys` is good until it expires, so that a key can be replaced. Throws for a shorter one.
   */
  constructor({ key, previousKeys = [], issuer = 'https://kubernetes.default.svc' }: ServiceAccountTokensOptions) {
    this.#secrets = [key, ...previousKeys];
    if (this.#secrets.some(({ length }) => length < MIN_KEY_BYTES)) throw new Error(`a key that signs tokens needs at least ${MIN_KEY_BYTES} bytes`);
    this.#issuer = issuer;
  }

  /** A token for a service account; `now` and `expires` by the wall clock. */
  async issue({ cluster, account, boundTo, node, audiences, now, expires, warnAfter, id }: Issue): Promise<string> {
    const [signing] = this.#keysOf(cluster);
    const { namespace, name, uid } = account.metadata;
    const claims: KubernetesClaims = {
      'kubernetes.io': {
        cluster,
        namespace: namespace!,
        serviceaccount: { name, uid: uid! },
        ...(boundTo && { [boundTo.kind.toLowerCase()]: { name: boundTo.metadata.name, uid: boundTo.metadata.uid! } }),
        ...(node && { node }),
        ...(warnAfter && { warnafter: seconds(warnAfter) }),
      },
    };
    return new SignJWT({ ...claims })
      .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT', kid: signing!.id })
      .setIssuer(this.#issuer)
      .setSubject(serviceAccountUsername({ namespace: namespace!, name }))
      .setAudience(audiences.length > 0 ? [...audiences] : [this.#issuer])
      .setJti(id)
      .setIssuedAt(seconds(now))
      .setNotBefore(seconds(now))
      .setExpirationTime(seconds(expires))
      .sign(signing!.privateKey);
  }

  authenticate: Authenticator['authenticate'] = async (token, context) => {
    const issuer = issuerOf(token);
    if (issuer === LEGACY_ISSUER) return this.#authenticateLegacy(token, context);
    return issuer === this.#issuer ? this.#authenticateBound(token, context) : undefined;
  };

  async #authenticateBound(token: string, { cluster, now, refused }: AuthenticationContext): Promise<Authentication | undefined> {
    const claims = await this.#claimsOf(token, { cluster, now, refused });
    // A token is of one cluster.
    if (!claims || claims['kubernetes.io'].cluster !== cluster) return undefined;
    const { namespace, serviceaccount, pod, node } = claims['kubernetes.io'];
    const user: User = {
      ...accountUser({ namespace, ...serviceaccount }),
      extra: {
        'authentication.kubernetes.io/credential-id': [`JTI=${claims.jti}`],
        ...(pod && { 'authentication.kubernetes.io/pod-name': [pod.name], 'authentication.kubernetes.io/pod-uid': [pod.uid] }),
        ...(node && { 'authentication.kubernetes.io/node-name': [node.name] }),
        ...(node?.uid && { 'authentication.kubernetes.io/node-uid': [node.uid] }),
      },
    };
    return { user, audiences: claims.aud, boundTo: boundObjectsOf(claims['kubernetes.io']) };
  }

  /** A token that stands in a Secret: it is for this API server, whatever its time. */
  async #authenticateLegacy(token: string, { cluster, refused }: AuthenticationContext): Promise<Authentication | undefined> {
    const claims = await this.#payloadOf<LegacyClaims>(token, { cluster, refused, options: { issuer: LEGACY_ISSUER } });
    const problem = claims && legacyClaimsProblem(claims);
    if (problem !== undefined) refused?.(problem);
    if (!claims || problem !== undefined) return undefined;
    const account = {
      namespace: claims['kubernetes.io/serviceaccount/namespace'],
      name: claims['kubernetes.io/serviceaccount/service-account.name'],
      uid: claims['kubernetes.io/serviceaccount/service-account.uid'],
    };
    return {
      user: accountUser(account),
      audiences: [this.#issuer],
      boundTo: [{ resource: 'serviceaccounts', ...account }],
      heldBy: { namespace: account.namespace, name: claims['kubernetes.io/serviceaccount/secret.name'], token },
    };
  }

  /** For whom a token is good that names no audience: this API server. */
  get issuer(): string {
    return this.#issuer;
  }

  /** The public keys that the tokens of a cluster can be checked with (RFC 7517), by those that trust them without asking. */
  publicKeys(cluster: string): readonly PublicKey[] {
    return this.#keysOf(cluster).map(({ jwk }) => jwk);
  }

  /** The claims of a token that one of the cluster's keys signed and whose time it is; undefined for any other text. */
  async #claimsOf(token: string, { cluster, now, refused }: Pick<AuthenticationContext, 'cluster' | 'now' | 'refused'>): Promise<Claims | undefined> {
    const place = `${cluster} ${token}`;
    const options = { typ: 'JWT', issuer: this.#issuer, requiredClaims: REQUIRED, currentDate: new Date(epochMs(now)), clockTolerance: ALLOWED_SKEW_SECONDS };
    const claims = this.#verified.get(place) ?? (await this.#payloadOf<Claims>(token, { cluster, refused, options }));
    if (!claims) return undefined;
    if (!this.#verified.has(place)) remember(this.#verified, place, claims);
    // The tolerance is for a token that another process issued a moment ago by its own clock; a token that has expired has expired.
    if (realInstant(claims.exp * 1000) <= now) refused?.(EXPIRED);
    else if (realInstant((claims.nbf - ALLOWED_SKEW_SECONDS) * 1000) > now) refused?.(NOT_YET);
    else return claims;
    return undefined;
  }

  async #payloadOf<T>(token: string, { cluster, refused, options }: { cluster: string; refused: AuthenticationContext['refused']; options: JWTVerifyOptions }) {
    try {
      // The bearer of a token does not choose how it is checked: "none" and all other algorithms are not among these.
      return (await jwtVerify<T>(token, ({ kid }) => this.#keyNamed(cluster, kid), { ...options, algorithms: [ALGORITHM] })).payload;
    } catch (error) {
      if (!(error instanceof JOSEError)) throw error;
      const why = Object.hasOwn(REFUSALS, error.code) ? REFUSALS[error.code] : undefined;
      if (why !== undefined) refused?.(why);
      return undefined;
    }
  }

  /** The key that a token says it was signed with (RFC 7515, 4.1.4). */
  #keyNamed(cluster: string, id: string | undefined): SigningKey['publicKey'] {
    const named = this.#keysOf(cluster).find((key) => key.id === id);
    if (!named) throw new JWKSNoMatchingKey();
    return named.publicKey;
  }

  #keysOf(cluster: string): readonly SigningKey[] {
    const known = this.#keys.get(cluster);
    if (known) return known;
    const keys = this.#secrets.map((secret) => signingKeyOf(secret, cluster));
    remember(this.#keys, cluster, keys);
    return keys;
  }
}

const REQUIRED = ['aud', 'exp', 'iat', 'jti', 'kubernetes.io', 'nbf', 'sub'];

const EXPIRED = 'service account token has expired';
const NOT_YET = 'service account token is not valid yet';

/** What jose says, in the words of Kubernetes and of the library that it has (pkg/serviceaccount/jwt.go, claims.go). */
const REFUSALS: Readonly<Record<string, string>> = {
  ERR_JWT_EXPIRED: EXPIRED,
  ERR_JWKS_NO_MATCHING_KEY: 'invalid signature, no keys found',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'go-jose/go-jose: error in cryptographic primitive',
};

/** What a text says of who issued it, if it is a token at all; nothing is known of that yet. */
function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

const seconds = (instant: RealInstant) => Math.floor(epochMs(instant) / 1000);

const accountUser = ({ namespace, name, uid }: { namespace: string; name: string; uid: string }): User => ({
  username: serviceAccountUsername({ namespace, name }),
  uid,
  groups: serviceAccountGroups({ namespace }),
});

interface ServiceAccountTokensOptions {
  readonly key: Uint8Array;
  readonly previousKeys?: readonly Uint8Array[];
  readonly issuer?: string;
}

export interface Issue {
  readonly cluster: string;
  readonly account: KubeObject;
  /** A Pod, Secret or Node with which the token ends. */
  readonly boundTo?: KubeObject;
  /** Where the pod runs that it is bound to. */
  readonly node?: NodeReference | undefined;
  /** For whom it is; none: this API server. */
  readonly audiences: readonly string[];
  readonly now: RealInstant;
  readonly expires: RealInstant;
  /** From when on a bearer ought to have fetched another one. */
  readonly warnAfter?: RealInstant | undefined;
  readonly id: string;
}

interface KubernetesClaims {
  readonly 'kubernetes.io': {
    readonly cluster: string;
    readonly namespace: string;
    readonly serviceaccount: Reference;
    readonly pod?: Reference;
    readonly secret?: Reference;
    readonly node?: NodeReference;
    readonly warnafter?: number;
  };
}

interface Claims extends KubernetesClaims {
  readonly aud: readonly string[];
  readonly exp: number;
  readonly jti: string;
  readonly nbf: number;
}

interface Reference {
  readonly name: string;
  readonly uid: string;
}

/** A node that is not there has no uid. */
export interface NodeReference {
  readonly name: string;
  readonly uid?: string;
}

/** As many random bits as the keys have that are derived from them. */
const MIN_KEY_BYTES = 32;

/** The clocks of two processes of a deployment may differ by this much. */
const ALLOWED_SKEW_SECONDS = 60;

/** The account itself, and the object that the token was issued for, if any. */
function boundObjectsOf({ namespace, serviceaccount, pod, secret, node }: KubernetesClaims['kubernetes.io']): BoundObject[] {
  return [
    { resource: 'serviceaccounts', namespace, ...serviceaccount },
    ...(pod ? [{ resource: 'pods', namespace, ...pod }] : []),
    ...(secret ? [{ resource: 'secrets', namespace, ...secret }] : []),
    // Of a pod's token it says where that runs.
    ...(node?.uid && !pod ? [{ resource: 'nodes', namespace: undefined, name: node.name, uid: node.uid }] : []),
  ];
}

import { createHash, createSecretKey, type KeyObject } from 'node:crypto';
import { JOSEError, JWKSNoMatchingKey } from 'jose/errors';
import { SignJWT } from 'jose/jwt/sign';
import { jwtVerify } from 'jose/jwt/verify';
import { epochMs, type RealInstant, realInstant } from '../instant.ts';
import type { KubeObject } from '../kube/object.ts';
import { serviceAccountGroups, serviceAccountUsername } from '../kube/service-account.ts';
import type { User } from '../kube/user.ts';
import type { Authenticator, BoundObject } from './authenticator.ts';

/**
 * Tokens of service accounts: JSON Web Tokens (RFC 7519) with the claims that Kubernetes puts into them (pkg/serviceaccount/claims.go),
 * signed with a key that only the API server has. A token is good while it has not expired and the objects that it is bound to are still there.
 * docs/decisions/0004-tokens.md says why they are made so.
 */
export class ServiceAccountTokens implements Authenticator {
  readonly #signing: SigningKey;
  /** All whose signatures count, by id. */
  readonly #keys: ReadonlyMap<string, KeyObject>;
  readonly #issuer: string;

  /**
   * `key` signs: at least 32 random bytes that are kept secret, the same in every process of a deployment. What `previousKeys` signed is good until it expires,
   * so that a key can be replaced. Throws for a shorter one.
   */
  constructor({ key, previousKeys = [], issuer = 'https://kubernetes.default.svc.cluster.local' }: ServiceAccountTokensOptions) {
    this.#signing = signingKey(key);
    this.#keys = new Map([this.#signing, ...previousKeys.map(signingKey)].map(({ id, key }) => [id, key]));
    this.#issuer = issuer;
  }

  /** A token for a service account; `now` and `expires` by the wall clock. */
  issue({ cluster, account, boundTo, audiences, now, expires, id }: Issue): Promise<string> {
    const { namespace, name, uid } = account.metadata;
    const claims: KubernetesClaims = {
      'kubernetes.io': {
        cluster,
        namespace: namespace!,
        serviceaccount: { name, uid: uid! },
        ...(boundTo && { [boundTo.kind.toLowerCase()]: { name: boundTo.metadata.name, uid: boundTo.metadata.uid! } }),
      },
    };
    return new SignJWT({ ...claims })
      .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT', kid: this.#signing.id })
      .setIssuer(this.#issuer)
      .setSubject(serviceAccountUsername({ namespace: namespace!, name }))
      .setAudience(audiences.length > 0 ? [...audiences] : [this.#issuer])
      .setJti(id)
      .setIssuedAt(Math.floor(epochMs(now) / 1000))
      .setNotBefore(Math.floor(epochMs(now) / 1000))
      .setExpirationTime(Math.floor(epochMs(expires) / 1000))
      .sign(this.#signing.key);
  }

  authenticate: Authenticator['authenticate'] = async (token, { cluster, now }) => {
    const claims = await this.#verified(token, now);
    // A token is of one cluster.
    if (!claims || claims['kubernetes.io'].cluster !== cluster) return undefined;
    const { namespace, serviceaccount, pod } = claims['kubernetes.io'];
    const user: User = {
      username: serviceAccountUsername({ namespace, name: serviceaccount.name }),
      uid: serviceaccount.uid,
      groups: serviceAccountGroups({ namespace }),
      extra: {
        'authentication.kubernetes.io/credential-id': [`JTI=${claims.jti}`],
        ...(pod && { 'authentication.kubernetes.io/pod-name': [pod.name], 'authentication.kubernetes.io/pod-uid': [pod.uid] }),
      },
    };
    return { user, audiences: claims.aud, boundTo: boundObjectsOf(claims['kubernetes.io']) };
  };

  /** For whom a token is good that names no audience: this API server. */
  get issuer(): string {
    return this.#issuer;
  }

  /** The claims of a token that one of these keys signed and whose time it is; undefined for any other text. */
  async #verified(token: string, now: RealInstant): Promise<Claims | undefined> {
    try {
      const { payload } = await jwtVerify<Claims>(token, ({ kid }) => this.#keyOf(kid), {
        // The bearer of a token does not choose how it is checked: "none" and the asymmetric algorithms are not among these.
        algorithms: [ALGORITHM],
        typ: 'JWT',
        issuer: this.#issuer,
        requiredClaims: ['aud', 'exp', 'iat', 'jti', 'kubernetes.io', 'nbf', 'sub'],
        currentDate: new Date(epochMs(now)),
        clockTolerance: ALLOWED_SKEW_SECONDS,
      });
      // The tolerance is for a token that another process issued a moment ago by its own clock; a token that has expired has expired.
      return realInstant(payload.exp * 1000) > now ? payload : undefined;
    } catch (error) {
      if (error instanceof JOSEError) return undefined;
      throw error;
    }
  }

  /** The key that a token says it was signed with (RFC 7515, 4.1.4); one that says nothing is from before there were several. */
  #keyOf(id: string | undefined): KeyObject {
    const key = id === undefined ? this.#signing.key : this.#keys.get(id);
    if (!key) throw new JWKSNoMatchingKey();
    return key;
  }
}

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
  /** For whom it is; none: this API server. */
  readonly audiences: readonly string[];
  readonly now: RealInstant;
  readonly expires: RealInstant;
  readonly id: string;
}

interface KubernetesClaims {
  readonly 'kubernetes.io': {
    readonly cluster: string;
    readonly namespace: string;
    readonly serviceaccount: Reference;
    readonly pod?: Reference;
    readonly secret?: Reference;
    readonly node?: Reference;
  };
}

interface Claims extends KubernetesClaims {
  readonly aud: readonly string[];
  readonly exp: number;
  readonly jti: string;
}

interface Reference {
  readonly name: string;
  readonly uid: string;
}

/** HMAC with SHA-256: the API checks these tokens and issues them. */
const ALGORITHM = 'HS256';

/** RFC 7518, 3.2: no shorter than what the hash puts out. */
const MIN_KEY_BYTES = 32;

interface SigningKey {
  readonly id: string;
  readonly key: KeyObject;
}

/** A key under its thumbprint (RFC 7638), which says nothing of it: every process of a deployment names it alike. */
function signingKey(bytes: Uint8Array): SigningKey {
  if (bytes.length < MIN_KEY_BYTES) throw new Error(`a key that signs tokens needs at least ${MIN_KEY_BYTES} bytes`);
  const jwk = { k: Buffer.from(bytes).toString('base64url'), kty: 'oct' };
  return { id: createHash('sha256').update(JSON.stringify(jwk)).digest('base64url'), key: createSecretKey(bytes) };
}

/** The clocks of two processes of a deployment may differ by this much. */
const ALLOWED_SKEW_SECONDS = 60;

/** The account itself, and the object that the token was issued for, if any. */
function boundObjectsOf({ namespace, serviceaccount, pod, secret, node }: KubernetesClaims['kubernetes.io']): BoundObject[] {
  return [
    { resource: 'serviceaccounts', namespace, ...serviceaccount },
    ...(pod ? [{ resource: 'pods', namespace, ...pod }] : []),
    ...(secret ? [{ resource: 'secrets', namespace, ...secret }] : []),
    ...(node ? [{ resource: 'nodes', namespace: undefined, ...node }] : []),
  ];
}

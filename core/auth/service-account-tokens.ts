import { createHmac, timingSafeEqual } from 'node:crypto';
import type { KubeObject } from '../object.ts';
import type { State } from '../projection/state.ts';
import type { Authenticator } from './authenticator.ts';
import type { User } from './user.ts';

/**
 * Tokens of service accounts: JSON Web Tokens (RFC 7519) with the claims that Kubernetes puts into them (pkg/serviceaccount/claims.go),
 * signed with a key that only the API server has. A token is good while it has not expired and what it is bound to is still there.
 */
export class ServiceAccountTokens implements Authenticator {
  readonly #key: string | Uint8Array;
  readonly #issuer: string;

  /** `key`: at least 32 bytes that no one else knows; the same in every process of a deployment. */
  constructor({ key, issuer = 'https://kubernetes.default.svc.cluster.local' }: { key: string | Uint8Array; issuer?: string }) {
    this.#key = key;
    this.#issuer = issuer;
  }

  /** A token for a service account; `now` and `expires` in ms since the epoch. */
  issue({ cluster, account, boundTo, audiences, now, expires, id }: Issue): string {
    const { namespace, name, uid } = account.metadata;
    const claims: Claims = {
      aud: audiences.length > 0 ? audiences : [this.#issuer],
      exp: Math.floor(expires / 1000),
      iat: Math.floor(now / 1000),
      iss: this.#issuer,
      jti: id,
      'kubernetes.io': {
        cluster,
        namespace: namespace!,
        serviceaccount: { name, uid: uid! },
        ...(boundTo && { [boundTo.kind.toLowerCase()]: { name: boundTo.metadata.name, uid: boundTo.metadata.uid! } }),
      },
      nbf: Math.floor(now / 1000),
      sub: usernameOf(namespace!, name),
    };
    const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
    return `${signed}.${this.#sign(signed).toString('base64url')}`;
  }

  authenticate: Authenticator['authenticate'] = async (token, { cluster, now, state }) => {
    const claims = this.#verify(token);
    if (!claims || claims.iss !== this.#issuer || claims['kubernetes.io'].cluster !== cluster) return undefined;
    if (claims.exp * 1000 <= now || claims.nbf * 1000 > now + ALLOWED_SKEW) return undefined;
    if (!stillThere(claims['kubernetes.io'], await state())) return undefined;
    const { namespace, serviceaccount, pod } = claims['kubernetes.io'];
    const user: User = {
      username: usernameOf(namespace, serviceaccount.name),
      uid: serviceaccount.uid,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
      extra: {
        'authentication.kubernetes.io/credential-id': [`JTI=${claims.jti}`],
        ...(pod && { 'authentication.kubernetes.io/pod-name': [pod.name], 'authentication.kubernetes.io/pod-uid': [pod.uid] }),
      },
    };
    return { user, audiences: claims.aud };
  };

  /** For whom a token is good that names no audience. */
  get issuer(): string {
    return this.#issuer;
  }

  #verify(token: string): Claims | undefined {
    const parts = token.split('.');
    if (parts.length !== 3) return undefined;
    const given = Buffer.from(parts[2]!, 'base64url');
    const signature = this.#sign(`${parts[0]}.${parts[1]}`);
    if (given.length !== signature.length || !timingSafeEqual(given, signature)) return undefined;
    // The signature is ours, so the header and the claims are what `issue` wrote.
    return JSON.parse(Buffer.from(parts[1]!, 'base64url').toString()) as Claims;
  }

  #sign(text: string): Buffer {
    return createHmac('sha256', this.#key).update(text).digest();
  }
}

export interface Issue {
  readonly cluster: string;
  readonly account: KubeObject;
  /** A Pod, Secret or Node with which the token ends. */
  readonly boundTo?: KubeObject;
  readonly audiences: readonly string[];
  readonly now: number;
  readonly expires: number;
  readonly id: string;
}

interface Reference {
  readonly name: string;
  readonly uid: string;
}

interface Claims {
  readonly aud: readonly string[];
  readonly exp: number;
  readonly iat: number;
  readonly iss: string;
  readonly jti: string;
  readonly nbf: number;
  readonly sub: string;
  readonly 'kubernetes.io': {
    readonly cluster: string;
    readonly namespace: string;
    readonly serviceaccount: Reference;
    readonly pod?: Reference;
    readonly secret?: Reference;
    readonly node?: Reference;
  };
}

/** The clocks of two processes of a deployment may differ by this many ms. */
const ALLOWED_SKEW = 60_000;

export const usernameOf = (namespace: string, name: string): string => `system:serviceaccount:${namespace}:${name}`;

function stillThere({ namespace, serviceaccount, pod, secret, node }: Claims['kubernetes.io'], state: State): boolean {
  const is = (object: KubeObject | undefined, reference: Reference | undefined) => reference === undefined || object?.metadata.uid === reference.uid;
  return (
    is(state.get('serviceaccounts', namespace, serviceaccount.name), serviceaccount) &&
    (!pod || is(state.get('pods', namespace, pod.name), pod)) &&
    (!secret || is(state.get('secrets', namespace, secret.name), secret)) &&
    (!node || is(state.get('nodes', undefined, node.name), node))
  );
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

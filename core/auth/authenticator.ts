import type { RealInstant } from '../instant.ts';
import type { User } from '../kube/user.ts';
import type { State } from '../state/state.ts';

/** Says who the bearer of a token is. */
export interface Authenticator {
  /**
   * The user, or undefined when the token is none of ours. By the token alone: no log is read for one that is forged. What the token is bound to the
   * caller looks up (`whyVoid`). Tokens must not be logged nor put into errors.
   */
  authenticate(token: string, context: AuthenticationContext): Promise<Authentication | undefined>;
}

export interface AuthenticationContext {
  readonly cluster: string;
  /** By the host's wall clock, as what is on a token is. */
  readonly now: RealInstant;
  /** The URL of the cluster as the client called it, where the network vouches for it. */
  readonly url?: string | undefined;
  /** Told why a token that is one of ours is not good, in Kubernetes' words: who reviews a token is told so, its bearer is not. */
  readonly refused?: (why: string) => void;
}

export interface Authentication {
  /** Who that is; where the cluster gives the name (`namedBy`), under what its issuer knows the bearer. */
  readonly user: User;
  /** Who the bearer is in a state of the cluster, of a token that says it of another place alone; undefined: nobody there. */
  readonly namedBy?: (state: State) => User | undefined;
  /** For whom the token was issued; none: for the API server. */
  readonly audiences?: readonly string[];
  /** The objects with which the token ends (Managing Service Accounts, "Bound service account tokens"); none: it ends with no object. */
  readonly boundTo?: readonly BoundObject[];
  /** The name of the log with which the token ends: another cluster of the same name has another one. None: it ends with none. */
  readonly ofLog?: string;
  /** The Secret that holds the token, which ends when that holds it no more. */
  readonly heldBy?: HoldingSecret;
}

/** A Secret of type kubernetes.io/service-account-token, and the token that it is to hold. */
export interface HoldingSecret {
  readonly namespace: string;
  readonly name: string;
  readonly token: string;
}

/** One object, and not another one that has its name later. */
export interface BoundObject {
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly uid: string;
}

/** The first of several authenticators that knows the token. */
export const anyOf = (authenticators: readonly Authenticator[]): Authenticator => ({
  async authenticate(token, context) {
    for (const authenticator of authenticators) {
      const authentication = await authenticator.authenticate(token, context);
      if (authentication) return authentication;
    }
    return undefined;
  },
});

/** The token of an `Authorization: Bearer …` header (RFC 6750, 2.1); undefined when there is none. */
export function bearerToken(header: string | null): string | undefined {
  if (!header) return undefined;
  const [scheme, token] = header.trim().split(/ +/, 2);
  return scheme?.toLowerCase() === 'bearer' && token ? token : undefined;
}

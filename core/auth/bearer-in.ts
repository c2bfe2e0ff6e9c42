import type { ClusterInstant } from '../instant.ts';
import { type User, withAuthenticated } from '../kube/user.ts';
import type { State } from '../state/state.ts';
import type { Authentication } from './authenticator.ts';
import { whyVoid } from './void-tokens.ts';

/**
 * Who the bearer of a token is in the newest state of its cluster, or why it is no good there. It is not said why where a token is good in another place alone, and nobody here is known
 * by what that says.
 */
export function bearerIn(authentication: Authentication, state: State, now: ClusterInstant): { readonly user: User } | { readonly why: string | undefined } {
  const why = whyVoid(authentication, state, now);
  if (why !== undefined) return { why };
  const { user, namedBy } = authentication;
  if (!namedBy) return { user };
  const named = namedBy(state);
  return named ? { user: withAuthenticated(named) } : { why: undefined };
}

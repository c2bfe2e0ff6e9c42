import { type Authentication, bearerToken } from '../../auth/authenticator.ts';
import { unauthorized } from '../../kube/status.ts';
import { ANONYMOUS, withAuthenticated } from '../../kube/user.ts';
import type { AuthenticatedCall, LocatedCall } from '../call.ts';
import { impersonationOf } from '../request/impersonation.ts';

/**
 * Finds out the user: the bearer of a token (API access control, "Authentication"), by the token alone; without one, the anonymous user, who is let in to little (public-info.ts).
 * Throws 401 for a token that is none of ours, and 400 for headers that name no user to impersonate.
 */
export async function authenticate(call: LocatedCall): Promise<Authenticated> {
  const { headers } = call.request;
  const token = bearerToken(headers.get('authorization'));
  if (token === undefined) return { authentication: { user: ANONYMOUS }, impersonation: impersonationOf(headers) };
  const authentication = await authenticateToken(call, token);
  // A token that was issued for another audience is no good here.
  if (!authentication || !isFor(ownAudiences(call), authentication.audiences)) throw unauthorized();
  return { authentication: { ...authentication, user: withAuthenticated(authentication.user) }, impersonation: impersonationOf(headers) };
}

type Authenticated = Pick<AuthenticatedCall, 'authentication' | 'impersonation'>;

/** Whether a token of these audiences is meant for one of `wanted`. One that names none is the host's own. */
const isFor = (wanted: readonly string[], audiences: readonly string[] | undefined) =>
  audiences === undefined || audiences.some((audience) => wanted.includes(audience));

/** The authenticator of the host, asked in the context of a call. */
export const authenticateToken = ({ api, cluster }: LocatedCall, token: string): Promise<Authentication | undefined> =>
  api.authenticator.authenticate(token, { cluster, now: api.env.clock.now() });

/** The audience that this API server is itself: what tokens are for that name none. None when it issues no tokens. */
export const ownAudiences = ({ api }: LocatedCall): readonly string[] => (api.serviceAccountTokens ? [api.serviceAccountTokens.issuer] : []);

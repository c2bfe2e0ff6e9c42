import { type Authentication, bearerToken } from '../../auth/authenticator.ts';
import { unauthorized } from '../../kube/status.ts';
import { ANONYMOUS, type User, withAuthenticated } from '../../kube/user.ts';
import type { AuthenticatedCall, LocatedCall } from '../call.ts';
import { impersonationOf } from '../request/impersonation.ts';
import { hostOf } from './page.ts';

/**
 * Finds out the user: who shows a certificate, or the bearer of a token (API access control, "Authentication"), by these alone, or who has signed in to the page (ui/page.ts); without any of them, the anonymous user, who is let in to little
 * (public-info.ts). Throws 401 for what is none of ours, and 400 for headers that name no user to impersonate, and 403 for a session that is used from elsewhere.
 */
export async function authenticate(call: LocatedCall): Promise<Authenticated> {
  const { headers } = call.request;
  const shown = userOfCertificate(call);
  if (shown) return { authentication: { user: withAuthenticated(shown) }, impersonation: impersonationOf(headers) };
  const token = bearerToken(headers.get('authorization'));
  if (token === undefined) {
    const ofPage = call.api.page?.userOf({ headers, host: hostOf(call) });
    if (ofPage === 'over') throw unauthorized();
    if (ofPage) return { authentication: { user: withAuthenticated(ofPage) }, impersonation: impersonationOf(headers) };
    // A certificate that is not good makes no anonymous client, whom it would tell that it is.
    if (call.connection.clientCertificate && call.api.clientCertificates) throw unauthorized();
    return { authentication: { user: ANONYMOUS }, impersonation: impersonationOf(headers) };
  }
  const authentication = await authenticateToken(call, token);
  // A token that was issued for another audience is no good here.
  if (!authentication || !isFor(ownAudiences(call), authentication.audiences)) throw unauthorized();
  return { authentication: { ...authentication, user: withAuthenticated(authentication.user) }, impersonation: impersonationOf(headers) };
}

/** The user of the client's certificate, for the cluster that is called. */
function userOfCertificate({ api, cluster, connection: { clientCertificate } }: LocatedCall): User | undefined {
  return clientCertificate && api.clientCertificates?.userOf(clientCertificate, { cluster, now: api.env.clock.now() });
}

type Authenticated = Pick<AuthenticatedCall, 'authentication' | 'impersonation'>;

/** Whether a token of these audiences is meant for one of `wanted`. One that names none is the host's own. */
const isFor = (wanted: readonly string[], audiences: readonly string[] | undefined) =>
  audiences === undefined || audiences.some((audience) => wanted.includes(audience));

/** The authenticator of the host, asked in the context of a call. */
export const authenticateToken = (
  { api, cluster, connection: { base }, prefix }: LocatedCall,
  token: string,
  refused?: (why: string) => void,
): Promise<Authentication | undefined> =>
  api.authenticator.authenticate(token, {
    cluster,
    now: api.env.clock.now(),
    ...(base !== undefined && { url: `${base}${prefix}` }),
    ...(refused && { refused }),
  });

/** The audience that this API server is itself: what tokens are for that name none. None when it issues no tokens. */
export const ownAudiences = ({ api }: LocatedCall): readonly string[] => (api.serviceAccountTokens ? [api.serviceAccountTokens.issuer] : []);

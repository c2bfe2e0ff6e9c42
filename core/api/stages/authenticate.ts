import { bearerToken } from '../../auth/authenticator.ts';
import { AUTHENTICATED, type User, withAuthenticated } from '../../auth/user.ts';
import { unauthorized } from '../../status.ts';
import type { Call } from '../call.ts';

/**
 * Finds out who asks: the bearer of a token (API access control, "Authentication"). What tells nothing of the cluster (health, version)
 * may be asked by anybody, as with the default role system:public-info-viewer. Throws 401.
 */
export async function authenticate(call: Call): Promise<undefined> {
  const token = bearerToken(call.request.headers.get('authorization'));
  if (token === undefined) {
    if (!isPublic(call)) throw unauthorized();
    call.user = anonymous;
    return;
  }
  const authentication = await authenticatorFor(call)(token);
  // A token that was issued for somebody else's ears is no good here.
  if (!authentication || !meantForUs(call, authentication.audiences)) throw unauthorized();
  call.user = withAuthenticated(authentication.user);
}

/** The authenticator of the host, asked in the context of a call. */
export const authenticatorFor = (call: Call) => (token: string) =>
  call.api.authenticator.authenticate(token, {
    cluster: call.cluster,
    now: call.api.env.clock.now(),
    state: async () => {
      const replica = await call.api.replicaOf(call.cluster);
      if (!replica) throw unauthorized();
      await replica.catchUp();
      return replica.state;
    },
  });

export function meantForUs(call: Call, audiences: readonly string[] | undefined): boolean {
  const own = call.api.serviceAccountTokens?.issuer;
  return audiences === undefined || (own !== undefined && audiences.includes(own));
}

const PUBLIC = ['/healthz', '/livez', '/readyz', '/version'];

const isPublic = ({ info, path, request }: Call) =>
  info.type === 'path' && (request.method === 'GET' || request.method === 'HEAD') && PUBLIC.some((open) => path === open || path.startsWith(`${open}/`));

/** Whoever shows no token. */
const anonymous: User = { username: 'system:anonymous', groups: ['system:unauthenticated'] };

/** Whether somebody is who they are by a token, and not just anybody. */
export const isAuthenticated = (user: User): boolean => user.groups.includes(AUTHENTICATED);

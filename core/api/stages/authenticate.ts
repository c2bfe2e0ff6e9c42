import { bearerToken } from '../../auth/authenticator.ts';
import { isPublicInfo } from '../../auth/authorizer.ts';
import { unauthorized } from '../../kube/status.ts';
import { type User, withAuthenticated } from '../../kube/user.ts';
import type { Call } from '../call.ts';

/**
 * Finds out who asks: the bearer of a token (API access control, "Authentication"). What says nothing of objects (health, version) may be asked of the
 * default cluster by anybody; which other clusters there are is not to be found out by guessing. Throws 401.
 */
export async function authenticate(call: Call): Promise<undefined> {
  const token = bearerToken(call.request.headers.get('authorization'));
  if (token === undefined) {
    if (call.prefix !== '' || !isPublicInfo(call.path)) throw unauthorized();
    call.user = anonymous;
    return;
  }
  const authentication = await authenticatorFor(call)(token);
  // A token that was issued for somebody else's ears is no good here.
  if (!authentication || !isFor(ownAudiences(call), authentication.audiences)) throw unauthorized();
  call.user = withAuthenticated(authentication.user);
}

/** Whether a token of these audiences is meant for one of `wanted`. One that names none is the host's own. */
const isFor = (wanted: readonly string[], audiences: readonly string[] | undefined) =>
  audiences === undefined || audiences.some((audience) => wanted.includes(audience));

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

/** The audience that this API server is itself: what tokens are for that name none. None when it issues no tokens. */
export const ownAudiences = ({ api }: Call): readonly string[] => (api.serviceAccountTokens ? [api.serviceAccountTokens.issuer] : []);

/** Whoever shows no token. */
const anonymous: User = { username: 'system:anonymous', groups: ['system:unauthenticated'] };

import { isMaster } from '../../kube/user.ts';
import type { AuthenticatedCall, ClusterCall } from '../call.ts';
import { impersonates } from './impersonate.ts';

/**
 * Reads the log to its end, once for all that the request looks at: whether its token is still good, what its user may do, and what it reads are of one state.
 *
 * An administrator may do everything in whatever state, and a token that is bound to no object ends with none: for these the state that is known here will do until a
 * read wants a newer one (request/reading.ts). So they write, and read what may be old (`resourceVersion=0`), without a look at the log, and see what is wrong with it.
 */
export async function catchUp({ request, authentication, replica }: AuthenticatedCall & Pick<ClusterCall, 'replica'>) {
  const caughtUp = !isMaster(authentication.user) || authentication.boundTo !== undefined || impersonates(request.headers);
  if (caughtUp) await replica.catchUp();
  return { state: replica.state, caughtUp, restores: replica.restores } satisfies Partial<ClusterCall>;
}

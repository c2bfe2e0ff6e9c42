import { isMaster } from '../../kube/user.ts';
import type { Replica } from '../../replica/replica.ts';
import type { AuthenticatedCall, ClusterCall } from '../call.ts';

/**
 * Reads the log to its end, once for all that the request looks at: whether its token is still good, what its user may do, and what it reads are of one state.
 *
 * An administrator may do everything in whatever state, and a token that is bound to no object ends with none: for these the state that is known here will do until a
 * read wants a newer one (request/reading.ts). So they write, and read what may be old (`resourceVersion=0`), without a look at the log, and see what is wrong with it.
 */
export function catchUp({ authentication, impersonation, replica }: AuthenticatedCall & Pick<ClusterCall, 'replica'>): Seen | Promise<Seen> {
  const { user, boundTo, namedBy } = authentication;
  const judgedByState = !isMaster(user) || boundTo !== undefined || namedBy !== undefined || impersonation !== undefined;
  return judgedByState ? replica.catchUp().then(() => seen(replica, true)) : seen(replica, false);
}

type Seen = Pick<ClusterCall, 'state' | 'caughtUp' | 'restores'>;

const seen = ({ state, restores }: Replica, caughtUp: boolean): Seen => ({ state, caughtUp, restores });

import { noSuchCluster } from '../../replica/cluster-end.ts';
import type { Replica } from '../../replica/replica.ts';
import type { AuthenticatedCall, ClusterCall } from '../call.ts';
import { isJudgedByState } from '../request/still-permitted.ts';

/**
 * Reads the log to its end, once for all that the request looks at: whether its token is still good, what its user may do, and what it reads are of one state.
 *
 * Where the state has no say in that, the one that is known here will do until a read wants a newer one (request/reading.ts). So administrators write, and read what may be old
 * (`resourceVersion=0`), without a look at the log, and see what is wrong with it.
 */
export function catchUp(call: AuthenticatedCall & Pick<ClusterCall, 'replica'>): Seen | Promise<Seen> {
  const { replica } = call;
  return isJudgedByState(call) ? replica.catchUp().then(() => seen(replica, true)) : seen(replica, false);
}

type Seen = Pick<ClusterCall, 'state' | 'caughtUp' | 'restores'>;

/** Throws 404 when the cluster has ended meanwhile. */
function seen(replica: Replica, caughtUp: boolean): Seen {
  if (replica.isOver) throw noSuchCluster(replica.cluster);
  const { state, restores } = replica;
  return { state, caughtUp, restores };
}

import { methodNotAllowed } from '../answers/failures.ts';
import type { AuthorizedCall } from '../call.ts';
import { changesCluster, onlyRead } from '../request/only-read.ts';
import { newestState, offsetOf } from '../request/reading.ts';

/**
 * Finds the offset at which the cluster is shown, when its URL names one or a time. Who may look at it was decided by the roles of today. The log is read to its end also where all that is asked for
 * is known here: the cluster may have ended, and the past of another one of its name must not be shown for it.
 * Throws 405 for a write into the past, 404 when the cluster has ended, and 504 for an offset that is not there yet.
 */
export function showAt(call: Omit<AuthorizedCall, 'end'>): End | Promise<End> {
  const { when, cluster } = call;
  if (!when) return { end: undefined };
  if (!isRead(call)) throw methodNotAllowed(onlyRead(cluster));
  return newestState(call)
    .then(() => offsetOf(when, call))
    .then((end) => ({ end }));
}

type End = Pick<AuthorizedCall, 'end'>;

function isRead({ info, request }: Pick<AuthorizedCall, 'info' | 'request'>): boolean {
  if (info.type === 'path') return request.method === 'GET' || request.method === 'HEAD';
  const { verb } = info;
  return verb === 'get' || verb === 'list' || verb === 'watch' || (verb === 'create' && !changesCluster(info));
}

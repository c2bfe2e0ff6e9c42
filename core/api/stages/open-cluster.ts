import { bearerToken } from '../../auth/authenticator.ts';
import { isPublicInfo } from '../../auth/authorizer.ts';
import { LogUnavailable } from '../../log/log.ts';
import { methodNotAllowed, noSuchCluster } from '../answers/failures.ts';
import type { Call } from '../call.ts';

/** Brings up the cluster that the URL names. Throws 404 when there is none, and 405 for a write into the past. */
export async function openCluster(call: Call): Promise<undefined> {
  // A client without a token wakes nothing up. One that acts as such a client has shown its own.
  if (bearerToken(call.request.headers.get('authorization')) === undefined) return;
  const replica = await call.api.replicaOf(call.cluster).catch((error: unknown) => {
    // Health and version need no log: whether it can be read is what health is asked about.
    if (error instanceof LogUnavailable && isPublicInfo(call.path)) return 'unavailable' as const;
    throw error;
  });
  if (replica === 'unavailable') return;
  if (!replica) throw noSuchCluster(call.cluster);
  call.replica = replica;
  if (call.when && !isRead(call)) throw methodNotAllowed(`cluster ${call.cluster} is shown as it was at another time: it can only be read`);
}

/** Reviews are created, but change nothing. */
function isRead({ info, request }: Call): boolean {
  if (info.type === 'path') return request.method === 'GET' || request.method === 'HEAD';
  return info.verb === 'get' || info.verb === 'list' || info.verb === 'watch' || (info.verb === 'create' && info.group.startsWith('auth'));
}

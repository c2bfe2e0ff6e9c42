import { refused } from '../../auth/authorizer.ts';
import { impersonated } from '../../auth/impersonation.ts';
import { isAuthenticated } from '../../kube/user.ts';
import { LogUnavailable } from '../../log/log.ts';
import { noSuchCluster } from '../../replica/cluster-end.ts';
import type { AuthenticatedCall } from '../call.ts';
import { isPublicInfo, servePublicPath } from '../paths/paths.ts';
import { attributesOf } from './authorize.ts';

/**
 * Health and version: every client may get them (the default role system:public-info-viewer), so that neither the log nor a state is needed for them. Whether the log can be read
 * is what health is asked about. The anonymous user gets them of the default cluster and nothing else, whatever is bound to that user: a flood without a token
 * costs no read of the log, and which other clusters there are is not to be found out by guessing. Throws 404 when there is no such cluster, and 403 to a client that shows no token and wants
 * anything else.
 */
export function publicInfo(call: AuthenticatedCall): Promise<Response> | undefined {
  const { path, info, authentication, impersonation } = call;
  const { user } = authentication;
  const isPublic = !impersonation && info.type === 'path' && info.verb === 'get' && isPublicInfo(path);
  if (isAuthenticated(user)) return isPublic ? ofCluster(call) : undefined;
  if (isPublic && call.prefix === '') return servePublicPath(call);
  const attributes = attributesOf(call, user);
  if (impersonation) impersonated({ wanted: impersonation, attributes, authorize: () => ({ allowed: false }) });
  throw refused(attributes, undefined);
}

async function ofCluster(call: AuthenticatedCall): Promise<Response> {
  const { api, cluster } = call;
  const replica = await api.replicaOf(cluster).catch((error: unknown) => {
    if (error instanceof LogUnavailable) return 'unavailable';
    throw error;
  });
  if (!replica || (typeof replica !== 'string' && replica.isOver)) throw noSuchCluster(cluster);
  return servePublicPath(call);
}

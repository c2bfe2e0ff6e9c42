import { isPublicInfo } from '../../auth/authorizer.ts';
import { isAuthenticated } from '../../kube/user.ts';
import { LogUnavailable } from '../../log/log.ts';
import { noSuchCluster } from '../answers/failures.ts';
import type { AuthenticatedCall } from '../call.ts';
import { servePublicPath } from '../paths/paths.ts';
import { attributesOf, refused } from './authorize.ts';

/**
 * Health and version: everybody's to get (the default role system:public-info-viewer), so that neither the log nor a state is needed for them. Whether the log can be read
 * is what health is asked about. Throws 404 when there is no such cluster, and 403 to who shows no token and wants anything else.
 */
export async function publicInfo(call: AuthenticatedCall): Promise<Response | undefined> {
  const { api, cluster, path, info } = call;
  const { user } = call.authentication;
  if (info.type === 'path' && info.verb === 'get' && isPublicInfo(path)) {
    if (isAuthenticated(user) && !(await exists(cluster, api.replicaOf))) throw noSuchCluster(cluster);
    return servePublicPath(call);
  }
  if (!isAuthenticated(user)) throw refused(attributesOf(call, user), undefined);
  return undefined;
}

/** Whether there is a cluster, as far as that can be told: one whose log cannot be read is asked about its health. */
const exists = (cluster: string, replicaOf: (cluster: string) => Promise<unknown>): Promise<boolean> =>
  replicaOf(cluster).then(
    (replica) => replica !== undefined,
    (error: unknown) => {
      if (error instanceof LogUnavailable) return true;
      throw error;
    },
  );

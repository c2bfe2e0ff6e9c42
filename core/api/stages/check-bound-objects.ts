import { bearerIn } from '../../auth/authenticator.ts';
import { unauthorized } from '../../kube/status.ts';
import type { AuthorizedCall, ClusterCall } from '../call.ts';

/** A token ends with the objects that it is bound to: its service account, a pod, a secret, a node; and some are of a user only where the cluster says so. Throws 401. */
export function checkBoundObjects({ authentication, state }: ClusterCall): Pick<AuthorizedCall, 'bearer'> {
  const bearer = bearerIn(authentication, state);
  if (!bearer) throw unauthorized();
  return { bearer };
}

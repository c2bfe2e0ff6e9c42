import { boundObjectsExist } from '../../auth/authenticator.ts';
import { unauthorized } from '../../kube/status.ts';
import type { AuthorizedCall, ClusterCall } from '../call.ts';

/** A token ends with the objects that it is bound to: its service account, a pod, a secret, a node. Throws 401. */
export function checkBoundObjects({ authentication, state }: ClusterCall): Pick<AuthorizedCall, 'bearer'> {
  if (authentication.boundTo && !boundObjectsExist(authentication.boundTo, state)) throw unauthorized();
  return { bearer: authentication.user };
}

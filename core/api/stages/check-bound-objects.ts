import { bearerIn } from '../../auth/bearer-in.ts';
import { unauthorized } from '../../kube/status.ts';
import type { AuthorizedCall, ClusterCall } from '../call.ts';
import { noteUse } from '../request/legacy-token-use.ts';

/** A token ends with the objects that it is bound to: its service account, a pod, a secret, a node; and some are of a user only where the cluster says so. Throws 401. */
export function checkBoundObjects(call: ClusterCall): Checked | Promise<Checked> {
  const { authentication, state, replica } = call;
  const bearer = bearerIn(authentication, state, replica.now());
  if ('why' in bearer) throw unauthorized();
  const checked = { bearer: bearer.user };
  return authentication.heldBy ? noteUse(call, authentication.heldBy).then(() => checked) : checked;
}

type Checked = Pick<AuthorizedCall, 'bearer'>;

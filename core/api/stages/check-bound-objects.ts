import { unauthorized } from '../../kube/status.ts';
import type { AuthorizedCall, ClusterCall } from '../call.ts';
import { noteUse } from '../request/legacy-token-use.ts';
import { bearerOf } from '../request/still-permitted.ts';

/** A token ends with the objects that it is bound to: its service account, a pod, a secret, a node; or with the cluster that had its log; and some are of a user only where the cluster says so. Throws 401. */
export function checkBoundObjects(call: ClusterCall): Checked | Promise<Checked> {
  const { authentication, state, replica } = call;
  if (authentication.ofLog !== undefined && authentication.ofLog !== replica.logName) throw unauthorized();
  const checked = { bearer: bearerOf(call, state, replica.now()) };
  return authentication.heldBy ? noteUse(call, authentication.heldBy).then(() => checked) : checked;
}

type Checked = Pick<AuthorizedCall, 'bearer'>;

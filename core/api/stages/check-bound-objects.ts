import { whyVoid } from '../../auth/void-tokens.ts';
import { unauthorized } from '../../kube/status.ts';
import type { AuthorizedCall, ClusterCall } from '../call.ts';
import { noteUse } from '../request/legacy-token-use.ts';

/** A token ends with the objects that it is bound to: its service account, a pod, a secret, a node. Throws 401. */
export function checkBoundObjects(call: ClusterCall): Checked | Promise<Checked> {
  const { authentication, state, replica } = call;
  const { user: bearer, boundTo, heldBy } = authentication;
  if (boundTo && whyVoid(authentication, state, replica.now()) !== undefined) throw unauthorized();
  return heldBy ? noteUse(call, heldBy).then(() => ({ bearer })) : { bearer };
}

type Checked = Pick<AuthorizedCall, 'bearer'>;

import type { AuthorizedCall, ClusterCall } from '../call.ts';
import { userOf } from '../request/still-permitted.ts';
import { attributesOf } from './authorize.ts';

/**
 * Lets a user who may do so act as another one (`kubectl --as`). From here on the call is that user's, and so is what it writes: the log names the impersonated
 * user as its actor. Throws 403 when it is not allowed.
 */
export function impersonate(call: ClusterCall & Pick<AuthorizedCall, 'bearer'>): Pick<AuthorizedCall, 'user'> {
  const { bearer, state, impersonation } = call;
  if (!impersonation) return { user: bearer };
  const user = userOf({ impersonation, attributes: attributesOf(call, bearer) }, state);
  call.audit?.impersonates(user);
  return { user };
}

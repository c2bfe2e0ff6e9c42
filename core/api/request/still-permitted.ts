import { type Attributes, refused } from '../../auth/authorizer.ts';
import { bearerIn } from '../../auth/bearer-in.ts';
import { clusterAuthorizer } from '../../auth/cluster-authorizer.ts';
import { impersonated } from '../../auth/impersonation.ts';
import type { ClusterInstant } from '../../instant.ts';
import { unauthorized } from '../../kube/status.ts';
import { isMaster, type User } from '../../kube/user.ts';
import type { State } from '../../state/state.ts';
import type { AuthenticatedCall, AuthorizedCall } from '../call.ts';

type Caller = Pick<AuthenticatedCall, 'authentication' | 'impersonation'>;

/** Whether the state of the cluster says who makes a request and what they may do. An administrator may do everything in whatever state, and a token that is bound to no object ends with none. */
export const isJudgedByState = ({ authentication: { user, boundTo, ofLog, namedBy }, impersonation }: Caller): boolean =>
  !isMaster(user) || boundTo !== undefined || ofLog !== undefined || namedBy !== undefined || impersonation !== undefined;

/**
 * A write rests on its permission as on all else that it has read: it is decided where the token is good and the user may do this, whatever was so when the request came. A body may be long in coming and a webhook
 * long to answer, and another writer who takes a role away may be first. Throws 401 and 403.
 */
export function refuseUnlessStillPermitted(call: Caller & Pick<AuthorizedCall, 'attributes'>, state: State, now: ClusterInstant): void {
  if (!isJudgedByState(call)) return;
  const bearer = bearerOf(call, state, now);
  const user = userOf({ impersonation: call.impersonation, attributes: { ...call.attributes, user: bearer } }, state);
  const attributes = { ...call.attributes, user };
  const { allowed, reason } = clusterAuthorizer.authorize(attributes, state);
  if (!allowed) throw refused(attributes, reason);
}

/** Throws 401 when the token is no good in this state. */
export function bearerOf({ authentication }: Pick<Caller, 'authentication'>, state: State, now: ClusterInstant): User {
  const bearer = bearerIn(authentication, state, now);
  if ('why' in bearer) throw unauthorized();
  return bearer.user;
}

/** The bearer who asks for these attributes, or the user that the bearer impersonates. Throws 403 when the bearer may not. */
export function userOf({ impersonation: wanted, attributes }: Pick<Caller, 'impersonation'> & { readonly attributes: Attributes }, state: State): User {
  if (!wanted) return attributes.user;
  return impersonated({ wanted, attributes, authorize: (asked) => clusterAuthorizer.authorize(asked, state) });
}

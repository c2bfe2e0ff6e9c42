import type { Mutation } from '../apis/mutation.ts';
import { clusterAuthorizer } from '../auth/cluster-authorizer.ts';
import { nodeNameOf } from '../auth/node-identity.ts';
import { bootstrapPolicy } from '../controllers/control-plane/bootstrap-policy.ts';
import { CLOUD_USER, LBC_USER } from '../controllers/load-balancers/load-balancer-users.ts';
import { DRIVER_USER } from '../controllers/volumes/driver-user.ts';
import { serviceAccountOf } from '../kube/service-account.ts';
import type { Attributed } from '../reconcile/reconciler.ts';
import type { State } from '../state/state.ts';
import { stateOf, stored } from './state.ts';

/**
 * Whether the roles that its user has in every cluster permit what a reconciler wants. A kubelet's user has none: what it may, the Node authorizer says by the state that it has seen. What it may write of that, NodeRestriction
 * says when it is decided, among the plugins of the cluster: then it is refused (`Cluster.refused`). The roles
 * of a storage driver, a cloud and its load balancers come with them.
 */
export function isPermitted(mutation: Attributed, seen: State): boolean {
  const { actor: user, resource } = mutation;
  if ([DRIVER_USER, CLOUD_USER, LBC_USER].includes(user)) return true;
  // A pod's account: what it may do is asked of the cluster's own roles where its calls are made.
  const account = serviceAccountOf(user.username);
  if (account && account.namespace !== 'kube-system') return true;
  const state = nodeNameOf(user) === undefined ? defaultRoles() : seen;
  const [name = '', ...group] = resource.split('.');
  const { verbs, subresource, ...of } = requestOf(mutation);
  const attributes = { user, group: group.join('.'), version: 'v1', resource: name, ...of, ...(subresource && { subresource }) };
  return verbs.some((verb) => clusterAuthorizer.authorize({ ...attributes, verb }, state).allowed);
}

interface WantedRequest {
  /** Any of them will do. */
  readonly verbs: readonly string[];
  readonly subresource?: string | undefined;
  readonly namespace?: string;
  readonly name?: string;
}

/** The request by which kube-controller-manager or kube-scheduler would do it. What is an update here is a patch of some controllers there. */
function requestOf(mutation: Mutation): WantedRequest {
  switch (mutation.type) {
    case 'create':
      return { verbs: ['create'], ...placeOf(mutation.object.metadata, false) };
    case 'update':
      return { verbs: ['update', 'patch'], subresource: mutation.scaled ? 'scale' : mutation.subresource, ...placeOf(mutation.object.metadata) };
    case 'apply':
      return { verbs: ['patch'], subresource: mutation.subresource, ...placeOf(mutation) };
    case 'delete':
      return { ...(mutation.eviction ? { verbs: ['create'], subresource: 'eviction' } : { verbs: ['delete'] }), ...placeOf(mutation) };
    case 'bind':
      return { verbs: ['create'], subresource: 'binding', ...placeOf(mutation) };
  }
}

const placeOf = ({ namespace, name }: { readonly namespace?: string; readonly name?: string }, named = true) => ({
  ...(namespace && { namespace }),
  ...(named && name && { name }),
});

let roles: State | undefined;

function defaultRoles(): State {
  roles ??= stateOf(bootstrapPolicy().map((object) => stored(object)));
  return roles;
}

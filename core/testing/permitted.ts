import type { Mutation } from '../apis/mutation.ts';
import { clusterAuthorizer } from '../auth/cluster-authorizer.ts';
import { bootstrapPolicy } from '../controllers/control-plane/bootstrap-policy.ts';
import { serviceAccountOf } from '../kube/service-account.ts';
import type { Attributed } from '../reconcile/reconciler.ts';
import type { State } from '../state/state.ts';
import { stateOf, stored } from './state.ts';

/**
 * Whether the roles that its user has in every cluster permit what a reconciler wants. A kubelet's user has none: what it may follows from what is on its node.
 */
export function isPermitted(mutation: Attributed): boolean {
  const { actor: user, resource } = mutation;
  if (user.groups.includes('system:nodes')) return true;
  // A pod's account: what it may do is asked of the cluster's own roles where its calls are made.
  const account = serviceAccountOf(user.username);
  if (account && account.namespace !== 'kube-system') return true;
  const [name = '', ...group] = resource.split('.');
  const { verbs, subresource, ...of } = requestOf(mutation);
  const attributes = { user, group: group.join('.'), version: 'v1', resource: name, ...of, ...(subresource && { subresource }) };
  return verbs.some((verb) => clusterAuthorizer.authorize({ ...attributes, verb }, defaultRoles()).allowed);
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
      return { verbs: ['update', 'patch'], subresource: mutation.subresource, ...placeOf(mutation.object.metadata) };
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

let state: State | undefined;

function defaultRoles(): State {
  state ??= stateOf(bootstrapPolicy().map((object) => stored(object)));
  return state;
}

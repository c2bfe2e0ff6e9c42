import type { PolicyRule, RoleRef } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';

/** The rules of a role, or why there are none. A role that is changed has others: they are known by their identity. */
export type RoleRules = { readonly rules: readonly PolicyRule[] } | { readonly error: RoleError };

/** Of a role that is bound: `resource` and `name` of one that is not there, or else what is wrong with the reference. */
export type RoleError = { readonly missing: 'roles' | 'clusterroles'; readonly name: string } | { readonly text: string };

/** What a binding in a namespace (none: of the cluster) refers to (pkg/registry/rbac/validation, GetRoleReferenceRules). */
export function roleRules({ kind, name }: RoleRef, namespace: string | undefined, state: State): RoleRules {
  switch (kind) {
    case 'Role':
      return rulesOf(state.get('roles.rbac.authorization.k8s.io', namespace, name), { missing: 'roles', name });
    case 'ClusterRole':
      return rulesOf(state.get('clusterroles.rbac.authorization.k8s.io', undefined, name), { missing: 'clusterroles', name });
    default:
      return { error: { text: `unsupported role reference kind: ${JSON.stringify(kind)}` } };
  }
}

const rulesOf = (role: { readonly rules?: readonly PolicyRule[] } | undefined, error: RoleError): RoleRules =>
  role ? { rules: role.rules ?? NONE } : { error };

const NONE: readonly PolicyRule[] = [];

import type { User } from '../../kube/user.ts';
import type { PolicyRule } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { type Attributes, type Authorization, type Authorizer, aggregated, type Rules } from '../authorizer.ts';
import { type Binding, bindingsOf, subjectOf } from './bindings.ts';
import { permits } from './permits.ts';
import { type RoleError, roleRules } from './role-rules.ts';

/**
 * Role-based access control (plugin/pkg/auth/authorizer/rbac): a user may do what a rule permits of a role that is bound to them, in the cluster or in the
 * namespace of the request. Nothing is derived of the roles as a whole: what is bound to a user is looked up by their name and groups, and the rules of a role are
 * compiled once for each of its versions, so that a change of a role or a binding touches nothing but itself.
 */
export const rbac: Authorizer = { authorize, rulesFor };

function authorize(attributes: Attributes, state: State): Authorization {
  const errors: string[] = [];
  const namespace = attributes.path === undefined ? attributes.namespace : undefined;
  for (const binding of bindingsOf(attributes.user, namespace, state)) {
    const role = roleRules(binding.roleRef, binding.metadata.namespace, state);
    if ('error' in role) errors.push(listed(role.error));
    else if (permits(role.rules, attributes)) return { allowed: true, reason: `RBAC: allowed by ${described(binding, attributes.user)}` };
  }
  return errors.length > 0 ? { allowed: false, reason: `RBAC: ${aggregated(errors)}` } : { allowed: false };
}

function rulesFor(user: User, namespace: string, state: State): Rules {
  const { rules, errors } = rulesOf(user, namespace, state);
  return {
    resourceRules: rules
      .filter(({ resources }) => resources?.length)
      .map(({ verbs, apiGroups, resources, resourceNames }) => ({
        verbs,
        ...(apiGroups && { apiGroups }),
        resources: resources!,
        ...(resourceNames && { resourceNames }),
      })),
    nonResourceRules: rules
      .filter(({ nonResourceURLs }) => nonResourceURLs?.length)
      .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs: nonResourceURLs! })),
    incomplete: false,
    errors: errors.map(listed),
  };
}

/** All rules that apply to a user in a namespace (none: in the cluster), and what was wrong with the roles that are bound to them. */
export function rulesOf(user: User, namespace: string | undefined, state: State): { rules: readonly PolicyRule[]; errors: readonly RoleError[] } {
  const rules: PolicyRule[] = [];
  const errors: RoleError[] = [];
  for (const { roleRef, metadata } of bindingsOf(user, namespace, state)) {
    const role = roleRules(roleRef, metadata.namespace, state);
    if ('error' in role) errors.push(role.error);
    else for (const rule of role.rules) rules.push(rule);
  }
  return { rules, errors };
}

/** As client-go's listers say it, which have the resource in the singular. */
const listed = (error: RoleError): string =>
  'text' in error ? error.text : `${error.missing.slice(0, -1)}.rbac.authorization.k8s.io ${JSON.stringify(error.name)} not found`;

/** Of several names that Kubernetes joins by a slash, what is within comes first, here as there. */
function described(binding: Binding, user: User): string {
  const { roleRef, metadata } = binding;
  const { kind, name, namespace: own } = subjectOf(binding, user)!;
  const { namespace } = metadata;
  const source = namespace ? `RoleBinding ${JSON.stringify(`${metadata.name}/${namespace}`)}` : `ClusterRoleBinding ${JSON.stringify(metadata.name)}`;
  const subject = kind === 'ServiceAccount' ? `${name}/${own || namespace}` : name;
  return `${source} of ${roleRef.kind} ${JSON.stringify(roleRef.name)} to ${kind} ${JSON.stringify(subject)}`;
}

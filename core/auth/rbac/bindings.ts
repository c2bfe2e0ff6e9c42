import { serviceAccountUsername } from '../../kube/service-account.ts';
import type { User } from '../../kube/user.ts';
import type { ClusterRoleBinding, RbacSubject, RoleBinding } from '../../schema/generated/kinds.ts';
import { index } from '../../state/indexes.ts';
import type { State } from '../../state/state.ts';

export type Binding = RoleBinding | ClusterRoleBinding;

/**
 * The bindings that apply to a user: those of the cluster, then those of a namespace, when one is given. Each once, by which of its subjects it may be.
 * It costs a look under the user's name and each of their groups, whatever else is bound in the cluster.
 */
export function bindingsOf({ username, groups }: User, namespace: string | undefined, state: State): ReadonlySet<Binding> {
  const bindings = new Set<Binding>();
  for (const scope of namespace ? ['', namespace] : ['']) {
    for (const binding of state.by(bySubject, ofUser(scope, username))) bindings.add(binding);
    for (const group of groups) for (const binding of state.by(bySubject, ofGroup(scope, group))) bindings.add(binding);
  }
  return bindings;
}

/** Bindings by the namespace in which they bind ('' for the cluster) and whom they bind. A service account is the user of its name. */
const bySubject = index(['clusterrolebindings.rbac.authorization.k8s.io', 'rolebindings.rbac.authorization.k8s.io'], (_key, binding) => {
  const scope = binding.metadata.namespace ?? '';
  const values = (binding.subjects ?? []).map((subject) => boundBy(subject, scope)).filter((value) => value !== undefined);
  return values.length > 1 ? [...new Set(values)] : values;
});

/** No namespace has a slash in its name. */
const ofUser = (scope: string, username: string) => `${scope}/user/${username}`;
const ofGroup = (scope: string, group: string) => `${scope}/group/${group}`;

function boundBy({ kind, name, namespace }: RbacSubject, scope: string): string | undefined {
  switch (kind) {
    case 'User':
      return ofUser(scope, name);
    case 'Group':
      return ofGroup(scope, name);
    case 'ServiceAccount': {
      // An account without a namespace is of that of the binding; in a binding of the cluster it is none.
      const own = namespace || scope;
      return own === '' ? undefined : ofUser(scope, serviceAccountUsername({ namespace: own, name }));
    }
    default:
      return undefined;
  }
}

/** The first subject of a binding that a user is. */
export function subjectOf({ subjects = [], metadata: { namespace = '' } }: Binding, { username, groups }: User): RbacSubject | undefined {
  return subjects.find((subject) => {
    const bound = boundBy(subject, namespace);
    return bound !== undefined && (subject.kind === 'Group' ? groups.includes(subject.name) : bound === ofUser(namespace, username));
  });
}

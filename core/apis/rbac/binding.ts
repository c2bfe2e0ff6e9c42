import { goValue } from '../../kube/go-value.ts';
import { same } from '../../kube/object.ts';
import type { FieldError } from '../../kube/status.ts';
import { invalidValue, invalidValues, notSupported, required } from '../../kube/validation/field.ts';
import { pathSegment, subdomain } from '../../kube/validation/names.ts';
import type { ClusterRoleBinding, RbacSubject, RoleBinding, RoleRef } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import type { Strategy } from '../strategy.ts';

/** What RoleBindings and ClusterRoleBindings have in common (pkg/apis/rbac/v1/defaults.go, pkg/apis/rbac/validation). */
export function bindingStrategy(kind: 'roleBinding' | 'clusterRoleBinding'): Strategy<RoleBinding | ClusterRoleBinding> {
  const namespaced = kind === 'roleBinding';
  return {
    createOnUpdate: true,
    nameFormat: 'path',
    defaults(binding) {
      binding.roleRef ??= {} as RoleRef;
      binding.roleRef.apiGroup ||= GROUP;
      for (const subject of binding.subjects ?? []) if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= GROUP;
    },
    validate: ({ roleRef, subjects = [] }) => [
      ...validateRoleRef(roleRef, namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole']),
      ...subjects.flatMap((subject, i) => validateSubject(subject, `subjects[${i}]`, namespaced)),
    ],
    // The role must not change under the administrators who approved of the binding: delete the binding and make another.
    validateUpdate: ({ roleRef }, previous) =>
      same(roleRef, previous.roleRef) ? [] : [invalidValue('roleRef', goValue('rbac.RoleRef', roleRef), 'cannot change roleRef')],
    table: {
      columns: [
        nameColumn,
        column(
          'Role',
          'string',
          namespaced
            ? 'RoleRef can reference a Role in the current namespace or a ClusterRole in the global namespace. If the RoleRef cannot be resolved, the Authorizer must return an error.'
            : 'RoleRef can only reference a ClusterRole in the global namespace. If the RoleRef cannot be resolved, the Authorizer must return an error.',
        ),
        ageColumn,
        column('Users', 'string', `Users in the ${kind}`, 'wide'),
        column('Groups', 'string', `Groups in the ${kind}`, 'wide'),
        column('ServiceAccounts', 'string', `ServiceAccounts in the ${kind}`, 'wide'),
      ],
      cells: (binding, now) => {
        const { roleRef, subjects = [] } = binding;
        const of = (subjectKind: string, text: (subject: RbacSubject) => string) =>
          subjects
            .filter((subject) => subject.kind === subjectKind)
            .map(text)
            .join(', ');
        return [
          binding.metadata.name,
          `${roleRef.kind}/${roleRef.name}`,
          ageOf(binding, now),
          of('User', ({ name }) => name),
          of('Group', ({ name }) => name),
          of('ServiceAccount', ({ name, namespace }) => (namespace ? `${namespace}/${name}` : name)),
        ];
      },
    },
  };
}

const GROUP = 'rbac.authorization.k8s.io';

function validateRoleRef({ apiGroup = '', kind = '', name = '' }: RoleRef, kinds: readonly string[]): FieldError[] {
  return [
    ...(apiGroup === GROUP ? [] : [notSupported('roleRef.apiGroup', apiGroup, [GROUP])]),
    ...(kinds.includes(kind) ? [] : [notSupported('roleRef.kind', kind, kinds)]),
    ...(name ? invalidValues('roleRef.name', name, pathSegment(name)) : [required('roleRef.name')]),
  ];
}

function validateSubject({ kind = '', name = '', apiGroup = '', namespace }: RbacSubject, path: string, namespaced: boolean): FieldError[] {
  const errors = name ? [] : [required(`${path}.name`)];
  if (kind === 'ServiceAccount') {
    if (name) errors.push(...invalidValues(`${path}.name`, name, subdomain(name)));
    if (apiGroup) errors.push(notSupported(`${path}.apiGroup`, apiGroup, ['']));
    if (!namespaced && !namespace) errors.push(required(`${path}.namespace`));
  } else if (kind === 'User' || kind === 'Group') {
    if (apiGroup !== GROUP) errors.push(notSupported(`${path}.apiGroup`, apiGroup, [GROUP]));
  } else {
    errors.push(notSupported(`${path}.kind`, kind, ['ServiceAccount', 'User', 'Group']));
  }
  return errors;
}

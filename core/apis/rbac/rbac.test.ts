import { describe, expect, it } from 'vitest';
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '../../schema/generated/kinds.ts';
import { cell, defaulted, problems, updateProblems } from '../../testing/strategies.ts';
import { strategy as clusterRoles } from './clusterrole.ts';
import { strategy as clusterRoleBindings } from './clusterrolebinding.ts';
import { strategy as roles } from './role.ts';
import { strategy as roleBindings } from './rolebinding.ts';

const object = (kind: string, rest: object) => ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind, metadata: { name: 'system:x' }, ...rest });
const role = (...rules: object[]) => object('Role', { rules }) as unknown as Role;
const clusterRole = (rest: object) => object('ClusterRole', rest) as unknown as ClusterRole;
const binding = (rest: object = {}) => object('RoleBinding', { roleRef: { kind: 'Role', name: 'r' }, ...rest }) as unknown as RoleBinding;
const clusterBinding = (rest: object = {}) =>
  object('ClusterRoleBinding', { roleRef: { kind: 'ClusterRole', name: 'r' }, ...rest }) as unknown as ClusterRoleBinding;

describe('rbac', () => {
  it('defaults the group of what a binding names', () => {
    const subjects = [
      { kind: 'User', name: 'u' },
      { kind: 'Group', name: 'g' },
      { kind: 'ServiceAccount', name: 's', namespace: 'n' },
    ];
    expect(defaulted(roleBindings, binding({ subjects }))).toMatchObject({
      roleRef: { apiGroup: 'rbac.authorization.k8s.io' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io' }, { apiGroup: 'rbac.authorization.k8s.io' }, subjects[2]],
    });
  });

  const cases: { name: string; given: string[]; want: string[] }[] = [
    { name: 'a good Role', given: problems(roles, role({ apiGroups: [''], resources: ['pods'], verbs: ['get'] })), want: [] },
    {
      name: 'an empty rule',
      given: problems(roles, role({})),
      want: [
        'rules[0].verbs: Required value: verbs must contain at least one value',
        'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
        'rules[0].resources: Required value: resource rules must supply at least one resource',
      ],
    },
    {
      name: 'URLs in a namespace',
      given: problems(roles, role({ nonResourceURLs: ['/healthz'], verbs: ['get'] })),
      want: ['rules[0].nonResourceURLs: Invalid value: ["/healthz"]: namespaced rules cannot apply to non-resource URLs'],
    },
    { name: 'URLs of the cluster', given: problems(clusterRoles, clusterRole({ rules: [{ nonResourceURLs: ['/healthz'], verbs: ['get'] }] })), want: [] },
    {
      name: 'an aggregation of nothing',
      given: problems(clusterRoles, clusterRole({ aggregationRule: {} })),
      want: ['aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil'],
    },
    {
      name: 'a binding of an unknown kind to an account without a namespace',
      given: problems(
        clusterRoleBindings,
        clusterBinding({
          roleRef: { kind: 'Role', name: '' },
          subjects: [
            { kind: 'ServiceAccount', name: 's' },
            { kind: 'Robot', name: 'r' },
          ],
        }),
      ),
      want: [
        'roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"',
        'roleRef.name: Required value',
        'subjects[0].namespace: Required value',
        'subjects[1].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"',
      ],
    },
    { name: 'another subject', given: updateProblems(roleBindings, binding({ subjects: [{ kind: 'User', name: 'u' }] }), binding()), want: [] },
    {
      name: 'another role',
      given: updateProblems(roleBindings, binding({ roleRef: { kind: 'Role', name: 'other' } }), binding()),
      want: ['roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"Role","Name":"other"}: cannot change roleRef'],
    },
  ];
  it.each(cases)('$name', ({ given, want }) => expect(given).toEqual(want));

  it('prints who is bound', () => {
    const subjects = [
      { kind: 'User', name: 'a' },
      { kind: 'User', name: 'b' },
      { kind: 'ServiceAccount', name: 's', namespace: 'n' },
    ];
    const object = binding({ subjects });
    expect(['Role', 'Users', 'Groups', 'ServiceAccounts'].map((name) => cell(roleBindings, object, name))).toEqual(['Role/r', 'a, b', '', 'n/s']);
    expect(roles.table!.cells({ ...role(), metadata: { name: 'r', creationTimestamp: '2026-01-01T00:00:00Z' } }, 0)).toEqual(['r', '2026-01-01T00:00:00Z']);
  });
});

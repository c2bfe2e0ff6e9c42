import { column, nameColumn } from '../columns.ts';
import type { KubeObject, Role } from '../generated/kinds.ts';
import type { Strategy, Table } from '../strategy.ts';
import { validatePolicyRule } from './policy-rule.ts';

/** Roles have no printer of their own: they show when they were made (rest.NewDefaultTableConvertor). */
export const roleTable: Table<KubeObject> = {
  columns: [
    nameColumn,
    column(
      'Created At',
      'date',
      'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
    ),
  ],
  cells: ({ metadata }) => [metadata.name, metadata.creationTimestamp ?? ''],
};

/** rbac.authorization.k8s.io/v1 Role. */
export const strategy: Strategy<Role> = {
  nameFormat: 'path',
  validate: ({ rules = [] }) => rules.flatMap((rule, i) => validatePolicyRule(rule, `rules[${i}]`, { namespaced: true })),
  table: roleTable,
};

import type { Role } from '../../schema/generated/kinds.ts';
import { createdAtTable } from '../columns.ts';
import type { Strategy } from '../strategy.ts';
import { validatePolicyRule } from './policy-rule.ts';

/** rbac.authorization.k8s.io/v1 Role. */
export const strategy: Strategy<Role> = {
  createOnUpdate: true,
  nameFormat: 'path',
  validate: ({ rules = [] }) => rules.flatMap((rule, i) => validatePolicyRule(rule, `rules[${i}]`, { namespaced: true })),
  table: createdAtTable,
};

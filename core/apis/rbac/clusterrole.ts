import { invalidValue, required } from '../../kube/validation/field.ts';
import { validateLabelSelector } from '../../kube/validation/selector.ts';
import type { ClusterRole } from '../../schema/generated/kinds.ts';
import { createdAtTable } from '../columns.ts';
import type { Strategy } from '../strategy.ts';
import { validatePolicyRule } from './policy-rule.ts';

/** rbac.authorization.k8s.io/v1 ClusterRole; one with an aggregationRule gets its rules from those that it selects. */
export const strategy: Strategy<ClusterRole> = {
  createOnUpdate: true,
  nameFormat: 'path',
  validate: ({ rules = [], aggregationRule }) => {
    const selectors = aggregationRule?.clusterRoleSelectors ?? [];
    return [
      ...rules.flatMap((rule, i) => validatePolicyRule(rule, `rules[${i}]`, { namespaced: false })),
      ...(aggregationRule && !selectors.length
        ? [required('aggregationRule.clusterRoleSelectors', 'at least one clusterRoleSelector required if aggregationRule is non-nil')]
        : []),
      ...selectors.flatMap((selector, i) => {
        const path = `aggregationRule.clusterRoleSelectors[${i}]`;
        const wrong = validateLabelSelector(selector, path);
        // Kubernetes also makes the selector of it, which goes wrong likewise, and names what came of that: nothing.
        return wrong.length ? [...wrong, invalidValue(path, null, 'invalid label selector.')] : [];
      }),
    ];
  },
  table: createdAtTable,
};

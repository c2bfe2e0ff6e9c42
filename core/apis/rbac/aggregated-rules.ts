import { selects } from '../../kube/label-selector.ts';
import { same } from '../../kube/object.ts';
import type { ClusterRole, PolicyRule } from '../../schema/generated/kinds.ts';

/**
 * The rules of a ClusterRole with an aggregationRule: those of all roles that it selects, each rule once
 * (pkg/controller/clusterroleaggregation). `all`: the ClusterRoles of the cluster, in the order of their names.
 */
export function aggregatedRules(role: ClusterRole, all: readonly ClusterRole[]): PolicyRule[] {
  const rules: PolicyRule[] = [];
  for (const selector of role.aggregationRule?.clusterRoleSelectors ?? []) {
    for (const other of all) {
      if (other.metadata.name === role.metadata.name || !selects(selector, other.metadata.labels)) continue;
      for (const rule of other.rules ?? []) if (!rules.some((known) => same(known, rule))) rules.push(rule);
    }
  }
  return rules;
}

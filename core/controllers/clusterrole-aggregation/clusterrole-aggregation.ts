import { aggregatedRules } from '../../apis/rbac/aggregated-rules.ts';
import { type Key, keyOf, same } from '../../kube/object.ts';
import type { ClusterRole } from '../../schema/generated/kinds.ts';
import { index } from '../../state/indexes.ts';
import type { State } from '../../state/state.ts';
import { type Controller, nothing } from '../controller.ts';
import { updateTo } from '../shared/mutations.ts';

const RESOURCE = 'clusterroles.rbac.authorization.k8s.io';

/** Keeps the rules of ClusterRoles that collect those of others (pkg/controller/clusterroleaggregation). */
export const clusterRoleAggregation: Controller<ClusterRole> = {
  name: 'clusterrole-aggregation-controller',
  resource: RESOURCE,
  watches: { [RESOURCE]: (_change, state) => aggregating(state).map(({ metadata }) => keyOf(RESOURCE, undefined, metadata.name)) },
  primaries: (state) => aggregating(state).map(({ metadata }): Key => keyOf(RESOURCE, undefined, metadata.name)),
  reconcile({ object: role, state }) {
    if (!role?.aggregationRule) return nothing;
    const rules = aggregatedRules(role, state.list(RESOURCE));
    return same(rules, role.rules ?? []) ? nothing : { mutations: [updateTo(RESOURCE, { ...role, rules })] };
  },
};

const aggregating = (state: State) => state.by(byAggregation, '');

const byAggregation = index([RESOURCE], (_key, { aggregationRule }) => (aggregationRule ? [''] : []));

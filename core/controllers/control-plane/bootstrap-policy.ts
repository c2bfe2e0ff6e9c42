import { apisOf } from '../../apis/apis.ts';
import { creation, type Mutation } from '../../apis/mutation.ts';
import { aggregatedRules } from '../../apis/rbac/aggregated-rules.ts';
import { uncovered } from '../../apis/rbac/rule-coverage.ts';
import { type Key, keyOf, same } from '../../kube/object.ts';
import { userNamed } from '../../kube/user.ts';
import type { ClusterRole, ClusterRoleBinding, FlowSchema, PriorityLevelConfiguration, Role, RoleBinding } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import type { Controller } from '../controller.ts';
import { deletionOf, updateTo } from '../shared/mutations.ts';
import policy from './bootstrap-policy.json' with { type: 'json' };

/**
 * Gives a cluster the roles and bindings, the flow schemas and priority levels that kube-apiserver has in it when it has started (`scripts/facts/bootstrap`; RBAC,
 * "Auto-reconciliation"; pkg/registry/rbac/rest/storage_rbac.go, pkg/registry/flowcontrol/rest). What a client took away comes back when controllers start, not
 * before: rules and subjects that a role or binding has lost, where its annotation does not say that it is left alone.
 */
export const bootstrapPolicyController: Controller = {
  name: 'rbac-bootstrap-roles',
  actor: userNamed('system:apiserver'),
  primaries: () => [KEY],
  reconcile: ({ state }) => ({ mutations: bootstrapPolicy().flatMap((object) => reconciled(object, state)) }),
};

const KEY: Key = keyOf('clusterroles.rbac.authorization.k8s.io', undefined, 'cluster-admin');

type PolicyObject = ClusterRole | ClusterRoleBinding | Role | RoleBinding | FlowSchema | PriorityLevelConfiguration;

/** The roles that collect the rules of others have them from the first: `view` before `edit` before `admin`, each of which collects the one before it. */
export function bootstrapPolicy(): readonly PolicyObject[] {
  if (!made) {
    const all = [...(policy as unknown as readonly PolicyObject[])];
    const roles = (all.filter(({ kind }) => kind === 'ClusterRole') as ClusterRole[]).sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    for (const name of ['view', 'edit', 'admin']) {
      const i = roles.findIndex(({ metadata }) => metadata.name === name);
      roles[i] = { ...roles[i]!, rules: aggregatedRules(roles[i]!, roles) };
    }
    const byName = new Map(roles.map((role) => [role.metadata.name, role]));
    made = all.map((object) => (object.kind === 'ClusterRole' ? byName.get(object.metadata.name)! : object));
  }
  return made;
}

let made: readonly PolicyObject[] | undefined;

function reconciled(object: PolicyObject, state: State): Mutation[] {
  const { namespace } = object.metadata;
  if (namespace && !state.get('namespaces', undefined, namespace)) return [];
  const resource = apisOf(state).ofKind(object.apiVersion, object.kind)!.groupResource;
  const there = state.get(resource, namespace, object.metadata.name) as PolicyObject | undefined;
  if (!there) return [creation(resource, object)];
  if (there.metadata.deletionTimestamp || isLeftAlone(there)) return [];
  // What a binding refers to cannot be changed.
  if ('roleRef' in there && !same(there.roleRef, (object as RoleBinding).roleRef)) return [deletionOf(resource, there), creation(resource, object)];
  const whole = completed(there, object);
  return same(whole, there) ? [] : [updateTo(resource, whole)];
}

/** Roles and bindings are kept up unless they say no, flow schemas and levels if they say yes. */
const isLeftAlone = (there: PolicyObject): boolean =>
  'spec' in there
    ? there.metadata.annotations?.['apf.kubernetes.io/autoupdate-spec'] !== 'true'
    : there.metadata.annotations?.['rbac.authorization.kubernetes.io/autoupdate'] === 'false';

/** What is there, with what it lacks (component-helpers/auth/rbac/reconciliation). */
function completed(there: PolicyObject, wanted: PolicyObject): PolicyObject {
  if ('spec' in wanted) return { ...there, spec: wanted.spec } as PolicyObject;
  const { labels, annotations } = wanted.metadata;
  const metadata = {
    ...there.metadata,
    ...(labels && { labels: { ...labels, ...there.metadata.labels } }),
    ...(annotations && { annotations: { ...annotations, ...there.metadata.annotations } }),
  };
  const whole = 'roleRef' in wanted ? withSubjects(there as RoleBinding, wanted) : withRules(there as ClusterRole, wanted as ClusterRole);
  return { ...whole, metadata };
}

function withSubjects(there: RoleBinding, wanted: RoleBinding): RoleBinding {
  const { subjects = [] } = there;
  const missing = (wanted.subjects ?? []).filter((subject) => !subjects.some((known) => same(known, subject)));
  return missing.length > 0 ? { ...there, subjects: [...subjects, ...missing] } : there;
}

/** A role that collects the rules of others is completed by what it selects, and another one collects none. */
function withRules(there: ClusterRole, wanted: ClusterRole): ClusterRole {
  const { aggregationRule, ...role } = there;
  if (wanted.aggregationRule) {
    const selectors = aggregationRule?.clusterRoleSelectors ?? [];
    const missing = (wanted.aggregationRule.clusterRoleSelectors ?? []).filter((selector) => !selectors.some((known) => same(known, selector)));
    return { ...role, aggregationRule: { clusterRoleSelectors: [...selectors, ...missing] } };
  }
  const missing = uncovered(wanted.rules ?? [], role.rules ?? []);
  return missing.length > 0 ? { ...role, rules: [...(role.rules ?? []), ...missing] } : role;
}

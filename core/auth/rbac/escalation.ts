import type { ApiResource } from '../../apis/api-resource.ts';
import { uncovered } from '../../apis/rbac/rule-coverage.ts';
import type { Fields } from '../../kube/fields.ts';
import { type KubeObject, type ObjectMeta, same } from '../../kube/object.ts';
import { forbidden, notFound, plainError, type StatusError } from '../../kube/status.ts';
import { isMaster, type User } from '../../kube/user.ts';
import type { ClusterRole, PolicyRule } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { aggregated, type ResourceAttributes } from '../authorizer.ts';
import { clusterAuthorizer } from '../cluster-authorizer.ts';
import type { Binding } from './bindings.ts';
import { rulesOf } from './rbac.ts';
import { type RoleError, roleRules } from './role-rules.ts';
import { rulesText } from './rules-text.ts';

/** A write of a role or a binding, after mutating admission. */
export interface PolicyWrite {
  readonly user: User;
  readonly resource: ApiResource;
  readonly namespace: string | undefined;
  /** That of the request's path; '' where that names none. */
  readonly requestName: string;
  readonly object: KubeObject;
  /** As it was; none for a creation. */
  readonly old: KubeObject | undefined;
  readonly state: State;
}

/**
 * No user gives to others, nor to themselves, what they may not do: a role is written by those who hold all that it permits (or may `escalate` it), and bound by
 * those who hold that (or may `bind` it) (Using RBAC Authorization, "Privilege escalation prevention and bootstrapping"; pkg/registry/rbac/…/policybased).
 * Throws 403, and 404 for a binding to a role that is not there.
 */
export function refuseEscalation(write: PolicyWrite): void {
  const check = checks[write.resource.groupResource];
  if (check && !isMaster(write.user)) check(write);
}

const checks: Readonly<Record<string, (write: PolicyWrite) => void>> = {
  'roles.rbac.authorization.k8s.io': checkRole,
  'clusterroles.rbac.authorization.k8s.io': checkRole,
  'rolebindings.rbac.authorization.k8s.io': checkBinding,
  'clusterrolebindings.rbac.authorization.k8s.io': checkBinding,
};

function checkRole(write: PolicyWrite): void {
  const { resource, requestName } = write;
  if (may(write, 'escalate', { resource: resource.resource, name: requestName }) || isOfGarbageCollection(write)) return;
  const role = write.object as ClusterRole;
  refuseUnlessHeld(role.rules ?? [], write);
  // What an aggregation gathers may be anything, one day.
  const aggregates = [role, write.old as ClusterRole | undefined].some((each) => each?.aggregationRule?.clusterRoleSelectors?.length);
  if (aggregates && missing(FULL_AUTHORITY, write).length > 0) throw refused(write, 'must have cluster-admin privileges to use the aggregationRule');
}

const FULL_AUTHORITY: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

function checkBinding(write: PolicyWrite): void {
  if (isOfGarbageCollection(write)) return;
  const { roleRef } = write.object as Binding;
  const { kind, name } = roleRef;
  const isKnown = kind === 'Role' || kind === 'ClusterRole';
  if (isKnown && may(write, 'bind', { group: roleRef.apiGroup, resource: kind === 'Role' ? 'roles' : 'clusterroles', name })) return;
  const role = roleRules(roleRef, write.namespace, write.state);
  if ('error' in role) throw 'text' in role.error ? plainError(role.error.text) : notFound(write.resource, name);
  refuseUnlessHeld(role.rules, write);
}

function may({ user, namespace, state }: PolicyWrite, verb: string, of: Pick<ResourceAttributes, 'resource' | 'name'> & { readonly group?: string }): boolean {
  const attributes = { group: 'rbac.authorization.k8s.io', version: '*', ...(namespace && { namespace }), ...of };
  return clusterAuthorizer.authorize({ user, verb, ...attributes }, state).allowed;
}

/** What the garbage collector writes gives nothing to anyone (pkg/registry/rbac, IsOnlyMutatingGCFields). */
function isOfGarbageCollection({ object, old }: PolicyWrite): boolean {
  return old !== undefined && same(withoutLinks(object), withoutLinks(old));
}

function withoutLinks({ metadata, ...fields }: KubeObject): object {
  const { ownerReferences: _o, finalizers: _f, selfLink: _s, managedFields: _m, resourceVersion: _r, ...others } = metadata as ObjectMeta & Fields;
  return { ...fields, metadata: others };
}

/** Throws 403 with what the user would give and does not hold (pkg/registry/rbac/validation, ConfirmNoEscalation). */
function refuseUnlessHeld(rules: readonly PolicyRule[], write: PolicyWrite): void {
  const lacking = missing(rules, write);
  if (lacking.length === 0) return;
  const { user, namespace, state } = write;
  const { errors } = rulesOf(user, namespace, state);
  const who = `user ${JSON.stringify(user.username)} (groups=[${user.groups.map((group) => JSON.stringify(group)).join(' ')}])`;
  const unresolved = errors.length > 0 ? `; resolution errors: [${aggregated(errors.map((error) => resolutionError(error, write)))}]` : '';
  throw refused(write, `${who} is attempting to grant RBAC permissions not currently held:\n${rulesText(lacking)}${unresolved}`);
}

const missing = (rules: readonly PolicyRule[], { user, namespace, state }: PolicyWrite): PolicyRule[] =>
  uncovered(rules, rulesOf(user, namespace, state).rules);

/** The store that Kubernetes asks for roles here takes each for what the request is about. */
const resolutionError = (error: RoleError, { resource }: PolicyWrite): string =>
  'text' in error ? error.text : notFound(resource, error.name).status.message!;

const refused = ({ resource, object }: PolicyWrite, why: string): StatusError => forbidden(resource, object.metadata.name ?? '', why);

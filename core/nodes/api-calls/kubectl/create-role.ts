import type { KubeObject } from '../../../kube/object.ts';
import type { PolicyRule, RoleBinding } from '../../../schema/generated/kinds.ts';
import { Failed } from '../outcome.ts';
import type { Invocation } from './invocation.ts';

const GROUP = 'rbac.authorization.k8s.io';
const API_VERSION = `${GROUP}/v1`;

/** `kubectl create role|clusterrole NAME --verb=get,list --resource=pods,deployments.apps/scale` (kubectl's pkg/cmd/create, generateResourcePolicyRules). */
export function roleOf(invocation: Invocation, kind: 'Role' | 'ClusterRole', name: string): KubeObject {
  const verbs = listed(invocation, 'verb');
  const resources = listed(invocation, 'resource');
  const urls = kind === 'ClusterRole' ? listed(invocation, 'non-resource-url') : [];
  if (verbs.length === 0) throw new Failed('error: at least one verb must be specified');
  if (resources.length === 0 && urls.length === 0)
    throw new Failed(`error: ${kind === 'Role' ? 'at least one resource' : 'one of resource or nonResourceURL'} must be specified`);
  const groups = new Map<string, Set<string>>();
  for (const text of resources.includes('*') ? ['*'] : resources) {
    const { group, resource } = resourceOf(invocation, text);
    groups.set(group, (groups.get(group) ?? new Set()).add(resource));
  }
  const named = [...new Set(invocation.flags.get('resource-name') ?? [])];
  const allVerbs = verbs.includes('*') ? ['*'] : verbs;
  const rules: PolicyRule[] = [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([group, all]) => ({ apiGroups: [group], resources: [...all], ...(named.length > 0 && { resourceNames: named }), verbs: allVerbs }));
  if (urls.length > 0) rules.push({ nonResourceURLs: urls, verbs: allVerbs });
  return { apiVersion: API_VERSION, kind, metadata: metadataOf(invocation, kind, name), rules } as KubeObject;
}

/** `kubectl create rolebinding|clusterrolebinding NAME --clusterrole=NAME --user=NAME --serviceaccount=NAMESPACE:NAME` */
export function roleBindingOf(invocation: Invocation, kind: 'RoleBinding' | 'ClusterRoleBinding', name: string): KubeObject {
  const [role, clusterRole] = [kind === 'RoleBinding' ? invocation.flag('role') : undefined, invocation.flag('clusterrole')];
  if ((role === undefined) === (clusterRole === undefined))
    throw new Failed(`error: ${kind === 'RoleBinding' ? 'exactly one of clusterrole or role' : 'clusterrole'} must be specified`);
  const of = (flag: string) => invocation.flags.get(flag) ?? [];
  const subjects: RoleBinding['subjects'] = [
    ...of('user').map((user) => ({ kind: 'User', apiGroup: GROUP, name: user })),
    ...of('group').map((group) => ({ kind: 'Group', apiGroup: GROUP, name: group })),
    ...of('serviceaccount').map((text) => {
      const [namespace, account, more] = text.split(':');
      if (!namespace || !account || more !== undefined) throw new Failed('error: serviceaccount must be <namespace>:<name>');
      return { kind: 'ServiceAccount', namespace, name: account };
    }),
  ];
  const roleRef = { apiGroup: GROUP, kind: role === undefined ? 'ClusterRole' : 'Role', name: role ?? clusterRole };
  return { apiVersion: API_VERSION, kind, metadata: metadataOf(invocation, kind, name), roleRef, subjects } as KubeObject;
}

const metadataOf = ({ namespace }: Invocation, kind: string, name: string) => (kind.startsWith('Cluster') ? { name } : { name, namespace });

const listed = ({ flags }: Invocation, flag: string): string[] => [...new Set((flags.get(flag) ?? []).flatMap((text) => text.split(',')))];

/** `deployments.apps/scale`, by any of its names. */
function resourceOf(invocation: Invocation, text: string): { group: string; resource: string } {
  const [name = '', subresource] = text.split(/\/(.*)/s) as [string, string?];
  if (!name) throw new Failed('error: resource must be specified if apiGroup/subresource specified');
  const below = subresource ? `/${subresource}` : '';
  if (name === '*' || name.startsWith('*.')) return { group: name.slice(2), resource: `*${below}` };
  const api = invocation.resource(name);
  return { group: api.group, resource: `${api.resource}${below}` };
}

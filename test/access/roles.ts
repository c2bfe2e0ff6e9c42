/** Roles, bindings and service accounts of the namespace a, and of the cluster, each in a line. */

const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1' };
export const apiGroup = 'rbac.authorization.k8s.io';
export const rule = (group: string, resources: string, verbs: string, resourceNames?: string[]) => ({
  apiGroups: [group],
  resources: resources.split(','),
  verbs: verbs.split(','),
  ...(resourceNames && { resourceNames }),
});
export const role = (name: string, ...rules: object[]) => ({ ...rbac, kind: 'Role', metadata: { name, namespace: 'a' }, rules });
export const clusterRole = (name: string, ...rules: object[]) => ({ ...rbac, kind: 'ClusterRole', metadata: { name }, rules });
const subject = (name: string) => (name.startsWith('sa:') ? { kind: 'ServiceAccount', name: name.slice(3), namespace: 'a' } : { kind: 'User', apiGroup, name });
export const bind = (name: string, ref: string, who: string) => ({
  ...rbac,
  kind: 'RoleBinding',
  metadata: { name, namespace: 'a' },
  roleRef: { apiGroup, kind: ref.split('/')[0], name: ref.split('/')[1] },
  subjects: [subject(who)],
});
export const clusterBind = (name: string, ref: string, who: string) => ({
  ...rbac,
  kind: 'ClusterRoleBinding',
  metadata: { name },
  roleRef: { apiGroup, kind: 'ClusterRole', name: ref },
  subjects: [subject(who)],
});
export const account = (name: string) => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: 'a' } });

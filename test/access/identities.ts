/** Who asks, in the order of the columns of `requests.ts`. `user`: impersonated by the administrator; `account`: by a token of its own; neither: without a token. */
export const identities: readonly Identity[] = [
  { column: 'M', who: 'the administrator of the kubeconfig', user: undefined, token: true },
  { column: 'C', who: 'cluster-admin by a ClusterRoleBinding', user: 'carol' },
  { column: 'W', who: 'view by a ClusterRoleBinding', user: 'wendy' },
  { column: 'A', who: 'admin by a RoleBinding in a', user: 'adam' },
  { column: 'E', who: 'edit by a RoleBinding in a', user: 'erin' },
  { column: 'V', who: 'view by a RoleBinding in a, to a group', user: 'victor', groups: ['viewers'] },
  { column: 'S', who: 'a service account of a with view there', user: 'system:serviceaccount:a:app', account: true },
  { column: 'P', who: 'particular rules, in a and of URLs', user: 'pat' },
  { column: 'N', who: 'no roles but those of all who authenticate', user: 'nora' },
  { column: 'X', who: 'no token', user: 'system:anonymous', anonymous: true },
];

export interface Identity {
  readonly column: string;
  readonly who: string;
  readonly user: string | undefined;
  readonly groups?: readonly string[];
  readonly token?: true;
  readonly account?: true;
  readonly anonymous?: true;
}

const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1' };
const apiGroup = 'rbac.authorization.k8s.io';
const user = (name: string) => ({ kind: 'User', apiGroup, name });
const bound = (name: string, role: string, subject: object, namespace?: string) => ({
  ...rbac,
  kind: namespace ? 'RoleBinding' : 'ClusterRoleBinding',
  metadata: { name, ...(namespace && { namespace }) },
  roleRef: { apiGroup, kind: role.includes('/') ? 'Role' : 'ClusterRole', name: role.split('/').at(-1) },
  subjects: [subject],
});

/** What gives them their roles, and what they ask for. */
export const objects: readonly object[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } },
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'app', namespace: 'a' } },
  { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'a' }, spec: { containers: [{ name: 'c', image: 'registry.example/c:1' }] } },
  bound('carol', 'cluster-admin', user('carol')),
  bound('wendy', 'view', user('wendy')),
  bound('adam', 'admin', user('adam'), 'a'),
  bound('erin', 'edit', user('erin'), 'a'),
  bound('viewers', 'view', { kind: 'Group', apiGroup, name: 'viewers' }, 'a'),
  bound('app', 'view', { kind: 'ServiceAccount', name: 'app' }, 'a'),
  {
    ...rbac,
    kind: 'Role',
    metadata: { name: 'particular', namespace: 'a' },
    rules: [
      { apiGroups: [''], resources: ['pods'], resourceNames: ['web'], verbs: ['get', 'list', 'watch', 'create', 'patch', 'deletecollection'] },
      { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
      { apiGroups: [''], resources: ['pods/exec'], verbs: ['create'] },
      { apiGroups: [''], resources: ['configmaps', 'endpoints'], verbs: ['create'] },
      { apiGroups: [''], resources: ['services', 'leases'], verbs: ['update', 'patch'] },
      { apiGroups: ['apps'], resources: ['*/status'], verbs: ['get'] },
      { apiGroups: ['apps'], resources: ['deployments/scale'], verbs: ['*'] },
      { apiGroups: ['*'], resources: ['gizmos'], verbs: ['list'] },
    ],
  },
  bound('particular', 'Role/particular', user('pat'), 'a'),
  { ...rbac, kind: 'ClusterRole', metadata: { name: 'urls' }, rules: [{ nonResourceURLs: ['/metrics', '/logs/*', '/livez/ping'], verbs: ['get'] }] },
  bound('urls', 'urls', user('pat')),
];

/** Single requests, and what they are answered. `as`: a user of `identities.ts`, whom the administrator impersonates, or by `account` a service account of a with a token of its own. */
export interface Exchange {
  readonly name: string;
  readonly as?: string;
  readonly account?: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly request: string;
  readonly type?: string;
  readonly body?: object;
  readonly code: number;
  readonly message?: string;
  readonly status?: object;
}

const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1' };
const apiGroup = 'rbac.authorization.k8s.io';
const RBAC = `/apis/${rbac.apiVersion}`;
const rule = (group: string, resources: string, verbs: string, resourceNames?: string[]) => ({
  apiGroups: [group],
  resources: resources.split(','),
  verbs: verbs.split(','),
  ...(resourceNames && { resourceNames }),
});
const role = (name: string, ...rules: object[]) => ({ ...rbac, kind: 'Role', metadata: { name, namespace: 'a' }, rules });
const clusterRole = (name: string, ...rules: object[]) => ({ ...rbac, kind: 'ClusterRole', metadata: { name }, rules });
const subject = (name: string) => (name.startsWith('sa:') ? { kind: 'ServiceAccount', name: name.slice(3), namespace: 'a' } : { kind: 'User', apiGroup, name });
const bind = (name: string, ref: string, who: string) => ({
  ...rbac,
  kind: 'RoleBinding',
  metadata: { name, namespace: 'a' },
  roleRef: { apiGroup, kind: ref.split('/')[0], name: ref.split('/')[1] },
  subjects: [subject(who)],
});
const clusterBind = (name: string, ref: string, who: string) => ({
  ...rbac,
  kind: 'ClusterRoleBinding',
  metadata: { name },
  roleRef: { apiGroup, kind: 'ClusterRole', name: ref },
  subjects: [subject(who)],
});
const account = (name: string) => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: 'a' } });

/** What they need. */
export const given: readonly object[] = [
  account('actor'),
  account('constrained'),
  clusterRole(
    'actor',
    rule('', 'users', 'impersonate', ['bob', 'system:anonymous']),
    rule('', 'groups', 'impersonate', ['dev', 'system:unauthenticated']),
    rule('authentication.k8s.io', 'userextras/scopes', 'impersonate', ['x']),
    rule('authentication.k8s.io', 'uids', 'impersonate', ['u']),
  ),
  clusterBind('actor', 'actor', 'sa:actor'),
  role('actor', rule('', 'serviceaccounts', 'impersonate', ['app'])),
  bind('actor', 'Role/actor', 'sa:actor'),
  clusterRole(
    'constrained',
    rule('authentication.k8s.io', 'users', 'impersonate:user-info', ['bob']),
    rule('authentication.k8s.io', 'groups', 'impersonate:user-info', ['*', 'system:masters']),
    rule('authentication.k8s.io', 'nodes', 'impersonate:arbitrary-node', ['n']),
    rule('authentication.k8s.io', 'selfsubjectreviews', 'impersonate-on:user-info:create,impersonate-on:arbitrary-node:create'),
  ),
  clusterBind('constrained', 'constrained', 'sa:constrained'),
  // Who may write roles, and holds little of what they could give.
  role('writer', rule(apiGroup, 'roles,rolebindings', 'get,create,update,patch,delete'), rule('', 'configmaps', 'get,list'), rule('apps', 'deployments', '*')),
  bind('writer', 'Role/writer', 'will'),
  role('weak', rule('', 'configmaps', 'get')),
  role('strong', rule('', 'secrets', 'get'), rule('', 'pods', '*')),
  bind('dangling', 'Role/gone', 'will'),
  clusterRole('cluster-writer', rule(apiGroup, 'clusterroles,clusterrolebindings', 'create,update')),
  clusterBind('cluster-writer', 'cluster-writer', 'clara'),
  role('binder', rule(apiGroup, 'rolebindings', 'create'), rule(apiGroup, 'clusterroles', 'bind', ['view'])),
  bind('binder', 'Role/binder', 'bea'),
  role('escalator', rule(apiGroup, 'roles', 'create,update,patch'), rule(apiGroup, 'roles', 'escalate', ['mine'])),
  bind('escalator', 'Role/escalator', 'esther'),
  role('getter', rule('', 'pods/exec,pods/attach,pods/proxy', 'get')),
  bind('getter', 'Role/getter', 'gus'),
];

const SECRETS = '{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}';
const attempt = (user: string, rules: string, more = '') =>
  `user "${user}" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n${rules}${more}`;
const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'new' }, spec: { ports: [{ port: 80 }] } };
const APPLY = 'application/apply-patch+yaml';
const MERGE = 'application/merge-patch+json';
const WHO = 'POST /apis/authentication.k8s.io/v1/selfsubjectreviews';
const reviewed = (userInfo: object) => ({ userInfo });
const ACTOR = 'system:serviceaccount:a:actor';
const CONSTRAINED = 'system:serviceaccount:a:constrained';

export const exchanges: readonly Exchange[] = [
  // Who asks.
  { name: 'a token that was never issued', token: 'guess', request: 'GET /version', code: 401, message: 'Unauthorized' },
  {
    name: 'another scheme than Bearer',
    headers: { authorization: 'Basic YTpi' },
    request: 'GET /api',
    code: 403,
    message: 'forbidden: User "system:anonymous" cannot get path "/api"',
  },

  // What is created by a write to a name needs leave to create.
  {
    name: 'a PUT of what is not there, by who may update',
    as: 'pat',
    request: 'PUT /api/v1/namespaces/a/services/new',
    body: service,
    code: 403,
    message: 'services "new" is forbidden: User "pat" cannot create resource "services" in API group "" in the namespace "a"',
  },
  {
    name: 'an apply of what is not there, by who may patch',
    as: 'pat',
    request: 'PATCH /api/v1/namespaces/a/services/new?fieldManager=m',
    type: APPLY,
    body: service,
    code: 403,
    message: 'services "new" is forbidden: User "pat" cannot create resource "services" in API group "" in the namespace "a"',
  },
  {
    name: 'a PUT of what is not there and would be invalid, by who may update',
    as: 'pat',
    request: 'PUT /api/v1/namespaces/a/services/new',
    body: { ...service, spec: { ...service.spec, type: 'None' } },
    code: 422,
    message: 'Service "new" is invalid: spec.type: Unsupported value: "None": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
  },
  {
    name: 'an apply of what is not there and would be invalid, by who may patch',
    as: 'pat',
    request: 'PATCH /api/v1/namespaces/a/services/new?fieldManager=m',
    type: APPLY,
    body: { ...service, spec: { ...service.spec, type: 'None' } },
    code: 422,
    message: 'Service "new" is invalid: spec.type: Unsupported value: "None": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
  },
  {
    name: 'another patch of what is not there',
    as: 'pat',
    request: 'PATCH /api/v1/namespaces/a/services/new',
    type: MERGE,
    body: {},
    code: 404,
    message: 'services "new" not found',
  },
  {
    name: 'a PUT of what is not there, by who may create it, too',
    as: 'erin',
    request: 'PUT /api/v1/namespaces/a/services/new?dryRun=All',
    body: service,
    code: 201,
  },
  {
    name: 'a POST of a name that a rule has',
    as: 'pat',
    request: 'POST /api/v1/namespaces/a/pods',
    body: { metadata: { name: 'web' } },
    code: 403,
    message: 'pods is forbidden: User "pat" cannot create resource "pods" in API group "" in the namespace "a"',
  },
  {
    name: 'a name to be generated',
    as: 'pat',
    request: 'POST /api/v1/namespaces/a/configmaps?dryRun=All',
    body: { metadata: { generateName: 'c-' } },
    code: 201,
  },
  {
    name: 'a body that is none, by who may not',
    as: 'nora',
    request: 'POST /api/v1/namespaces/a/configmaps',
    body: [],
    code: 403,
    message: 'configmaps is forbidden: User "nora" cannot create resource "configmaps" in API group "" in the namespace "a"',
  },

  // A WebSocket is opened by a GET.
  {
    name: 'a GET of exec by who may not create it',
    as: 'gus',
    request: 'GET /api/v1/namespaces/a/pods/web/exec?command=sh',
    code: 403,
    message: 'pods "web" is forbidden: ',
  },
  {
    name: 'a GET of exec where there is no pod, by who may not create it',
    as: 'gus',
    request: 'GET /api/v1/namespaces/a/pods/none/attach',
    code: 403,
    message: 'pods "none" is forbidden: ',
  },
  { name: 'a GET of a proxy by who may do that', as: 'gus', request: 'GET /api/v1/namespaces/a/pods/none/proxy', code: 404, message: 'pods "none" not found' },

  // Acting as others.
  {
    name: 'as a user who is named',
    account: 'actor',
    headers: { 'impersonate-user': 'bob' },
    request: WHO,
    body: {},
    code: 201,
    status: reviewed({ username: 'bob', groups: ['system:authenticated'] }),
  },
  {
    name: 'as more of that user',
    account: 'actor',
    headers: { 'impersonate-user': 'bob', 'impersonate-group': 'dev', 'impersonate-extra-scopes': 'x', 'impersonate-uid': 'u' },
    request: WHO,
    body: {},
    code: 201,
    status: reviewed({ username: 'bob', uid: 'u', groups: ['dev', 'system:authenticated'], extra: { scopes: ['x'] } }),
  },
  {
    name: 'as another user',
    account: 'actor',
    headers: { 'impersonate-user': 'ann' },
    request: 'GET /api/v1/nodes',
    code: 403,
    message: `nodes is forbidden: User "${ACTOR}" cannot impersonate-on:user-info:list resource "nodes" in API group "" at the cluster scope`,
  },
  {
    name: 'as an administrator',
    account: 'actor',
    headers: { 'impersonate-user': 'bob', 'impersonate-group': 'system:masters' },
    request: 'GET /api/v1/nodes',
    code: 403,
    message: `nodes is forbidden: User "${ACTOR}" cannot impersonate-on:user-info:list resource "nodes" in API group "" at the cluster scope`,
  },
  {
    name: 'as a node',
    account: 'actor',
    headers: { 'impersonate-user': 'system:node:n' },
    request: 'GET /version',
    code: 403,
    message: `forbidden: User "${ACTOR}" cannot impersonate-on:arbitrary-node:get path "/version"`,
  },
  {
    name: 'as a service account',
    account: 'actor',
    headers: { 'impersonate-user': 'system:serviceaccount:a:app' },
    request: 'GET /api/v1/namespaces/a/pods',
    code: 200,
  },
  {
    name: 'as one of another namespace',
    account: 'actor',
    headers: { 'impersonate-user': 'system:serviceaccount:b:app' },
    request: 'GET /apis',
    code: 403,
    message: `forbidden: User "${ACTOR}" cannot impersonate-on:serviceaccount:get path "/apis"`,
  },
  {
    name: 'as that user, who may not',
    account: 'actor',
    headers: { 'impersonate-user': 'bob' },
    request: 'GET /api/v1/nodes',
    code: 403,
    message: 'nodes is forbidden: User "bob" cannot list resource "nodes" in API group "" at the cluster scope',
  },
  {
    name: 'as no user, of whom something is bound',
    account: 'actor',
    headers: { 'impersonate-user': 'system:anonymous' },
    request: 'GET /api',
    code: 403,
    message: 'forbidden: User "system:anonymous" cannot get path "/api"',
  },
  {
    name: 'for what is allowed as another',
    account: 'constrained',
    headers: { 'impersonate-user': 'bob' },
    request: WHO,
    body: {},
    code: 201,
    status: reviewed({ username: 'bob', groups: ['system:authenticated'] }),
  },
  {
    name: 'as a node, to whose groups it belongs',
    account: 'constrained',
    headers: { 'impersonate-user': 'system:node:n' },
    request: WHO,
    body: {},
    code: 201,
    status: reviewed({ username: 'system:node:n', groups: ['system:nodes', 'system:authenticated'] }),
  },
  {
    name: 'for something else as another',
    account: 'constrained',
    headers: { 'impersonate-user': 'bob' },
    request: 'GET /api/v1/nodes',
    code: 403,
    message: `nodes is forbidden: User "${CONSTRAINED}" cannot impersonate-on:user-info:list resource "nodes" in API group "" at the cluster scope`,
  },
  {
    name: 'for what is allowed, as a third',
    account: 'constrained',
    headers: { 'impersonate-user': 'ann' },
    request: WHO,
    body: {},
    code: 403,
    message: `users.authentication.k8s.io "ann" is forbidden: User "${CONSTRAINED}" cannot impersonate:user-info resource "users" in API group "authentication.k8s.io" at the cluster scope`,
  },
  {
    name: 'for what is allowed, as of many groups',
    account: 'constrained',
    headers: { 'impersonate-user': 'bob', 'impersonate-group': 'a,b,c,d' },
    request: WHO,
    body: {},
    code: 201,
    status: reviewed({ username: 'bob', groups: ['a', 'b', 'c', 'd', 'system:authenticated'] }),
  },
  {
    name: 'for what is allowed, as of few that are not named',
    account: 'constrained',
    headers: { 'impersonate-user': 'bob', 'impersonate-group': 'a' },
    request: WHO,
    body: {},
    code: 403,
    message: `groups.authentication.k8s.io "a" is forbidden: User "${CONSTRAINED}" cannot impersonate:user-info resource "groups" in API group "authentication.k8s.io" at the cluster scope`,
  },
  {
    name: 'for what is allowed, as an administrator',
    account: 'constrained',
    headers: { 'impersonate-user': 'bob', 'impersonate-group': 'system:masters' },
    request: WHO,
    body: {},
    code: 403,
    message: `groups.authentication.k8s.io "system:masters" is forbidden: User "${CONSTRAINED}" cannot impersonate:user-info resource "groups" in API group "authentication.k8s.io" at the cluster scope: impersonating the system:masters group is not allowed`,
  },

  // What may be given.
  {
    name: 'a role of what its writer holds',
    as: 'will',
    request: `POST ${RBAC}/namespaces/a/roles?dryRun=All`,
    body: role('x', rule('', 'configmaps', 'get'), rule('apps', 'deployments', 'delete', ['d'])),
    code: 201,
  },
  {
    name: 'a role of more',
    as: 'will',
    request: `POST ${RBAC}/namespaces/a/roles`,
    body: role('x', rule('', 'configmaps,secrets', 'get')),
    code: 403,
    message: `roles.rbac.authorization.k8s.io "x" is forbidden: ${attempt('will', SECRETS, '; resolution errors: [roles.rbac.authorization.k8s.io "gone" not found]')}`,
  },
  {
    name: 'a role of more, by its names',
    as: 'will',
    request: `POST ${RBAC}/namespaces/a/roles`,
    body: role('x', rule('', 'secrets', 'get,list', ['s', 't'])),
    code: 403,
    message: `roles.rbac.authorization.k8s.io "x" is forbidden: ${attempt('will', '{APIGroups:[""], Resources:["secrets"], ResourceNames:["s"], Verbs:["get" "list"]}\n{APIGroups:[""], Resources:["secrets"], ResourceNames:["t"], Verbs:["get" "list"]}', '; resolution errors: [roles.rbac.authorization.k8s.io "gone" not found]')}`,
  },
  {
    name: 'a patch that adds to a role',
    as: 'will',
    request: `PATCH ${RBAC}/namespaces/a/roles/weak`,
    type: MERGE,
    body: { rules: [rule('', 'secrets', 'get')] },
    code: 403,
    message: `roles.rbac.authorization.k8s.io "weak" is forbidden: ${attempt('will', SECRETS, '; resolution errors: [roles.rbac.authorization.k8s.io "gone" not found]')}`,
  },
  {
    name: 'a label on a role of more',
    as: 'will',
    request: `PATCH ${RBAC}/namespaces/a/roles/strong`,
    type: MERGE,
    body: { metadata: { labels: { a: 'b' } } },
    code: 403,
    message: `roles.rbac.authorization.k8s.io "strong" is forbidden: ${attempt('will', `{APIGroups:[""], Resources:["pods"], Verbs:["*"]}\n${SECRETS}`, '; resolution errors: [roles.rbac.authorization.k8s.io "gone" not found]')}`,
  },
  {
    name: 'a finalizer on a role of more',
    as: 'will',
    request: `PATCH ${RBAC}/namespaces/a/roles/strong?dryRun=All`,
    type: MERGE,
    body: { metadata: { finalizers: ['example.com/x'] } },
    code: 200,
  },
  {
    name: 'an apply of a role of more',
    as: 'will',
    request: `PATCH ${RBAC}/namespaces/a/roles/x?fieldManager=m`,
    type: APPLY,
    body: role('x', rule('', 'secrets', 'get')),
    code: 403,
    message: `roles.rbac.authorization.k8s.io "x" is forbidden: ${attempt('will', SECRETS, '; resolution errors: [roles.rbac.authorization.k8s.io "gone" not found]')}`,
  },
  {
    name: 'a binding to what its writer holds',
    as: 'will',
    request: `POST ${RBAC}/namespaces/a/rolebindings?dryRun=All`,
    body: bind('x', 'Role/weak', 'nora'),
    code: 201,
  },
  {
    name: 'a binding to more',
    as: 'will',
    request: `POST ${RBAC}/namespaces/a/rolebindings`,
    body: bind('x', 'Role/strong', 'nora'),
    code: 403,
    message: `rolebindings.rbac.authorization.k8s.io "x" is forbidden: ${attempt('will', `{APIGroups:[""], Resources:["pods"], Verbs:["*"]}\n${SECRETS}`, '; resolution errors: [rolebindings.rbac.authorization.k8s.io "gone" not found]')}`,
  },
  {
    name: 'a binding to a role that is not there',
    as: 'will',
    request: `POST ${RBAC}/namespaces/a/rolebindings`,
    body: bind('x', 'Role/none', 'nora'),
    code: 404,
    message: 'rolebindings.rbac.authorization.k8s.io "none" not found',
  },
  {
    name: 'a binding to cluster-admin by admin',
    as: 'adam',
    request: `POST ${RBAC}/namespaces/a/rolebindings`,
    body: bind('x', 'ClusterRole/cluster-admin', 'adam'),
    code: 403,
    message: `rolebindings.rbac.authorization.k8s.io "x" is forbidden: ${attempt('adam', '{APIGroups:["*"], Resources:["*"], Verbs:["*"]}\n{NonResourceURLs:["*"], Verbs:["*"]}')}`,
  },
  {
    name: 'a binding to edit by admin, who has all of that',
    as: 'adam',
    request: `POST ${RBAC}/namespaces/a/rolebindings?dryRun=All`,
    body: bind('x', 'ClusterRole/edit', 'nora'),
    code: 201,
  },
  {
    name: 'a binding that is allowed by its role',
    as: 'bea',
    request: `POST ${RBAC}/namespaces/a/rolebindings?dryRun=All`,
    body: bind('x', 'ClusterRole/view', 'nora'),
    code: 201,
  },
  {
    name: 'a binding to a role that is allowed, but is not there',
    as: 'carol',
    request: `POST ${RBAC}/namespaces/a/rolebindings?dryRun=All`,
    body: bind('x', 'ClusterRole/none', 'nora'),
    code: 201,
  },
  {
    name: 'a role of more by who may escalate it',
    as: 'esther',
    request: `PUT ${RBAC}/namespaces/a/roles/mine?dryRun=All`,
    body: role('mine', rule('', 'secrets', 'get')),
    code: 201,
  },
  {
    name: 'another one',
    as: 'esther',
    request: `PUT ${RBAC}/namespaces/a/roles/other`,
    body: role('other', rule('', 'secrets', 'get')),
    code: 403,
    message: `roles.rbac.authorization.k8s.io "other" is forbidden: ${attempt('esther', SECRETS)}`,
  },
  {
    name: 'that one by a POST, which names none',
    as: 'esther',
    request: `POST ${RBAC}/namespaces/a/roles`,
    body: role('mine', rule('', 'secrets', 'get')),
    code: 403,
    message: `roles.rbac.authorization.k8s.io "mine" is forbidden: ${attempt('esther', SECRETS)}`,
  },
  {
    name: 'an aggregation by who does not hold everything',
    as: 'clara',
    request: `POST ${RBAC}/clusterroles`,
    body: { ...clusterRole('x'), aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] } },
    code: 403,
    message: 'clusterroles.rbac.authorization.k8s.io "x" is forbidden: must have cluster-admin privileges to use the aggregationRule',
  },
  {
    name: 'a role of URLs that its writer does not hold',
    as: 'clara',
    request: `POST ${RBAC}/clusterroles`,
    body: clusterRole('x', { nonResourceURLs: ['/metrics', '/healthz', '/apis/x'], verbs: ['get'] }),
    code: 403,
    message: `clusterroles.rbac.authorization.k8s.io "x" is forbidden: ${attempt('clara', '{NonResourceURLs:["/metrics"], Verbs:["get"]}')}`,
  },
  {
    name: 'a binding in the cluster to what is held there',
    as: 'clara',
    request: `POST ${RBAC}/clusterrolebindings?dryRun=All`,
    body: clusterBind('x', 'system:basic-user', 'nora'),
    code: 201,
  },

  // Questions.
  {
    name: 'may I? yes, and why',
    as: 'victor',
    headers: { 'impersonate-group': 'viewers' },
    request: 'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    body: { spec: { resourceAttributes: { namespace: 'a', verb: 'get', resource: 'pods' } } },
    code: 201,
    status: { allowed: true, reason: 'RBAC: allowed by RoleBinding "viewers/a" of ClusterRole "view" to Group "viewers"' },
  },
  {
    name: 'may I? no, and why',
    as: 'will',
    request: 'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    body: { spec: { resourceAttributes: { namespace: 'a', verb: 'get', resource: 'nodes' } } },
    code: 201,
    status: { allowed: false, reason: 'RBAC: role.rbac.authorization.k8s.io "gone" not found' },
  },
  {
    name: 'may a service account?',
    request: 'POST /apis/authorization.k8s.io/v1/subjectaccessreviews',
    body: { spec: { user: 'system:serviceaccount:a:app', resourceAttributes: { namespace: 'a', verb: 'list', group: 'apps', resource: 'deployments' } } },
    code: 201,
    status: { allowed: true, reason: 'RBAC: allowed by RoleBinding "app/a" of ClusterRole "view" to ServiceAccount "app/a"' },
  },
  {
    name: 'may one of some name?',
    request: 'POST /apis/authorization.k8s.io/v1/subjectaccessreviews',
    body: { spec: { user: 'pat', resourceAttributes: { namespace: 'a', verb: 'get', resource: 'pods', name: 'web' } } },
    code: 201,
    status: { allowed: true, reason: 'RBAC: allowed by RoleBinding "particular/a" of Role "particular" to User "pat"' },
  },
  {
    name: 'a selector that cannot be read',
    request: 'POST /apis/authorization.k8s.io/v1/subjectaccessreviews',
    body: {
      spec: {
        user: 'nora',
        resourceAttributes: {
          namespace: 'a',
          verb: 'list',
          resource: 'pods',
          fieldSelector: { rawSelector: 'x' },
          labelSelector: {
            requirements: [
              { key: 'a', operator: 'Near' },
              { key: 'b', operator: 'Exists' },
            ],
          },
        },
      },
    },
    code: 201,
    status: {
      allowed: false,
      evaluationError:
        'spec.resourceAttributes.fieldSelector ignored due to parse error; spec.resourceAttributes.labelSelector partially ignored due to parse error',
    },
  },
  {
    name: 'in a namespace, asked by its admin',
    as: 'adam',
    request: 'POST /apis/authorization.k8s.io/v1/namespaces/a/localsubjectaccessreviews',
    body: { spec: { user: 'erin', resourceAttributes: { namespace: 'a', verb: 'create', resource: 'pods' } } },
    code: 201,
    status: { allowed: true, reason: 'RBAC: allowed by RoleBinding "erin/a" of ClusterRole "edit" to User "erin"' },
  },
  {
    name: 'of a URL',
    request: 'POST /apis/authorization.k8s.io/v1/subjectaccessreviews',
    body: { spec: { groups: ['system:unauthenticated'], nonResourceAttributes: { path: '/healthz', verb: 'get' } } },
    code: 201,
    status: {
      allowed: true,
      reason: 'RBAC: allowed by ClusterRoleBinding "system:public-info-viewer" of ClusterRole "system:public-info-viewer" to Group "system:unauthenticated"',
    },
  },
  {
    name: 'what may I?',
    as: 'will',
    request: 'POST /apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
    body: { spec: { namespace: 'a' } },
    code: 201,
    status: {
      resourceRules: [
        rule('authorization.k8s.io', 'selfsubjectaccessreviews,selfsubjectrulesreviews', 'create'),
        rule('authentication.k8s.io', 'selfsubjectreviews', 'create'),
        rule(apiGroup, 'roles,rolebindings', 'get,create,update,patch,delete'),
        rule('', 'configmaps', 'get,list'),
        rule('apps', 'deployments', '*'),
      ],
      nonResourceRules: [
        {
          verbs: ['get'],
          nonResourceURLs: ['/api', '/api/*', '/apis', '/apis/*', '/healthz', '/livez', '/openapi', '/openapi/*', '/readyz', '/version', '/version/'],
        },
        { verbs: ['get'], nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version', '/version/'] },
      ],
      incomplete: false,
      evaluationError: 'role.rbac.authorization.k8s.io "gone" not found',
    },
  },
];

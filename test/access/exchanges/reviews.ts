import { apiGroup, rule } from '../roles.ts';
import type { Exchange } from './exchange.ts';

/** Questions of what a user may do. */
export const reviews: readonly Exchange[] = [
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

import { account, apiGroup, bind, clusterBind, clusterRole, role, rule } from '../roles.ts';

/** What the exchanges need. */
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

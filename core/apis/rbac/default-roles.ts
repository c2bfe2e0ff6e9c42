import type { ClusterRole, ClusterRoleBinding, PolicyRule } from '../../schema/generated/kinds.ts';

/**
 * The ClusterRoles and ClusterRoleBindings of a new cluster (plugin/pkg/auth/authorizer/rbac/bootstrappolicy): those for people and for what
 * they install. Groups that are not served are left out, and so are the roles of components that run inside here.
 */
export function defaultClusterRoles(): ClusterRole[] {
  const view = [...viewRules];
  const edit = [...editRules, ...view];
  return [
    role('cluster-admin', [rule('*', '*', '*'), urls(['*'], '*')]),
    // Each of the three collects the rules of every role with its label, also of those that come later; at first these are they.
    { ...role('admin', [...adminRules, ...edit]), aggregationRule: aggregates('admin') },
    { ...role('edit', edit, 'admin'), aggregationRule: aggregates('edit') },
    { ...role('view', view, 'edit'), aggregationRule: aggregates('view') },
    role('system:aggregate-to-admin', adminRules, 'admin'),
    role('system:aggregate-to-edit', editRules, 'edit'),
    role('system:aggregate-to-view', viewRules, 'view'),
    role('system:basic-user', [
      rule('authorization.k8s.io', 'selfsubjectaccessreviews selfsubjectrulesreviews', 'create'),
      rule('authentication.k8s.io', 'selfsubjectreviews', 'create'),
    ]),
    role('system:discovery', [
      urls(['/api', '/api/*', '/apis', '/apis/*', '/healthz', '/livez', '/openapi', '/openapi/*', '/readyz', '/version', '/version/'], 'get'),
    ]),
    role('system:public-info-viewer', [urls(['/healthz', '/livez', '/readyz', '/version', '/version/'], 'get')]),
    role('system:monitoring', [urls(['/healthz', '/healthz/*', '/livez', '/livez/*', '/metrics', '/metrics/slis', '/readyz', '/readyz/*'], 'get')]),
    role('system:service-account-issuer-discovery', [
      urls(['/.well-known/openid-configuration', '/.well-known/openid-configuration/', '/openid/v1/jwks', '/openid/v1/jwks/'], 'get'),
    ]),
    role('system:auth-delegator', [rule('authentication.k8s.io', 'tokenreviews', 'create'), rule('authorization.k8s.io', 'subjectaccessreviews', 'create')]),
    role('system:kube-dns', [rule('', 'endpoints services', 'list watch')]),
    role('system:node-proxier', [
      rule('', 'endpoints services', 'list watch'),
      rule('', 'nodes', READ),
      rule(' events.k8s.io', 'events', 'create patch update'),
      rule('discovery.k8s.io', 'endpointslices', 'list watch'),
    ]),
    role('system:persistent-volume-provisioner', [
      rule('', 'persistentvolumes', 'create delete get list watch'),
      rule('', 'persistentvolumeclaims', 'get list update watch'),
      rule('storage.k8s.io', 'storageclasses', READ),
      rule('', 'events', 'watch'),
      rule(' events.k8s.io', 'events', 'create patch update'),
    ]),
    role('system:node', nodeRules),
  ];
}

export function defaultClusterRoleBindings(): ClusterRoleBinding[] {
  const authenticated = ['system:authenticated'];
  return [
    binding('cluster-admin', ['system:masters']),
    binding('system:discovery', authenticated),
    binding('system:basic-user', authenticated),
    binding('system:public-info-viewer', [...authenticated, 'system:unauthenticated']),
    binding('system:monitoring', ['system:monitoring']),
    binding('system:service-account-issuer-discovery', ['system:serviceaccounts']),
    binding('system:node', []),
  ];
}

const READ = 'get list watch';
const WRITE = 'create delete deletecollection patch update';
const READ_WRITE = 'create delete deletecollection get list patch update watch';

const adminRules: PolicyRule[] = [
  rule('authorization.k8s.io', 'localsubjectaccessreviews', 'create'),
  rule('rbac.authorization.k8s.io', 'rolebindings roles', READ_WRITE),
];

const editRules: PolicyRule[] = [
  rule('', 'pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy', READ),
  rule('', 'serviceaccounts', 'impersonate'),
  rule('', 'pods pods/attach pods/exec pods/portforward pods/proxy', WRITE),
  rule('', 'pods/eviction', 'create'),
  rule(
    '',
    'configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy',
    WRITE,
  ),
  rule('', 'serviceaccounts/token', 'create'),
  rule('apps', 'daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale', WRITE),
  rule('autoscaling', 'horizontalpodautoscalers', WRITE),
  rule('batch', 'cronjobs jobs', WRITE),
  rule('policy', 'poddisruptionbudgets', WRITE),
  rule('networking.k8s.io', 'ingresses networkpolicies', WRITE),
  rule('coordination.k8s.io', 'leases', READ_WRITE),
  rule('resource.k8s.io', 'resourceclaims resourceclaimtemplates', WRITE),
];

const viewRules: PolicyRule[] = [
  rule(
    '',
    'configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status',
    READ,
  ),
  rule('', 'bindings events limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status', READ),
  rule('', 'namespaces', READ),
  rule('discovery.k8s.io', 'endpointslices', READ),
  rule(
    'apps',
    'controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status',
    READ,
  ),
  rule('autoscaling', 'horizontalpodautoscalers horizontalpodautoscalers/status', READ),
  rule('batch', 'cronjobs cronjobs/status jobs jobs/status', READ),
  rule('policy', 'poddisruptionbudgets poddisruptionbudgets/status', READ),
  rule('networking.k8s.io', 'ingresses ingresses/status networkpolicies', READ),
  rule('resource.k8s.io', 'resourceclaims resourceclaims/status resourceclaimtemplates', READ),
];

const nodeRules: PolicyRule[] = [
  rule('authentication.k8s.io', 'tokenreviews', 'create'),
  rule('authorization.k8s.io', 'localsubjectaccessreviews subjectaccessreviews', 'create'),
  rule('', 'services', READ),
  rule('', 'nodes', 'create get list watch'),
  rule('', 'nodes/status', 'patch update'),
  rule('', 'nodes', 'patch update'),
  rule('', 'events', 'create patch update'),
  rule('', 'pods', READ),
  rule('', 'pods', 'create delete'),
  rule('', 'pods/status', 'patch update'),
  rule('', 'pods/eviction', 'create'),
  rule('', 'configmaps secrets', READ),
  rule('', 'persistentvolumeclaims persistentvolumes', 'get'),
  rule('', 'endpoints', 'get'),
  rule('certificates.k8s.io', 'certificatesigningrequests', 'create get list watch'),
  rule('coordination.k8s.io', 'leases', 'create delete get patch update'),
  rule('storage.k8s.io', 'volumeattachments', 'get'),
  rule('', 'serviceaccounts/token', 'create'),
  rule('', 'persistentvolumeclaims/status', 'get patch update'),
  rule('storage.k8s.io', 'csidrivers', READ),
  rule('storage.k8s.io', 'csinodes', 'create delete get patch update'),
  rule('node.k8s.io', 'runtimeclasses', READ),
  rule('resource.k8s.io', 'resourceclaims', 'get'),
  rule('resource.k8s.io', 'resourceslices', 'deletecollection'),
];

/** A rule from words: groups (the legacy one is the empty word), resources, verbs. */
function rule(groups: string, resources: string, verbs: string): PolicyRule {
  return { apiGroups: groups.split(' '), resources: resources.split(' '), verbs: verbs.split(' ') };
}

function urls(nonResourceURLs: string[], verbs: string): PolicyRule {
  return { nonResourceURLs, verbs: verbs.split(' ') };
}

type Aggregate = 'admin' | 'edit' | 'view';

const aggregationLabel = (to: Aggregate) => ({ [`rbac.authorization.k8s.io/aggregate-to-${to}`]: 'true' });

const aggregates = (to: Aggregate) => ({ clusterRoleSelectors: [{ matchLabels: aggregationLabel(to) }] });

const metadata = (name: string, aggregateTo?: Aggregate) => ({
  name,
  annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
  labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...(aggregateTo && aggregationLabel(aggregateTo)) },
});

const role = (name: string, rules: PolicyRule[], aggregateTo?: Aggregate): ClusterRole => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: metadata(name, aggregateTo),
  rules,
});

const binding = (name: string, groups: string[]): ClusterRoleBinding => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: metadata(name),
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
  subjects: groups.map((group) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: group })),
});

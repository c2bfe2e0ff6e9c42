import type { PolicyRule } from '../../schema/generated/kinds.ts';

const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'delete', 'deletecollection', 'patch', 'update'];

const rule = (apiGroups: string, resources: string, verbs: readonly string[]): PolicyRule => ({
  apiGroups: [apiGroups],
  resources: resources.split(' '),
  verbs: [...verbs],
});

const view: readonly PolicyRule[] = [
  rule('', 'configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers replicationcontrollers/scale', READ),
  rule('', 'serviceaccounts services services/status namespaces', READ),
  rule('', 'bindings events limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status', READ),
  rule('apps', 'controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status', READ),
  rule('apps', 'replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status', READ),
  rule('autoscaling', 'horizontalpodautoscalers horizontalpodautoscalers/status', READ),
  rule('batch', 'cronjobs cronjobs/status jobs jobs/status', READ),
  rule('discovery.k8s.io', 'endpointslices', READ),
  rule('extensions', 'daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status networkpolicies', READ),
  rule('extensions', 'replicasets replicasets/scale replicasets/status replicationcontrollers/scale', READ),
  rule('networking.k8s.io', 'ingresses ingresses/status networkpolicies', READ),
  rule('policy', 'poddisruptionbudgets poddisruptionbudgets/status', READ),
];

const edit: readonly PolicyRule[] = [
  ...view,
  rule('', 'pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy', READ),
  rule('', 'serviceaccounts', ['impersonate']),
  rule('', 'pods pods/attach pods/exec pods/portforward pods/proxy', WRITE),
  rule('', 'configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale', WRITE),
  rule('', 'secrets serviceaccounts services services/proxy', WRITE),
  rule('apps', 'daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale', WRITE),
  rule('autoscaling', 'horizontalpodautoscalers', WRITE),
  rule('batch', 'cronjobs jobs', WRITE),
  rule('extensions', 'daemonsets deployments deployments/rollback deployments/scale ingresses networkpolicies', WRITE),
  rule('extensions', 'replicasets replicasets/scale replicationcontrollers/scale', WRITE),
  rule('networking.k8s.io', 'ingresses networkpolicies', WRITE),
  rule('policy', 'poddisruptionbudgets', WRITE),
];

/** What EKS' access policies permit (Amazon EKS User Guide, "Review access policy permissions"), by their names: those that people are given. */
export const accessPolicies: ReadonlyMap<string, readonly PolicyRule[]> = new Map<string, readonly PolicyRule[]>([
  [
    'AmazonEKSClusterAdminPolicy',
    [
      { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
      { nonResourceURLs: ['*'], verbs: ['*'] },
    ],
  ],
  [
    'AmazonEKSAdminPolicy',
    [
      ...edit,
      rule('authorization.k8s.io', 'localsubjectaccessreviews', ['create']),
      rule('rbac.authorization.k8s.io', 'rolebindings roles', [...WRITE, ...READ]),
    ],
  ],
  ['AmazonEKSAdminViewPolicy', [rule('*', '*', READ)]],
  ['AmazonEKSEditPolicy', edit],
  ['AmazonEKSViewPolicy', view],
  ['AmazonEKSSecretReaderPolicy', [rule('', 'secrets', READ)]],
]);

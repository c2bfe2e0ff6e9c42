import { certificateRequest } from '../../core/testing/certificate-requests.ts';

/** The smallest valid object of every kept resource, without apiVersion, kind and metadata: what `every-resource.test.ts` works with. */

const labels = { app: 'sample' };
const podSpec = { containers: [{ name: 'main', image: 'nginx:1.29' }] };
const template = { metadata: { labels }, spec: podSpec };
const jobTemplate = { spec: { ...podSpec, restartPolicy: 'Never' } };
const selector = { matchLabels: labels };
const clientConfig = { url: 'https://hooks.example.com/v1' };
const webhook = { name: 'hook.example.com', clientConfig, sideEffects: 'None', admissionReviewVersions: ['v1'] };
const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }];
const claimSpec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
const device = { spec: { devices: { requests: [{ name: 'gpu', exactly: { deviceClassName: 'gpu.example.com' } }] } } };

export const samples: Record<string, object> = {
  'v1 configmaps': { data: { key: 'value' } },
  'v1 endpoints': { subsets: [{ addresses: [{ ip: '10.1.2.3' }], ports: [{ port: 80 }] }] },
  'v1 events': { involvedObject: { kind: 'Pod', namespace: 'default', name: 'web' }, reason: 'Tested', message: 'tested', type: 'Normal' },
  'v1 limitranges': { spec: { limits: [{ type: 'Container', default: { cpu: '1' } }] } },
  'v1 namespaces': {},
  'v1 nodes': {},
  'v1 persistentvolumeclaims': { spec: claimSpec },
  'v1 persistentvolumes': { spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/data' } } },
  'v1 pods': { spec: podSpec },
  'v1 podtemplates': { template },
  'v1 replicationcontrollers': { spec: { replicas: 1, selector: labels, template } },
  'v1 resourcequotas': { spec: { hard: { pods: '10' } } },
  'v1 secrets': { stringData: { password: 'example-only' } },
  'v1 serviceaccounts': {},
  'v1 services': { spec: { selector: labels, ports: [{ port: 80 }] } },
  'apiregistration.k8s.io/v1 apiservices': {
    spec: { group: 'samples.example.com', version: 'v1', groupPriorityMinimum: 100, versionPriority: 10, service: { namespace: 'default', name: 'api' } },
  },
  'apps/v1 controllerrevisions': { revision: 1, data: { spec: { any: 'thing' } } },
  'apps/v1 daemonsets': { spec: { selector, template } },
  'apps/v1 deployments': { spec: { selector, template } },
  'apps/v1 replicasets': { spec: { selector, template } },
  'apps/v1 statefulsets': { spec: { serviceName: 'web', selector, template } },
  'events.k8s.io/v1 events': {
    eventTime: '2026-01-01T00:00:00.000000Z',
    reportingController: 'example.com/tester',
    reportingInstance: 'tester-0',
    action: 'Testing',
    reason: 'Tested',
    type: 'Normal',
    regarding: { kind: 'Pod', namespace: 'default', name: 'web' },
  },
  'autoscaling/v2 horizontalpodautoscalers': { spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 3 } },
  'autoscaling/v1 horizontalpodautoscalers': { spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 3 } },
  'batch/v1 cronjobs': { spec: { schedule: '*/5 * * * *', jobTemplate: { spec: { template: jobTemplate } } } },
  'batch/v1 jobs': { spec: { template: jobTemplate } },
  'certificates.k8s.io/v1 certificatesigningrequests': {
    spec: {
      signerName: 'example.com/signer',
      usages: ['client auth'],
      request: certificateRequest({ commonName: 'sample' }).request,
    },
  },
  'networking.k8s.io/v1 ingressclasses': { spec: { controller: 'example.com/ingress' } },
  'networking.k8s.io/v1 ingresses': { spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } } },
  'networking.k8s.io/v1 ipaddresses': { spec: { parentRef: { resource: 'services', namespace: 'default', name: 'web' } } },
  'networking.k8s.io/v1 networkpolicies': { spec: { podSelector: selector } },
  'networking.k8s.io/v1 servicecidrs': { spec: { cidrs: ['10.200.0.0/16'] } },
  'policy/v1 poddisruptionbudgets': { spec: { minAvailable: 1, selector } },
  'rbac.authorization.k8s.io/v1 clusterrolebindings': { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' } },
  'rbac.authorization.k8s.io/v1 clusterroles': { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] },
  'rbac.authorization.k8s.io/v1 rolebindings': { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'view' } },
  'rbac.authorization.k8s.io/v1 roles': { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] },
  'storage.k8s.io/v1 csidrivers': { spec: { attachRequired: false } },
  'storage.k8s.io/v1 csinodes': { spec: { drivers: [{ name: 'disk.example.com', nodeID: 'node-1' }] } },
  'storage.k8s.io/v1 csistoragecapacities': { storageClassName: 'standard', capacity: '10Gi' },
  'storage.k8s.io/v1 storageclasses': { provisioner: 'disk.example.com' },
  'storage.k8s.io/v1 volumeattachments': { spec: { attacher: 'disk.example.com', nodeName: 'node-1', source: { persistentVolumeName: 'disk' } } },
  'storage.k8s.io/v1 volumeattributesclasses': { driverName: 'disk.example.com', parameters: { iops: '3000' } },
  'admissionregistration.k8s.io/v1 mutatingadmissionpolicies': {
    spec: {
      matchConstraints: { resourceRules: rules },
      reinvocationPolicy: 'Never',
      mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: '[JSONPatch{op: "remove", path: "/spec"}]' } }],
    },
  },
  'admissionregistration.k8s.io/v1 mutatingadmissionpolicybindings': { spec: { policyName: 'policy.example.com' } },
  'admissionregistration.k8s.io/v1 mutatingwebhookconfigurations': { webhooks: [{ ...webhook, rules }] },
  'admissionregistration.k8s.io/v1 validatingadmissionpolicies': {
    spec: { matchConstraints: { resourceRules: rules }, validations: [{ expression: 'true' }] },
  },
  'admissionregistration.k8s.io/v1 validatingadmissionpolicybindings': { spec: { policyName: 'policy.example.com', validationActions: ['Deny'] } },
  'admissionregistration.k8s.io/v1 validatingwebhookconfigurations': { webhooks: [{ ...webhook, rules }] },
  'apiextensions.k8s.io/v1 customresourcedefinitions': {
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'samples', singular: 'sample', kind: 'Sample', listKind: 'SampleList' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  },
  'scheduling.k8s.io/v1 priorityclasses': { value: 1000 },
  'coordination.k8s.io/v1 leases': { spec: { holderIdentity: 'tester', leaseDurationSeconds: 30, renewTime: '2026-01-01T00:00:00.000000Z' } },
  'node.k8s.io/v1 runtimeclasses': { handler: 'runc' },
  'discovery.k8s.io/v1 endpointslices': { addressType: 'IPv4', endpoints: [{ addresses: ['10.1.2.3'] }], ports: [{ name: 'http', port: 80 }] },
  'flowcontrol.apiserver.k8s.io/v1 flowschemas': {
    spec: {
      priorityLevelConfiguration: { name: 'global-default' },
      matchingPrecedence: 1000,
      rules: [
        {
          subjects: [{ kind: 'Group', group: { name: 'system:authenticated' } }],
          nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz'] }],
        },
      ],
    },
  },
  'flowcontrol.apiserver.k8s.io/v1 prioritylevelconfigurations': {
    spec: { type: 'Limited', limited: { nominalConcurrencyShares: 10, limitResponse: { type: 'Reject' } } },
  },
  'resource.k8s.io/v1 deviceclasses': { spec: {} },
  'resource.k8s.io/v1 resourceclaims': device,
  'resource.k8s.io/v1 resourceclaimtemplates': { spec: device },
  'resource.k8s.io/v1 resourceslices': {
    spec: { driver: 'gpu.example.com', nodeName: 'node-1', pool: { name: 'node-1', generation: 1, resourceSliceCount: 1 }, devices: [{ name: 'gpu-0' }] },
  },
};

/** Names that a kind prescribes; all others are called `sample`. */
export const names: Record<string, string> = {
  'apiregistration.k8s.io/v1 apiservices': 'v1.samples.example.com',
  'apiextensions.k8s.io/v1 customresourcedefinitions': 'samples.example.com',
  'networking.k8s.io/v1 ipaddresses': '10.200.0.7',
};

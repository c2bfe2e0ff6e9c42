import { CONFIGMAPS, fields, PODS, type RequestInput, times } from '../input.ts';

/** Objects with as much of one thing as a body or a list may hold: 3 MB, 10,000 elements. Most are refused, many times over. */

const LIST = 10_000;
const MB = 1_000_000;

/** A kind, in short: where it is posted and what goes around the part that grows. */
const posted =
  (collection: string, body: (part: object) => object) =>
  (part: object): ReturnType<RequestInput['request']> => ({ line: `POST ${collection}?dryRun=All`, options: { body: body(part) } });

const metadata = posted(CONFIGMAPS, (part) => ({ metadata: { name: 'b', ...part } }));
const container = { name: 'main', image: 'x' };
const pod = posted(PODS, (part) => ({ metadata: { name: 'b' }, spec: { containers: [container], ...part } }));
const inContainer = (part: object) => pod({ containers: [{ ...container, ...part }] });
const specOf = (collection: string) => posted(collection, (spec) => ({ metadata: { name: 'b' }, spec }));
const service = specOf('/api/v1/namespaces/default/services');
const node = specOf('/api/v1/nodes');
const labels = { a: 'b' };
const deployment = posted('/apis/apps/v1/namespaces/default/deployments', (part) => ({
  metadata: { name: 'b' },
  spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [container] } }, ...part },
}));
const owner = { apiVersion: 'v1', kind: 'A', uid: 'u' };
const crd = specOf('/apis/apiextensions.k8s.io/v1/customresourcedefinitions');
const policy = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies';

export const objects: readonly RequestInput[] = [
  { name: 'name', size: 2 * MB, code: 422, request: (size) => metadata({ name: 'a.'.repeat(size / 2) }) },
  { name: 'name that is wrong at its end', size: 2 * MB, code: 422, request: (size) => metadata({ name: `${'a-'.repeat(size / 2)}!` }) },
  { name: 'labels', size: 100_000, code: 201, request: (size) => metadata({ labels: fields(size, () => 'v') }) },
  { name: 'labels that are wrong', size: 200_000, short: 20_000, code: 422, request: (size) => metadata({ labels: fields(size, () => '!', '!') }) },
  { name: 'annotations', size: 20_000, code: 422, request: (size) => metadata({ annotations: fields(size, () => 'value of it') }) },
  { name: 'annotations that are wrong', size: 200_000, short: 20_000, code: 422, request: (size) => metadata({ annotations: fields(size, () => '', '!') }) },
  { name: 'owners', size: LIST, code: 201, request: (size) => metadata({ ownerReferences: times(size, (i) => ({ ...owner, name: `n${i}` })) }) },
  {
    name: 'owners that all control it',
    size: LIST,
    code: 422,
    request: (size) => metadata({ ownerReferences: times(size, (i) => ({ ...owner, name: `n${i}`, controller: true })) }),
  },
  { name: 'owners that are empty', size: LIST, code: 422, request: (size) => metadata({ ownerReferences: times(size, () => ({})) }) },
  {
    name: 'finalizers',
    size: LIST,
    code: 422,
    request: (size) => metadata({ finalizers: ['orphan', 'foregroundDeletion', ...times(size - 2, (i) => `f${i}!`)] }),
  },
  {
    name: 'managed fields',
    size: LIST,
    code: 201,
    request: (size) => metadata({ managedFields: times(size, () => ({ fieldsType: 'FieldsV1', fieldsV1: {} })) }),
  },
  {
    name: 'data',
    size: 50_000,
    code: 422,
    request: (size) => ({ line: `POST ${CONFIGMAPS}?dryRun=All`, options: { body: { metadata: { name: 'b' }, data: fields(size, () => '', '!') } } }),
  },
  {
    name: 'data in base64',
    size: 2 * MB,
    code: 422,
    request: (size) => ({
      line: 'POST /api/v1/namespaces/default/secrets?dryRun=All',
      options: { body: { metadata: { name: 'b' }, data: { a: 'QUFB'.repeat(size / 4) } } },
    }),
  },
  {
    name: 'data in wrong base64',
    size: 2 * MB,
    code: 400,
    request: (size) => ({
      line: 'POST /api/v1/namespaces/default/secrets?dryRun=All',
      options: { body: { metadata: { name: 'b' }, data: { a: `${'QUFB'.repeat(size / 4)}!` } } },
    }),
  },
  { name: 'containers', size: LIST, code: 422, request: (size) => pod({ containers: times(size, () => ({})) }) },
  { name: 'containers that repeat', size: LIST, code: 422, request: (size) => pod({ containers: times(size, () => container) }) },
  { name: 'containers that begin it', size: LIST, code: 413, request: (size) => pod({ initContainers: times(size, (i) => ({ name: `c${i}`, image: 'x' })) }) },
  { name: 'volumes', size: LIST, code: 201, request: (size) => pod({ volumes: times(size, (i) => ({ name: `v${i}`, emptyDir: {} })) }) },
  { name: 'volumes that repeat', size: LIST, code: 422, request: (size) => pod({ volumes: times(size, () => ({ name: 'v', emptyDir: {} })) }) },
  { name: 'mounts', size: LIST, code: 422, request: (size) => inContainer({ volumeMounts: times(size, (i) => ({ name: 'v', mountPath: `/${i % 2}` })) }) },
  {
    name: 'devices and mounts',
    size: LIST,
    code: 422,
    request: (size) =>
      inContainer({
        volumeMounts: times(size, (i) => ({ name: `v${i}`, mountPath: `/${i}` })),
        volumeDevices: times(size, (i) => ({ name: `v${i}`, devicePath: `/${i}` })),
      }),
  },
  { name: 'ports', size: LIST, code: 422, request: (size) => inContainer({ ports: times(size, () => ({ name: 'a', containerPort: 80, hostPort: 80 })) }) },
  {
    name: 'environment',
    size: LIST,
    code: 201,
    request: (size) => inContainer({ env: times(size, (i) => ({ name: `A${i}`, value: `$(A${i - 1})$(A${i - 2})` })) }),
  },
  {
    name: 'environment that is wrong',
    size: LIST,
    code: 422,
    request: (size) => inContainer({ env: times(size, () => ({ name: '=', valueFrom: { fieldRef: { fieldPath: "metadata.labels['!']" } } })) }),
  },
  { name: 'command', size: LIST, code: 201, request: (size) => inContainer({ command: ['sh', '-c', 'a;'.repeat(size)] }) },
  { name: 'image', size: MB, code: 201, request: (size) => inContainer({ image: 'a/'.repeat(size / 2) }) },
  { name: 'image with colons', size: MB, code: 201, request: (size) => inContainer({ image: ':@'.repeat(size / 2) }) },
  { name: 'resources', size: 50_000, code: 413, request: (size) => inContainer({ resources: { limits: fields(size, () => '1', 'a.b/') } }) },
  { name: 'a quantity', size: MB, code: 400, request: (size) => inContainer({ resources: { limits: { cpu: '9'.repeat(size) } } }) },
  { name: 'quantities', size: 50_000, short: 10_000, code: 422, request: (size) => inContainer({ resources: { limits: fields(size, (i) => `${i}.5e2`) } }) },
  { name: 'claims of a container', size: LIST, code: 422, request: (size) => inContainer({ resources: { claims: times(size, () => ({ name: 'a' })) } }) },
  { name: 'capabilities', size: LIST, code: 201, request: (size) => inContainer({ securityContext: { capabilities: { add: times(size, (i) => `C${i}`) } } }) },
  { name: 'sysctls', size: LIST, code: 422, request: (size) => pod({ securityContext: { sysctls: times(size, () => ({ name: 'a.b', value: '1' })) } }) },
  { name: 'tolerations', size: LIST, code: 201, request: (size) => pod({ tolerations: times(size, (i) => ({ key: `k${i}`, operator: 'Exists' })) }) },
  {
    name: 'tolerations that are wrong',
    size: LIST,
    code: 422,
    request: (size) => pod({ tolerations: times(size, () => ({ operator: 'Exists', value: 'v' })) }),
  },
  {
    name: 'node affinity: terms',
    size: LIST,
    code: 201,
    request: (size) => pod({ affinity: { nodeAffinity: required(times(size, (i) => ({ matchExpressions: [{ key: `k${i}`, operator: 'Exists' }] }))) } }),
  },
  {
    name: 'node affinity: values',
    size: LIST,
    code: 201,
    request: (size) => pod({ affinity: { nodeAffinity: required([{ matchExpressions: [{ key: 'k', operator: 'In', values: times(size, String) }] }]) } }),
  },
  {
    name: 'pod affinity: terms',
    size: LIST,
    code: 422,
    request: (size) => pod({ affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: times(size, () => ({ topologyKey: '!' })) } } }),
  },
  {
    name: 'pod affinity: label keys',
    size: LIST,
    code: 422,
    request: (size) =>
      pod({
        affinity: {
          podAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'a', matchLabelKeys: times(size, String), mismatchLabelKeys: times(size, String) }],
          },
        },
      }),
  },
  {
    name: 'topology spread',
    size: LIST,
    code: 422,
    request: (size) => pod({ topologySpreadConstraints: times(size, () => ({ maxSkew: 1, topologyKey: 'a', whenUnsatisfiable: 'DoNotSchedule' })) }),
  },
  { name: 'scheduling gates', size: LIST, code: 422, request: (size) => pod({ schedulingGates: times(size, () => ({ name: 'a.b/c' })) }) },
  { name: 'host aliases', size: LIST, code: 422, request: (size) => pod({ hostAliases: times(size, () => ({ ip: '1.1.1', hostnames: ['!'] })) }) },
  {
    name: 'DNS options',
    size: LIST,
    code: 422,
    request: (size) =>
      pod({ dnsPolicy: 'None', dnsConfig: { nameservers: times(size, () => '1.1.1'), searches: times(size, () => '!'), options: times(size, () => ({})) } }),
  },
  { name: 'node selector', size: 50_000, short: 10_000, code: 422, request: (size) => pod({ nodeSelector: fields(size, () => '!') }) },
  {
    name: 'selector: expressions',
    size: LIST,
    code: 422,
    request: (size) => deployment({ selector: { matchExpressions: times(size, (i) => ({ key: `k${i}`, operator: 'In', values: ['!'] })) } }),
  },
  { name: 'selector: labels', size: 50_000, short: 10_000, code: 422, request: (size) => deployment({ selector: { matchLabels: fields(size, () => 'v') } }) },
  { name: 'service ports', size: LIST, code: 422, request: (size) => service({ ports: times(size, () => ({ name: 'a', port: 80, nodePort: 30000 })) }) },
  {
    name: 'service addresses',
    size: LIST,
    code: 422,
    request: (size) => service({ ports: [{ port: 80 }], externalIPs: times(size, () => '::1::'), loadBalancerSourceRanges: times(size, () => '1.2.3.4/99') }),
  },
  {
    name: 'endpoint addresses',
    size: LIST,
    code: 422,
    request: (size) => ({
      line: 'POST /api/v1/namespaces/default/endpoints?dryRun=All',
      options: { body: { metadata: { name: 'b' }, subsets: [{ addresses: times(size, () => ({ ip: '1.2.3' })), ports: times(size, () => ({ port: 0 })) }] } },
    }),
  },
  {
    name: 'endpoint slice',
    size: LIST,
    code: 422,
    request: (size) => ({
      line: 'POST /apis/discovery.k8s.io/v1/namespaces/default/endpointslices?dryRun=All',
      options: {
        body: { metadata: { name: 'b' }, addressType: 'IPv4', endpoints: times(size, () => ({ addresses: ['!'] })), ports: times(size, () => ({ name: 'a' })) },
      },
    }),
  },
  { name: 'taints', size: LIST, code: 422, request: (size) => node({ taints: times(size, () => ({ key: 'a', effect: 'NoSchedule' })) }) },
  {
    name: 'disruption budget: selector',
    size: LIST,
    code: 422,
    request: (size) =>
      specOf('/apis/policy/v1/namespaces/default/poddisruptionbudgets')({ selector: { matchExpressions: times(size, () => ({ key: '!', operator: '!' })) } }),
  },
  {
    name: 'network policy',
    size: LIST,
    code: 422,
    request: (size) =>
      specOf('/apis/networking.k8s.io/v1/namespaces/default/networkpolicies')({
        podSelector: {},
        ingress: [{ from: times(size, () => ({ ipBlock: { cidr: '1.2.3.4/99', except: ['x'] } })) }],
      }),
  },
  {
    name: 'CIDRs',
    size: LIST,
    code: 422,
    request: (size) =>
      specOf('/apis/networking.k8s.io/v1/namespaces/default/networkpolicies')({
        podSelector: {},
        ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: times(size, (i) => `11.0.${i % 256}.0/24`) } }] }],
      }),
  },
  {
    name: 'a CIDR',
    size: MB,
    code: 422,
    request: (size) =>
      specOf('/apis/networking.k8s.io/v1/namespaces/default/networkpolicies')({
        podSelector: {},
        ingress: [{ from: [{ ipBlock: { cidr: '1:'.repeat(size / 2) } }] }],
      }),
  },
  {
    name: 'ingress rules',
    size: LIST,
    code: 422,
    request: (size) =>
      specOf('/apis/networking.k8s.io/v1/namespaces/default/ingresses')({ rules: times(size, () => ({ host: '!', http: { paths: [{ path: 'a/../b' }] } })) }),
  },
  {
    name: 'role rules',
    size: LIST,
    code: 422,
    request: (size) => ({
      line: 'POST /apis/rbac.authorization.k8s.io/v1/clusterroles?dryRun=All',
      options: { body: { metadata: { name: 'b' }, rules: times(size, () => ({})) } },
    }),
  },
  {
    name: 'quota',
    size: 50_000,
    short: 10_000,
    code: 422,
    request: (size) => specOf('/api/v1/namespaces/default/resourcequotas')({ hard: fields(size, () => '1', '!') }),
  },
  {
    name: 'limit ranges',
    size: LIST,
    code: 422,
    request: (size) => specOf('/api/v1/namespaces/default/limitranges')({ limits: times(size, () => ({ type: 'Pod', min: { cpu: '2' }, max: { cpu: '1' } })) }),
  },
  {
    name: 'webhooks',
    size: LIST,
    code: 422,
    request: (size) => ({
      line: 'POST /apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations?dryRun=All',
      options: { body: { metadata: { name: 'b' }, webhooks: times(size, () => ({ name: 'a.b.c' })) } },
    }),
  },
  {
    name: 'admission policy: conditions',
    size: LIST,
    code: 422,
    request: (size) =>
      specOf(policy)({
        matchConstraints: { resourceRules: [{}] },
        matchConditions: times(size, () => ({ name: 'a', expression: 'true' })),
        validations: [{ expression: 'true' }],
      }),
  },
  {
    name: 'definition: versions',
    size: LIST,
    code: 422,
    request: (size) =>
      crd({ group: 'a.b', names: { plural: 'c', kind: 'C' }, scope: 'Cluster', versions: times(size, () => ({ name: 'v1', served: true, storage: true })) }),
  },
  {
    name: 'definition: fields',
    size: 30_000,
    short: 5_000,
    code: 422,
    request: (size) =>
      crd({ group: 'a.b', versions: [{ name: 'v1', schema: { openAPIV3Schema: { type: 'object', properties: fields(size, () => ({ type: 'string' })) } } }] }),
  },
  {
    name: 'definition: unknown fields below a long one',
    size: MB,
    code: 422,
    request: (size) => crd({ versions: [{ name: 'v1', schema: { openAPIV3Schema: { properties: { ['k'.repeat(size)]: fields(size / 20, () => 1) } } } }] }),
  },
  {
    name: 'device requests',
    size: LIST,
    code: 422,
    request: (size) =>
      specOf('/apis/resource.k8s.io/v1/namespaces/default/resourceclaims')({
        devices: { requests: times(size, () => ({ name: 'a' })), constraints: times(size, () => ({ requests: ['a'] })) },
      }),
  },
  {
    name: 'drivers of a node',
    size: LIST,
    code: 422,
    request: (size) => specOf('/apis/storage.k8s.io/v1/csinodes')({ drivers: times(size, () => ({ name: 'a', nodeID: 'b', topologyKeys: ['c', 'c'] })) }),
  },
  {
    name: 'topologies of a class',
    size: LIST - 1,
    code: 422,
    request: (size) => ({
      line: 'POST /apis/storage.k8s.io/v1/storageclasses?dryRun=All',
      options: {
        body: {
          metadata: { name: 'b' },
          provisioner: 'a',
          allowedTopologies: [{ matchLabelExpressions: [{ key: 'a', values: times(size, () => 'b') }, ...times(size, () => ({ key: 'a', values: ['b'] }))] }],
        },
      },
    }),
  },
  {
    name: 'autoscaler metrics',
    size: LIST,
    code: 422,
    request: (size) =>
      specOf('/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers')({ scaleTargetRef: {}, metrics: times(size, () => ({ type: 'Pods' })) }),
  },
  {
    name: 'exit codes',
    size: 255,
    code: 422,
    request: (size) =>
      job({ podFailurePolicy: { rules: times(20, () => ({ action: 'FailJob', onExitCodes: { operator: 'In', values: times(size, () => 5) } })) } }),
  },
  {
    name: 'rules of failures',
    size: LIST,
    code: 422,
    request: (size) => job({ podFailurePolicy: { rules: times(size, () => ({ action: 'FailJob', onPodConditions: [{ type: '!' }] })) } }),
  },
  {
    name: 'indexes that succeed',
    size: MB,
    code: 422,
    request: (size) =>
      job({ completionMode: 'Indexed', completions: 5, parallelism: 1, successPolicy: { rules: [{ succeededIndexes: '1,'.repeat(size / 2) }] } }),
  },
  {
    name: 'request of a certificate',
    size: MB,
    code: 422,
    request: (size) =>
      specOf('/apis/certificates.k8s.io/v1/certificatesigningrequests')({
        signerName: 'a.b/c',
        usages: times(LIST, () => 'any'),
        request: Buffer.from('-----BEGIN CERTIFICATE REQUEST-----\n'.repeat(size / 37)).toString('base64'),
      }),
  },
  { name: 'schedule: fields', size: MB, code: 422, request: (size) => cronJob({ schedule: '* '.repeat(size / 2) }) },
  { name: 'schedule: a list', size: MB, short: 100_000, code: 201, request: (size) => cronJob({ schedule: `${'0,'.repeat(size / 2)}1 * * * *` }) },
  { name: 'schedule: a number', size: MB, code: 422, request: (size) => cronJob({ schedule: `${'9'.repeat(size)} * * * *` }) },
  { name: 'schedule: an interval', size: MB, code: 201, request: (size) => cronJob({ schedule: `@every ${'1s'.repeat(size / 2)}` }) },
  { name: 'schedule: a time zone in it', size: MB, code: 422, request: (size) => cronJob({ schedule: `TZ=${'a'.repeat(size)} * * * * *` }) },
  { name: 'time zone', size: MB, code: 422, request: (size) => cronJob({ schedule: '* * * * *', timeZone: 'a/'.repeat(size / 2) }) },
  { name: 'a time', size: MB, code: 400, request: (size) => metadata({ creationTimestamp: '2026-01-01T00:00:00.'.padEnd(size, '9') }) },
  { name: 'a time that is wrong', size: MB, code: 400, request: (size) => metadata({ creationTimestamp: '\u0001'.repeat(size / 6) }) },
];

function required(nodeSelectorTerms: object[]) {
  return { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } };
}

function job(part: object) {
  return specOf('/apis/batch/v1/namespaces/default/jobs')({ template: { spec: { restartPolicy: 'Never', containers: [container] } }, ...part });
}

function cronJob(part: object) {
  return specOf('/apis/batch/v1/namespaces/default/cronjobs')({
    jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [container] } } } },
    ...part,
  });
}

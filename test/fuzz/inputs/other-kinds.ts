import { fields, type RequestInput, times } from '../input.ts';
import { LIST, MB, specOf } from './posted.ts';

const node = specOf('/api/v1/nodes');

/** Other objects with as much of one thing as a body or a list may hold: 3 MB, 10,000 elements. Most are refused, many times over. */
export const otherKindInputs: readonly RequestInput[] = [
  { name: 'taints', size: LIST, code: 422, request: (size) => node({ taints: times(size, () => ({ key: 'a', effect: 'NoSchedule' })) }) },
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
];

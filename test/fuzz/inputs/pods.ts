import { fields, type RequestInput, times } from '../input.ts';
import { container, LIST, MB, pod } from './posted.ts';

const inContainer = (part: object) => pod({ containers: [{ ...container, ...part }] });

/** Pods with as much of one thing as a body or a list may hold: 3 MB, 10,000 elements. Most are refused, many times over. */
export const podInputs: readonly RequestInput[] = [
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
];

function required(nodeSelectorTerms: object[]) {
  return { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } };
}

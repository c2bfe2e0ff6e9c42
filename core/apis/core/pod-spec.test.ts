import { describe, expect, it } from 'vitest';
import type { Container, PodSpec } from '../../schema/generated/kinds.ts';
import { texts } from '../../testing/strategies.ts';
import { defaultPullPolicy } from './container-defaults.ts';
import { defaultPodSpec, validatePodSpec, validatePodTemplate } from './pod-spec.ts';

const defaulted = (spec: PodSpec): PodSpec => {
  const copy = structuredClone(spec);
  defaultPodSpec(copy);
  return copy;
};
const container = (more: Partial<Container> = {}): Container => ({ name: 'c', image: 'nginx:1', ...more });

describe('defaults', () => {
  it('fills in a spec with nothing in it', () => {
    expect(defaulted({ containers: [container()] })).toEqual({
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      securityContext: {},
      schedulerName: 'default-scheduler',
      containers: [
        {
          name: 'c',
          image: 'nginx:1',
          imagePullPolicy: 'IfNotPresent',
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
          resources: {},
        },
      ],
    });
  });

  it('does not change what has its defaults', () => {
    const once = defaulted({
      serviceAccount: 'sa',
      volumes: [{ name: 'a' }, { name: 'b', configMap: { name: 'x' } }, { name: 'c', hostPath: { path: '/x' } }],
      containers: [container({ readinessProbe: { httpGet: { port: 80 } }, ports: [{ containerPort: 80 }] })],
    });
    expect(defaulted(once)).toEqual(once);
    expect(once.serviceAccountName).toBe('sa');
    expect(once.volumes).toEqual([
      { name: 'a', emptyDir: {} },
      { name: 'b', configMap: { name: 'x', defaultMode: 420 } },
      { name: 'c', hostPath: { path: '/x', type: '' } },
    ]);
    expect(once.containers[0]!.readinessProbe).toEqual({
      httpGet: { port: 80, path: '/', scheme: 'HTTP' },
      timeoutSeconds: 1,
      periodSeconds: 10,
      successThreshold: 1,
      failureThreshold: 3,
    });
    expect(once.containers[0]!.ports).toEqual([{ containerPort: 80, protocol: 'TCP' }]);
  });

  it.each([
    ['nginx', 'Always'],
    ['nginx:latest', 'Always'],
    ['nginx:1.27', 'IfNotPresent'],
    ['localhost:5000/nginx', 'Always'],
    ['localhost:5000/nginx:1', 'IfNotPresent'],
    ['nginx@sha256:0123', 'IfNotPresent'],
    ['nginx:latest@sha256:0123', 'Always'],
  ])('pulls %s %s', (image, policy) => expect(defaultPullPolicy(image)).toBe(policy));
});

const cases: { name: string; given: PodSpec; want: string[] }[] = [
  { name: 'a plain pod', given: { containers: [container()] }, want: [] },
  { name: 'no containers', given: { containers: [] }, want: ['spec.containers: Required value'] },
  {
    name: 'containers without name and image',
    given: { containers: [{ name: '' }] },
    want: ['spec.containers[0].name: Required value', 'spec.containers[0].image: Required value'],
  },
  { name: 'two containers of one name', given: { containers: [container(), container()] }, want: ['spec.containers[1].name: Duplicate value: "c"'] },
  {
    name: 'an init container with the name of a container',
    given: { containers: [container()], initContainers: [container()] },
    want: ['spec.initContainers[0].name: Duplicate value: "c"'],
  },
  {
    name: 'an init container with a probe',
    given: { containers: [container()], initContainers: [container({ name: 'i', livenessProbe: { exec: { command: ['x'] } } })] },
    want: ['spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always'],
  },
  {
    name: 'a sidecar with a probe',
    given: { containers: [container()], initContainers: [container({ name: 'i', restartPolicy: 'Always', livenessProbe: { exec: { command: ['x'] } } })] },
    want: [],
  },
  {
    name: 'ports out of range and twice the same name',
    given: {
      containers: [
        container({
          ports: [
            { name: 'web', containerPort: 70000 },
            { name: 'web', containerPort: 80, protocol: 'HTTP' },
          ],
        }),
      ],
    },
    want: [
      'spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
      'spec.containers[0].ports[1].name: Duplicate value: "web"',
      'spec.containers[0].ports[1].protocol: Unsupported value: "HTTP": supported values: "SCTP", "TCP", "UDP"',
    ],
  },
  {
    name: 'one host port for two containers',
    given: { containers: ['a', 'b'].map((name) => container({ name, ports: [{ containerPort: 80, hostPort: 8080 }] })) },
    want: ['spec.containers[1].ports[0].hostPort: Duplicate value: "TCP//8080"'],
  },
  {
    name: 'mounts of volumes that are not there, and twice on one path',
    given: {
      volumes: [{ name: 'v', emptyDir: {} }],
      containers: [
        container({
          volumeMounts: [
            { name: 'v', mountPath: '/x' },
            { name: 'w', mountPath: '/x' },
          ],
        }),
      ],
    },
    want: ['spec.containers[0].volumeMounts[1].name: Not found: "w"', 'spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/x": must be unique'],
  },
  {
    name: 'a volume of two kinds, and one without a config map',
    given: {
      volumes: [
        { name: 'v', emptyDir: {}, hostPath: { path: '/' } },
        { name: 'w', configMap: {} },
      ],
      containers: [container()],
    },
    want: ['spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type', 'spec.volumes[1].configMap.name: Required value'],
  },
  {
    name: 'an environment with no name, two sources, and an unknown field',
    given: {
      containers: [
        container({
          env: [
            { name: '' },
            { name: 'A', value: 'x', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
            { name: 'B', valueFrom: { fieldRef: { fieldPath: 'metadata.labels' } } },
            { name: 'C', valueFrom: {} },
          ],
        }),
      ],
    },
    want: [
      'spec.containers[0].env[0].name: Required value',
      'spec.containers[0].env[1].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
      'spec.containers[0].env[2].valueFrom.fieldRef.fieldPath: Unsupported value: "metadata.labels": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"',
      'spec.containers[0].env[3].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`',
    ],
  },
  {
    name: 'requests above limits, below zero, in parts, and of unknown things',
    given: {
      containers: [
        container({ resources: { limits: { cpu: '500m', 'example.com/gpu': '2' }, requests: { cpu: '1', memory: '-1', 'example.com/gpu': '1', foo: '1' } } }),
        container({ name: 'd', resources: { limits: { 'example.com/gpu': '500m' } } }),
      ],
    },
    want: [
      'spec.containers[0].resources.requests: Invalid value: "1": must be less than or equal to cpu limit of 500m',
      'spec.containers[0].resources.requests[memory]: Invalid value: "-1": must be greater than or equal to 0',
      'spec.containers[0].resources.requests: Invalid value: "1": must be equal to example.com/gpu limit of 2',
      'spec.containers[0].resources.requests[foo]: Invalid value: "foo": must be a standard resource type or fully qualified',
      'spec.containers[0].resources.requests[foo]: Invalid value: "foo": must be a standard resource for containers',
      'spec.containers[1].resources.limits[example.com/gpu]: Invalid value: "500m": must be an integer',
    ],
  },
  {
    name: 'probes without a handler, with two, and with a wrong threshold',
    given: {
      containers: [
        container({
          livenessProbe: { exec: { command: ['x'] }, tcpSocket: { port: 80 }, successThreshold: 2 },
          readinessProbe: {},
          startupProbe: { httpGet: { port: 'no-such-port-name-x' } },
        }),
      ],
    },
    want: [
      'spec.containers[0].livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type',
      'spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1',
      'spec.containers[0].readinessProbe: Required value: must specify a handler type',
      'spec.containers[0].startupProbe.httpGet.port: Invalid value: "no-such-port-name-x": must be no more than 15 characters',
    ],
  },
  {
    name: 'unknown policies',
    given: { restartPolicy: 'Sometimes', dnsPolicy: 'Never', containers: [container({ imagePullPolicy: 'Maybe' })] },
    want: [
      'spec.containers[0].imagePullPolicy: Unsupported value: "Maybe": supported values: "Always", "IfNotPresent", "Never"',
      'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
      'spec.dnsPolicy: Unsupported value: "Never": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"',
    ],
  },
  {
    name: 'tolerations',
    given: {
      containers: [container()],
      tolerations: [
        { operator: 'Equal', value: 'x' },
        { key: 'a', operator: 'Exists', value: 'x' },
        { key: 'a', operator: 'In' },
        { key: 'a', effect: 'NoSchedule', tolerationSeconds: 1 },
      ],
    },
    want: [
      'spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
      'spec.tolerations[1].operator: Invalid value: {"key":"a","operator":"Exists","value":"x"}: value must be empty when `operator` is \'Exists\'',
      'spec.tolerations[2].operator: Unsupported value: "In": supported values: "Equal", "Exists"',
      'spec.tolerations[3].effect: Invalid value: "NoSchedule": effect must be \'NoExecute\' when `tolerationSeconds` is set',
    ],
  },
  {
    name: 'affinity',
    given: {
      containers: [container()],
      affinity: {
        nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } },
        podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 101, podAffinityTerm: { topologyKey: 'kubernetes.io/hostname' } }] },
      },
    },
    want: [
      'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term',
      'spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 101: must be in the range 1-100',
    ],
  },
  {
    name: 'topology spread',
    given: {
      containers: [container()],
      topologySpreadConstraints: [{ maxSkew: 0, topologyKey: '', whenUnsatisfiable: 'Maybe' }],
    },
    want: [
      'spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero',
      'spec.topologySpreadConstraints[0].topologyKey: Required value: can not be empty',
      'spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: "Maybe": supported values: "DoNotSchedule", "ScheduleAnyway"',
    ],
  },
  {
    name: 'security that contradicts itself',
    given: { containers: [container({ securityContext: { runAsUser: -1, privileged: true, allowPrivilegeEscalation: false } })] },
    want: [
      'spec.containers[0].securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive',
      'spec.containers[0].securityContext: Invalid value: {"runAsUser":-1,"privileged":true,"allowPrivilegeEscalation":false}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
    ],
  },
  {
    name: 'an ephemeral container with a probe and an unknown target',
    given: { containers: [container()], ephemeralContainers: [{ ...container({ name: 'e', readinessProbe: {} }), targetContainerName: 'x' }] },
    want: [
      'spec.ephemeralContainers[0].targetContainerName: Not found: "x"',
      'spec.ephemeralContainers[0].readinessProbe: Forbidden: cannot be set for an Ephemeral Container',
    ],
  },
];

describe('validation', () => {
  it.each(cases)('$name', ({ given, want }) => expect(texts(validatePodSpec(defaulted(given), 'spec'))).toEqual(want));

  it('checks a template under its own path', () => {
    const template = { metadata: { labels: { a: 'b c' } }, spec: defaulted({ containers: [{ name: 'c' }] }) };
    expect(texts(validatePodTemplate(template, 'spec.template'))).toEqual([
      expect.stringContaining('spec.template.labels: Invalid value: "b c": a valid label must be'),
      'spec.template.spec.containers[0].image: Required value',
    ]);
  });
});

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
      'spec.containers[0].env[3].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
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
      'spec.containers[0].resources.requests: Invalid value: "1": must be equal to example.com/gpu limit of 2',
      'spec.containers[0].resources.requests[foo]: Invalid value: "foo": must be a standard resource type or fully qualified',
      'spec.containers[0].resources.requests[foo]: Invalid value: "foo": must be a standard resource for containers',
      'spec.containers[0].resources.requests[memory]: Invalid value: "-1": must be greater than or equal to 0',
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
      'spec.tolerations[1].operator: Invalid value: "x": value must be empty when `operator` is \'Exists\'',
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
      'spec.containers[0].securityContext: Invalid value: {"Capabilities":null,"Privileged":true,"SELinuxOptions":null,"WindowsOptions":null,"RunAsUser":-1,"RunAsGroup":null,"RunAsNonRoot":null,"ReadOnlyRootFilesystem":null,"AllowPrivilegeEscalation":false,"ProcMount":null,"SeccompProfile":null,"AppArmorProfile":null}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
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
  {
    name: 'sources of volumes that lack what they need',
    given: {
      containers: [container()],
      volumes: [
        { name: 'a', iscsi: { targetPortal: 'p', iqn: 'x', lun: 256 } },
        { name: 'b', fc: { targetWWNs: ['w'] } },
        { name: 'd', azureDisk: { diskName: 'd', diskURI: 'x', kind: 'Managed' } },
        { name: 'e', projected: { sources: [{ serviceAccountToken: { path: '', expirationSeconds: 5 } }] } },
      ],
    },
    want: [
      'spec.volumes[0].iscsi.iqn: Invalid value: "x": must be valid format starting with iqn, eui, or naa',
      'spec.volumes[0].iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive',
      'spec.volumes[1].fc.lun: Required value: lun is required if targetWWNs is specified',
      'spec.volumes[2].azureDisk.diskURI: Unsupported value: "x": supported values: "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"',
      'spec.volumes[3].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 5: may not specify a duration less than 10 minutes',
      'spec.volumes[3].projected.path: Required value',
    ],
  },
  {
    name: 'mounts that cannot be as they say',
    given: {
      containers: [container({ volumeMounts: [{ name: 'a', mountPath: '/a', recursiveReadOnly: 'Enabled', mountPropagation: 'Bidirectional' }] })],
      volumes: [{ name: 'a' }],
    },
    want: [
      'spec.containers[0].volumeMounts.mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers',
      'spec.containers[0].volumeMounts.recursiveReadOnly: Forbidden: may only be specified when readOnly is true',
      'spec.containers[0].volumeMounts.recursiveReadOnly: Forbidden: may only be specified when mountPropagation is None or not specified',
    ],
  },
  {
    name: 'restart and resize policies',
    given: {
      restartPolicy: 'Never',
      containers: [container({ resizePolicy: [{ resourceName: 'gpu', restartPolicy: 'RestartContainer' }], restartPolicyRules: [{ action: 'Stop' }] })],
    },
    want: [
      'spec.containers[0].resizePolicy: Unsupported value: "gpu": supported values: "cpu", "memory"',
      "spec.containers[0].resizePolicy: Invalid value: \"RestartContainer\": must be 'NotRequired' when pod `restartPolicy` is 'Never'",
      'spec.containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used',
      'spec.containers[0].restartPolicyRules[0].action: Unsupported value: "Stop": supported values: "Restart", "RestartAllContainers"',
      'spec.containers[0].restartPolicyRules[0].exitCodes: Required value: must be specified',
    ],
  },
  {
    name: 'a user namespace on the host',
    given: { hostUsers: false, hostNetwork: true, hostPID: true, containers: [container()] },
    want: ['spec.hostNetwork: Forbidden: when `hostUsers` is false', 'spec.HostPID: Forbidden: when `hostUsers` is false'],
  },
  {
    name: 'what Windows does not have, and Linux',
    given: { os: { name: 'windows' }, hostPID: true, securityContext: { fsGroup: 1 }, containers: [container({ securityContext: { privileged: true } })] },
    want: [
      'spec.hostPID: Forbidden: cannot be set for a windows pod',
      'spec.securityContext.fsGroup: Forbidden: cannot be set for a windows pod',
      'spec.containers[0].securityContext.privileged: Forbidden: cannot be set for a windows pod',
    ],
  },
  {
    name: 'a stop that takes longer than the pod has',
    given: { terminationGracePeriodSeconds: 5, containers: [container({ lifecycle: { preStop: { sleep: { seconds: 6 } }, stopSignal: 'SIGTERM' } })] },
    want: [
      'spec.containers[0].lifecycle.preStop.sleep: Invalid value: 6: must be non-negative and less than terminationGracePeriodSeconds (5)',
      'spec.containers[0].lifecycle.stopSignal: Forbidden: may not be set for containers with empty `spec.os.name`',
    ],
  },
  {
    name: 'claims of resources',
    given: {
      resourceClaims: [{ name: 'a' }, { name: 'b', resourceClaimName: 'x' }],
      containers: [container({ resources: { claims: [{ name: 'b' }, { name: 'b' }, { name: 'c' }] } })],
    },
    want: [
      'spec.resourceClaims[0]: Invalid value: {"Name":"a","ResourceClaimName":null,"ResourceClaimTemplateName":null}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`',
      'spec.containers[0].resources.claims[1]: Duplicate value: "b"',
      'spec.containers[0].resources.claims[2]: Not found: "c": must be one of the names in pod.spec.resourceClaims: a, b',
    ],
  },
  {
    name: 'a pod that asks for less than its containers',
    given: { resources: { requests: { cpu: '1' } }, containers: [container({ resources: { requests: { cpu: '2' } } })] },
    want: ['spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 2'],
  },
  {
    name: 'sysctls of the host, and a profile of another type',
    given: {
      hostNetwork: true,
      securityContext: { sysctls: [{ name: 'net/core/x', value: '1' }], seccompProfile: { type: 'RuntimeDefault', localhostProfile: 'p' } },
      containers: [container()],
    },
    want: [
      'spec.securityContext.sysctls[0].name: Invalid value: "net/core/x": may not be specified when \'hostNetwork\' is true',
      'spec.securityContext.seccompProfile.localhostProfile: Invalid value: {"Type":"RuntimeDefault","LocalhostProfile":"p"}: can only be set when seccomp type is Localhost',
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

import type { KubeObject } from '../../core/kube/object.ts';

/** The objects that scheduler_perf's workloads are made of (kubernetes, test/integration/scheduler_perf/templates), as they stand once the API server has taken them in. */

export type Made = KubeObject & Readonly<Record<string, unknown>>;

const HOSTNAME = 'kubernetes.io/hostname';
const ZONE = 'topology.kubernetes.io/zone';

interface NodeOptions {
  readonly zones?: readonly string[];
  readonly pods?: string;
}

export const node = (name: string, i = 0, { zones = [], pods = '110' }: NodeOptions = {}): Made => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { [HOSTNAME]: name, ...(zones.length > 0 && { [ZONE]: zones[i % zones.length]! }) } },
  spec: {},
  status: { allocatable: { cpu: '4', memory: '32Gi', pods }, conditions: [{ type: 'Ready', status: 'True' }] },
});

interface PodOptions {
  readonly namespace?: string;
  readonly labels?: Record<string, string>;
  readonly requests?: Record<string, string>;
  readonly [field: string]: unknown;
}

/** A pod that asks for a tenth of a CPU. */
export const pod = (name: string, { namespace = 'default', labels, requests = { cpu: '100m', memory: '500Mi' }, ...spec }: PodOptions = {}): Made => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, ...(labels && { labels }) },
  spec: {
    containers: [
      {
        name: 'pause',
        image: 'registry.k8s.io/pause:3.10.2',
        ports: [{ containerPort: 80 }],
        ...(Object.keys(requests).length > 0 && { resources: { requests, limits: requests } }),
      },
    ],
    ...spec,
  },
});

type Shape = (name: string, namespace?: string) => Made;

export const plain: Shape = (name, namespace) => pod(name, { ...(namespace && { namespace }) });
/** It asks for nothing. */
export const light: Shape = (name) => pod(name, { requests: {}, terminationGracePeriodSeconds: 0 });
export const gated: Shape = (name) => pod(name, { requests: {}, schedulingGates: [{ name: 'test.k8s.io/hold' }] });
export const lowPriority: Shape = (name) => pod(name, { requests: { cpu: '900m', memory: '500Mi' }, terminationGracePeriodSeconds: 0 });
export const highPriority: Shape = (name) => pod(name, { priority: 10, requests: { cpu: '3', memory: '500Mi' } });
/** It asks for more than any node has. */
export const tooLarge: Shape = (name) => pod(name, { priority: 10, requests: { cpu: '9', memory: '500Mi' } });

export const nodeAffinity: Shape = (name) =>
  pod(name, { affinity: { nodeAffinity: required([{ matchExpressions: [{ key: ZONE, operator: 'In', values: ['zone1', 'zone2'] }] }]) } });

/** For one node of many, as a DaemonSet's pods are. */
export const forNode =
  (node: string): Shape =>
  (name) =>
    pod(name, { requests: {}, affinity: { nodeAffinity: required([{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }]) } });

const required = (nodeSelectorTerms: readonly object[]) => ({ requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } });

const term = (color: string, topologyKey: string) => ({ labelSelector: { matchLabels: { color } }, topologyKey, namespaces: ['sched-1', 'sched-0'] });
const preferred = (color: string) => ({ preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term(color, HOSTNAME) }] });

const related =
  (color: string, affinity: object): Shape =>
  (name, namespace = 'sched-0') =>
    pod(name, { namespace, labels: { color }, affinity });

export const podAffinity = related('blue', { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term('blue', ZONE)] } });
export const podAntiAffinity = related('green', { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term('green', HOSTNAME)] } });
export const preferredPodAffinity = related('red', { podAffinity: preferred('red') });
export const preferredPodAntiAffinity = related('yellow', { podAntiAffinity: preferred('yellow') });

const spread =
  (whenUnsatisfiable: string): Shape =>
  (name) =>
    pod(name, {
      labels: { color: 'blue' },
      topologySpreadConstraints: [{ maxSkew: 5, topologyKey: ZONE, whenUnsatisfiable, labelSelector: { matchLabels: { color: 'blue' } } }],
    });

export const topologySpreading = spread('DoNotSchedule');
export const preferredTopologySpreading = spread('ScheduleAnyway');

/** A pod with a claim that is bound, and what that is bound to. */
export function withVolume(name: string): Made[] {
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace: 'default', uid: `uid-${name}` };
  return [
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name },
      spec: {
        accessModes: ['ReadOnlyMany'],
        capacity: { storage: '1Gi' },
        csi: { driver: 'ebs.csi.aws.com', volumeHandle: name },
        persistentVolumeReclaimPolicy: 'Retain',
        claimRef: claim,
      },
      status: { phase: 'Bound' },
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name, namespace: 'default', uid: claim.uid, annotations: { 'pv.kubernetes.io/bind-completed': 'true' } },
      spec: { accessModes: ['ReadOnlyMany'], resources: { requests: { storage: '1Gi' } }, volumeName: name },
      status: { phase: 'Bound' },
    },
    pod(name, { volumes: [{ name: 'vol', persistentVolumeClaim: { claimName: name } }] }),
  ];
}

/** How many volumes of a driver a node takes. */
export const csiNode = (name: string): Made => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'CSINode',
  metadata: { name },
  spec: { drivers: [{ name: 'ebs.csi.aws.com', nodeID: name, allocatable: { count: 39 }, topologyKeys: null }] },
});

const DRIVER = 'test-driver.cdi.k8s.io';

export const deviceClass = (): Made => ({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'DeviceClass',
  metadata: { name: 'test-class' },
  spec: { selectors: [{ cel: { expression: `device.driver == "${DRIVER}"` } }] },
});

export const resourceSlice = (nodeName: string): Made => ({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceSlice',
  metadata: { name: nodeName },
  spec: {
    driver: DRIVER,
    nodeName,
    pool: { name: nodeName, generation: 1, resourceSliceCount: 1 },
    devices: Array.from({ length: 10 }, (_, i) => ({ name: `instance-${i}` })),
  },
});

/** A pod with a claim for one device, made for it already. */
export function withDevice(name: string): Made[] {
  const claim = `${name}-resource`;
  return [
    {
      apiVersion: 'resource.k8s.io/v1',
      kind: 'ResourceClaim',
      metadata: { name: claim, namespace: 'default' },
      spec: { devices: { requests: [{ name: 'req-0', exactly: { deviceClassName: 'test-class', allocationMode: 'ExactCount', count: 1 } }] } },
    },
    pod(name, { requests: {}, resourceClaims: [{ name: 'resource', resourceClaimName: claim }] }),
  ];
}

export const service = (name: string): Made => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'default' },
  spec: { selector: { app: 'foo' }, ports: [{ protocol: 'TCP', port: 8080, targetPort: 8080 }], type: 'ClusterIP', sessionAffinity: 'None' },
});

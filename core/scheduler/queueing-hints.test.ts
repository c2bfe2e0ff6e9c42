import { expect, it } from 'vitest';
import type { KubeObject } from '../kube/object.ts';
import type {
  CSINode,
  DeviceClass,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  ResourceResourceClaim as ResourceClaim,
  ResourceSlice,
  StorageClass,
} from '../schema/generated/kinds.ts';
import { Cluster } from '../testing/cluster.ts';
import { START } from '../testing/env.ts';
import { configMap, namespace, node, pod } from '../testing/objects.ts';
import type { Plugin } from './framework.ts';
import { plugins } from './plugins/registry.ts';
import { schedulerReconciler } from './scheduler.ts';

/** A cluster whose scheduler counts how often it looks at the pod `p`. */
async function counting(objects: readonly KubeObject[]): Promise<{ cluster: Cluster; looks: () => number }> {
  let looks = 0;
  const counter: Plugin = {
    name: 'Counter',
    preFilter: ({ pod }) => {
      if (pod.metadata.name === 'p') looks++;
      return { type: 'skip' };
    },
  };
  const reconcilers = [schedulerReconciler({ plugins: [counter, ...plugins] })];
  const cluster = await Cluster.start({ reconcilers, objects: [namespace('default'), ...objects], now: START });
  await cluster.settle();
  return {
    cluster,
    looks: () => {
      const since = looks;
      looks = 0;
      return since;
    },
  };
}

type Do = (cluster: Cluster) => Promise<unknown>;
interface Case {
  readonly plugin: string;
  readonly given: readonly KubeObject[];
  /** What does not help, each by itself. */
  readonly vain: Readonly<Record<string, Do>>;
  readonly helps: Do;
}

const put =
  (...objects: KubeObject[]): Do =>
  (cluster) =>
    cluster.put(...objects);
const gone =
  (name: string): Do =>
  (cluster) =>
    cluster.remove(cluster.pod(name)!);
const x = { taints: [{ key: 'x', effect: 'NoSchedule' }] };
const claim = (name: string, more: object = {}, metadata: object = {}): PersistentVolumeClaim => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: 'default', ...metadata },
  spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'fast', resources: { requests: { storage: '1Gi' } }, ...more },
});
const isBound = { annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } };
const volume = (name: string, more: object = {}, metadata: object = {}): PersistentVolume => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name, ...metadata },
  spec: {
    accessModes: ['ReadWriteOnce'],
    capacity: { storage: '1Gi' },
    storageClassName: 'fast',
    ...('csi' in more ? {} : { hostPath: { path: '/v' } }),
    ...more,
  },
});
const late: StorageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'fast' },
  provisioner: 'kubernetes.io/no-provisioner',
  volumeBindingMode: 'WaitForFirstConsumer',
};
const using = (name: string, claimName: string, more: object = {}): Pod =>
  pod(name, { volumes: [{ name: 'v', persistentVolumeClaim: { claimName } }], ...more });
const alone = [claim('c', { accessModes: ['ReadWriteOncePod'], volumeName: 'v' }, isBound), volume('v', { accessModes: ['ReadWriteOncePod'] })];
const csi = { csi: { driver: 'disks.example', volumeHandle: 'h' } };
const csiNode = (count: number): CSINode => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'CSINode',
  metadata: { name: 'a' },
  spec: { drivers: [{ name: 'disks.example', nodeID: 'a', allocatable: { count } }] },
});
const zone = (name: string) => ({ labels: { 'topology.kubernetes.io/zone': name } });
const gpu: DeviceClass = { apiVersion: 'resource.k8s.io/v1', kind: 'DeviceClass', metadata: { name: 'gpu' }, spec: {} };
const wish = (name: string, status?: object): ResourceClaim => ({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceClaim',
  metadata: { name, namespace: 'default' },
  spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1 } }] } },
  ...(status && { status }),
});
const slice: ResourceSlice = {
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceSlice',
  metadata: { name: 's' },
  spec: { driver: 'gpu.example', nodeName: 'a', pool: { name: 'a', generation: 1, resourceSliceCount: 1 }, devices: [{ name: 'g0' }] },
};

const restartsAll = { action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [42] } };

it.each<Case>([
  {
    plugin: 'NodeResourcesFit',
    given: [node('a', { allocatable: { cpu: '2' } }), pod('q', { nodeName: 'a', requests: { cpu: '2' } }), pod('p', { requests: { cpu: '2' } })],
    vain: {
      'a node that is too small': put(node('b', { allocatable: { cpu: '1' } })),
      'a label of a node': put(node('a', { allocatable: { cpu: '2' }, labels: { x: 'y' } })),
      'a pod that waits too': put(pod('r', { schedulerName: 'other' })),
    },
    helps: gone('q'),
  },
  {
    plugin: 'NodeUnschedulable',
    given: [node('a', { unschedulable: true }), pod('p')],
    vain: {
      'a pod that is there': put(pod('q', { nodeName: 'a' })),
      'a claim': put(claim('c')),
      'a label': put(node('a', { unschedulable: true, labels: { x: 'y' } })),
    },
    helps: put(node('a')),
  },
  {
    plugin: 'TaintToleration',
    given: [node('a', x), pod('p')],
    vain: {
      'another taint': put(node('a', { taints: [{ key: 'y', effect: 'NoSchedule' }] })),
      'more room': put(node('a', { ...x, allocatable: { cpu: '8' } })),
    },
    helps: put(node('a')),
  },
  {
    plugin: 'NodeAffinity',
    given: [node('a'), pod('p', { nodeSelector: { disk: 'ssd' } })],
    vain: { 'another label': put(node('a', { labels: { disk: 'hdd' } })), 'a node without it': put(node('b')) },
    helps: put(node('a', { labels: { disk: 'ssd' } })),
  },
  {
    plugin: 'NodeDeclaredFeatures',
    given: [node('a'), pod('p', { container: { restartPolicy: 'Never', restartPolicyRules: [restartsAll] } })],
    vain: { 'a label': put(node('a', { labels: { x: 'y' } })), 'more room': put(node('a', { allocatable: { cpu: '8' } })) },
    helps: put(node('a', { declaredFeatures: ['RestartAllContainersOnContainerExits'] })),
  },
  {
    plugin: 'NodePorts',
    given: [
      node('a'),
      ...['q', 'r'].map((name, i) => pod(name, { nodeName: 'a', container: { ports: [{ containerPort: 80, hostPort: 80 + i }] } })),
      pod('p', { container: { ports: [{ containerPort: 80, hostPort: 80 }] } }),
    ],
    vain: { 'another port': gone('r'), 'a label of a node': put(node('a', { labels: { x: 'y' } })) },
    helps: gone('q'),
  },
  {
    plugin: 'VolumeRestrictions',
    given: [node('a'), ...alone, using('q', 'c', { nodeName: 'a' }), pod('r', { nodeName: 'a' }), using('p', 'c')],
    vain: { 'a pod without it': gone('r'), 'another claim': put(claim('d')) },
    helps: gone('q'),
  },
  {
    plugin: 'NodeVolumeLimits',
    given: [node('a'), csiNode(0), claim('c', { volumeName: 'v' }, isBound), volume('v', csi), pod('r', { nodeName: 'a' }), using('p', 'c')],
    vain: { 'a pod without volumes': gone('r'), 'a label of a node': put(node('a', { labels: { x: 'y' } })) },
    helps: put(csiNode(1)),
  },
  {
    plugin: 'VolumeBinding',
    given: [node('a'), late, claim('c'), pod('r', { nodeName: 'a' }), using('p', 'c')],
    vain: { 'a pod that goes': gone('r'), "another one's claim": put(claim('d')) },
    helps: put(volume('v')),
  },
  {
    plugin: 'VolumeZone',
    given: [node('a', zone('z1')), claim('c', { volumeName: 'v' }, isBound), volume('v', {}, zone('z2')), pod('r', { nodeName: 'a' }), using('p', 'c')],
    vain: { 'a pod that goes': gone('r'), 'more room': put(node('a', { ...zone('z1'), allocatable: { cpu: '8' } })) },
    helps: put(node('a', zone('z2'))),
  },
  {
    plugin: 'DynamicResources',
    given: [node('a'), gpu, wish('c'), pod('r', { nodeName: 'a' }), pod('p', { resourceClaims: [{ name: 'gpu', resourceClaimName: 'c' }] })],
    vain: { 'a pod that goes': gone('r'), "another one's claim": put(wish('d')) },
    helps: put(slice),
  },
])('A pod that $plugin has rejected is looked at again when that may help, and not otherwise', async ({ given, vain, helps }) => {
  for (const change of Object.values(vain)) {
    const { cluster, looks } = await counting(given);
    expect(looks()).toBe(1);
    await change(cluster);
    await cluster.settle();
    expect([looks(), cluster.pod('p')!.spec!.nodeName]).toEqual([0, undefined]);
  }
  const { cluster, looks } = await counting(given);
  looks();
  await helps(cluster);
  await cluster.settle();
  expect([looks() > 0, cluster.pod('p')!.spec!.nodeName]).toEqual([true, 'a']);
});

it('A pod that waits is not looked at for what other pods and objects do', async () => {
  const { cluster, looks } = await counting([node('a', { allocatable: { cpu: '1' } }), pod('p', { requests: { cpu: '2' } })]);
  looks();
  for (let i = 0; i < 5; i++) {
    await cluster.create(pod(`q${i}`, { requests: { cpu: '100m' } }));
    await cluster.put(configMap(`c${i}`));
    await cluster.settle();
  }
  expect([looks(), cluster.pods.filter(({ spec }) => spec!.nodeName).length]).toEqual([0, 5]);
});

it('A scheduler that begins anew looks at all pods that wait, once', async () => {
  const { cluster, looks } = await counting([node('a', { allocatable: { cpu: '1' } }), pod('p', { requests: { cpu: '2' } })]);
  looks();
  cluster.restart();
  await cluster.settle();
  expect(looks()).toBe(1);
});

import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/object.ts';
import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
  VolumeAttachment,
} from '../../schema/generated/kinds.ts';
import { node, type PodOptions, pod } from '../../testing/objects.ts';
import { places, scheduled } from '../../testing/scheduling.ts';

const PREEMPTION = 'no new claims to deallocate, preemption:';
const NO_VICTIMS = `${PREEMPTION} 0/1 nodes are available: 1 No preemption victims found for incoming pod.`;
const NOT_HELPFUL = `${PREEMPTION} 0/1 nodes are available: 1 Preemption is not helpful for scheduling.`;

/** A claim, and the volume that it is bound to. */
const bound = (
  name: string,
  { modes = ['ReadWriteOnce'], labels, ...source }: { modes?: string[]; labels?: Record<string, string>; csi?: object } = {},
): [PersistentVolumeClaim, PersistentVolume] => [
  {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: 'default', annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } },
    spec: { accessModes: modes, storageClassName: 'fast', volumeName: `v-${name}`, resources: { requests: { storage: '1Gi' } } },
  },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: `v-${name}`, ...(labels && { labels }) },
    spec: { accessModes: modes, capacity: { storage: '1Gi' }, storageClassName: 'fast', ...source } as PersistentVolume['spec'] & object,
  },
];
const unbound = (name: string): PersistentVolumeClaim => {
  const { metadata, spec, ...rest } = bound(name)[0];
  const { volumeName: _, ...others } = spec!;
  return { ...rest, metadata: { name, namespace: metadata.namespace! }, spec: others };
};
const late: StorageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'fast' },
  provisioner: 'disks.example',
  volumeBindingMode: 'WaitForFirstConsumer',
};
const using = (claim: string, name: string, more: PodOptions = {}) =>
  pod(name, { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: claim } }], ...more });
const onDisk = (handle: string) => ({ csi: { driver: 'disks.example', volumeHandle: handle } });
const csiNode = (name: string, count?: number): CSINode => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'CSINode',
  metadata: { name },
  spec: { drivers: [{ name: 'disks.example', nodeID: name, ...(count !== undefined && { allocatable: { count } }) }] },
});

type Case = { name: string; given: KubeObject[]; want: string };
const check = async ({ given, want }: Case) => expect(places(await scheduled(...given))).toContain(want);

describe('VolumeRestrictions', () => {
  const alone = bound('c', { modes: ['ReadWriteOncePod'] });
  const taken = `0/1 nodes are available: 1 node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod.`;
  const disk = (readOnly: boolean): PodOptions => ({ volumes: [{ name: 'v', gcePersistentDisk: { pdName: 'd', readOnly } }] });
  const noDisk = '0/1 nodes are available: 1 node(s) had no available disk.';
  it.each<Case>([
    { name: 'a claim for one pod, with its first', given: [node('a'), ...alone, using('c', 'p')], want: 'p@a' },
    {
      name: 'a claim for one pod, with its second',
      given: [node('a'), ...alone, using('c', 'q', { nodeName: 'a' }), using('c', 'p')],
      want: `p: ${taken} ${NO_VICTIMS}`,
    },
    {
      name: 'a claim for one pod, when that has ended',
      given: [node('a'), ...alone, using('c', 'q', { nodeName: 'a', phase: 'Succeeded' }), using('c', 'p')],
      want: 'p@a',
    },
    {
      name: 'a claim for one pod, of a lower priority',
      given: [node('a'), ...alone, using('c', 'q', { nodeName: 'a' }), using('c', 'p', { priority: 5 })],
      want: `p: ${taken}`,
    },
    { name: 'a claim for all', given: [node('a'), ...bound('c'), using('c', 'q', { nodeName: 'a' }), using('c', 'p')], want: 'p@a' },
    {
      name: 'a disk that another pod has',
      given: [node('a'), pod('q', { nodeName: 'a', ...disk(false) }), pod('p', disk(true))],
      want: `p: ${noDisk} ${NO_VICTIMS}`,
    },
    { name: 'a disk that all only read', given: [node('a'), pod('q', { nodeName: 'a', ...disk(true) }), pod('p', disk(true))], want: 'p@a' },
    { name: 'a disk on another node', given: [node('a'), node('b'), pod('q', { nodeName: 'a', ...disk(false) }), pod('p', disk(false))], want: 'p@b' },
  ])('$name', check);

  it('gives a claim for one pod to one of those that come together', async () => {
    const cluster = await scheduled(node('a'), node('b'), ...alone, using('c', 'p'), using('c', 'q'));
    expect(cluster.pods.filter(({ spec }) => spec!.nodeName)).toHaveLength(1);
  });
});

describe('VolumeZone', () => {
  const zone = (name: string) => ({ labels: { 'topology.kubernetes.io/zone': name } });
  it.each<Case>([
    {
      name: 'another zone',
      given: [node('a', zone('z1')), ...bound('c', zone('z2')), using('c', 'p')],
      want: `p: 0/1 nodes are available: 1 node(s) had no available volume zone. ${NOT_HELPFUL}`,
    },
    { name: 'its zone', given: [node('a', zone('z1')), node('b', zone('z2')), ...bound('c', zone('z2')), using('c', 'p')], want: 'p@b' },
    { name: 'one of its zones', given: [node('a', zone('z3')), node('b', zone('z2')), ...bound('c', zone('z1__z2')), using('c', 'p')], want: 'p@b' },
    {
      name: 'a beta label',
      given: [node('a', zone('z1')), node('b', zone('z2')), ...bound('c', { labels: { 'failure-domain.beta.kubernetes.io/zone': 'z2' } }), using('c', 'p')],
      want: 'p@b',
    },
    { name: 'a node that has no zone', given: [node('a'), ...bound('c', zone('z2')), using('c', 'p')], want: 'p@a' },
  ])('$name', check);
});

describe('NodeVolumeLimits', () => {
  const exceeded = (tried: string) => `p: 0/1 nodes are available: 1 node(s) exceed max volume count. ${tried}`;
  const attachment: VolumeAttachment = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'VolumeAttachment',
    metadata: { name: 'at' },
    spec: { attacher: 'disks.example', nodeName: 'a', source: { persistentVolumeName: 'v-old' } },
  };
  const one = [node('a'), csiNode('a', 1), ...bound('c', onDisk('d1'))];
  it.each<Case>([
    { name: 'room for one', given: [...one, using('c', 'p')], want: 'p@a' },
    {
      name: 'one that another pod takes',
      given: [...one, ...bound('o', onDisk('d2')), using('o', 'q', { nodeName: 'a' }), using('c', 'p')],
      want: exceeded(NO_VICTIMS),
    },
    { name: 'one that another pod has, too', given: [...one, using('c', 'q', { nodeName: 'a' }), using('c', 'p')], want: 'p@a' },
    { name: 'one that is attached still', given: [...one, ...bound('old', onDisk('d9')), attachment, using('c', 'p')], want: exceeded(NO_VICTIMS) },
    { name: 'one that is to be made', given: [node('a'), csiNode('a', 0), late, unbound('c'), using('c', 'p')], want: exceeded(NO_VICTIMS) },
    { name: 'a driver without a limit', given: [node('a'), csiNode('a'), ...bound('c', onDisk('d1')), using('c', 'p')], want: 'p@a' },
    { name: 'a volume of another kind', given: [node('a'), csiNode('a', 0), ...bound('c'), using('c', 'p')], want: 'p@a' },
  ])('$name', check);
});

describe('VolumeBinding', () => {
  const driver: CSIDriver = { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', metadata: { name: 'disks.example' }, spec: { storageCapacity: true } };
  const capacity = (more: object): CSIStorageCapacity => ({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSIStorageCapacity',
    metadata: { name: 'cap', namespace: 'default' },
    storageClassName: 'fast',
    nodeTopology: { matchLabels: { 'kubernetes.io/hostname': 'a' } },
    ...more,
  });
  const full = `p: 0/1 nodes are available: 1 node(s) did not have enough free storage. ${NOT_HELPFUL}`;
  it.each<Case>([
    { name: 'a driver that has told nothing', given: [node('a'), late, driver, unbound('c'), using('c', 'p')], want: full },
    { name: 'enough on the node', given: [node('a'), late, driver, capacity({ capacity: '2Gi' }), unbound('c'), using('c', 'p')], want: 'p@a' },
    { name: 'too little', given: [node('a'), late, driver, capacity({ capacity: '1Mi' }), unbound('c'), using('c', 'p')], want: full },
    {
      name: 'enough in pieces too small',
      given: [node('a'), late, driver, capacity({ capacity: '2Gi', maximumVolumeSize: '1Mi' }), unbound('c'), using('c', 'p')],
      want: full,
    },
    { name: 'enough elsewhere', given: [node('b'), late, driver, capacity({ capacity: '2Gi' }), unbound('c'), using('c', 'p')], want: full },
    { name: 'a driver that does not tell', given: [node('a'), late, { ...driver, spec: {} }, unbound('c'), using('c', 'p')], want: 'p@a' },
  ])('$name', check);

  it('writes the node of a claim whose volume is to be made there', async () => {
    const cluster = await scheduled(node('a'), late, unbound('c'), using('c', 'p'));
    expect(cluster.get(unbound('c')).metadata.annotations).toEqual({ 'volume.kubernetes.io/selected-node': 'a' });
  });
});

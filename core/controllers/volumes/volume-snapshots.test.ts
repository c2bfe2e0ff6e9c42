import { expect, it } from 'vitest';
import type { KubeObject } from '../../kube/object.ts';
import type { CustomResourceDefinition } from '../../schema/generated/kinds.ts';
import type { Cluster } from '../../testing/cluster.ts';
import { controlled } from '../../testing/controllers.ts';
import { claim, gp3 } from '../../testing/storage-objects.ts';
import type { VolumeSnapshot } from './volume-snapshots.ts';

/** As much as matters here of the definitions that external-snapshotter brings. */
const definition = (kind: string, plural: string, scope: 'Namespaced' | 'Cluster'): CustomResourceDefinition => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.snapshot.storage.k8s.io`, annotations: { 'api-approved.kubernetes.io': 'https://example.com' } },
  spec: {
    group: 'snapshot.storage.k8s.io',
    names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
    scope,
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } as never },
      },
    ],
  },
});
const definitions = [
  definition('VolumeSnapshot', 'volumesnapshots', 'Namespaced'),
  definition('VolumeSnapshotContent', 'volumesnapshotcontents', 'Cluster'),
  definition('VolumeSnapshotClass', 'volumesnapshotclasses', 'Cluster'),
];
const snapshotClass = (deletionPolicy: string) =>
  ({
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshotClass',
    metadata: { name: 'ebs' },
    driver: 'ebs.csi.aws.com',
    deletionPolicy,
  }) as KubeObject;
const snapshot = {
  apiVersion: 'snapshot.storage.k8s.io/v1',
  kind: 'VolumeSnapshot',
  metadata: { name: 'snap', namespace: 'default' },
  spec: { volumeSnapshotClassName: 'ebs', source: { persistentVolumeClaimName: 'a' } },
} as VolumeSnapshot;
const create = (cluster: Cluster, object: KubeObject, plural: string) =>
  cluster.mutate({ type: 'create', resource: `${plural}.snapshot.storage.k8s.io`, object });
const remove = (cluster: Cluster) =>
  cluster.mutate({ type: 'delete', resource: 'volumesnapshots.snapshot.storage.k8s.io', namespace: 'default', name: 'snap' });
const taken = (cluster: Cluster) => cluster.state.get('volumesnapshots.snapshot.storage.k8s.io', 'default', 'snap') as VolumeSnapshot | undefined;
const contents = (cluster: Cluster) => cluster.list('volumesnapshotcontents.snapshot.storage.k8s.io');

async function withSnapshot(deletionPolicy = 'Delete') {
  const cluster = await controlled(...definitions, gp3(), claim('a', { storageClassName: 'gp3' }));
  await cluster.settle();
  await create(cluster, snapshotClass(deletionPolicy), 'volumesnapshotclasses');
  await create(cluster, snapshot, 'volumesnapshots');
  await cluster.settle();
  return cluster;
}

it('A snapshot of a claim is ready to use, with a content, and a volume can be made of it', async () => {
  const cluster = await withSnapshot();
  const { uid } = taken(cluster)!.metadata;
  expect(taken(cluster)!.status).toMatchObject({ readyToUse: true, restoreSize: '5Gi', boundVolumeSnapshotContentName: `snapcontent-${uid}` });
  expect(contents(cluster)).toMatchObject([
    {
      metadata: { name: `snapcontent-${uid}` },
      spec: { driver: 'ebs.csi.aws.com', deletionPolicy: 'Delete', volumeSnapshotRef: { name: 'snap', uid } },
      status: { readyToUse: true, snapshotHandle: expect.stringMatching(/^snap-0/), restoreSize: 5 * 2 ** 30 },
    },
  ]);
  expect(cluster.list('events').map(({ reason }) => reason)).toEqual(expect.arrayContaining(['CreatingSnapshot', 'SnapshotCreated', 'SnapshotReady']));
  const dataSource = { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'snap' };
  await cluster.create(claim('b', { storageClassName: 'gp3', dataSource }));
  await cluster.settle();
  expect(cluster.get(claim('b')).status!.phase).toBe('Bound');
  const { offset } = cluster.state;
  await cluster.pass(3_600);
  expect(cluster.state.offset).toBe(offset);
});

it.each([
  { deletionPolicy: 'Delete', left: 0 },
  { deletionPolicy: 'Retain', left: 1 },
])('With $deletionPolicy, $left contents are left of a snapshot that is deleted', async ({ deletionPolicy, left }) => {
  const cluster = await withSnapshot(deletionPolicy);
  await remove(cluster);
  await cluster.settle();
  expect(taken(cluster)).toBeUndefined();
  expect(contents(cluster)).toHaveLength(left);
});

it('A snapshot waits for its claim to have a volume, and a claim for the snapshot that it is to be made of', async () => {
  const dataSource = { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'snap' };
  const cluster = await controlled(...definitions, gp3(), claim('b', { storageClassName: 'gp3', dataSource }));
  await create(cluster, snapshotClass('Delete'), 'volumesnapshotclasses');
  await create(cluster, snapshot, 'volumesnapshots');
  await cluster.settle();
  expect(taken(cluster)!.status).toMatchObject({ readyToUse: false, error: { message: expect.stringContaining('cannot get claim from snapshot') } });
  expect(cluster.messages(claim('b')).join()).toContain('error getting handle for DataSource Type VolumeSnapshot by Name snap: snapshot snap is not Ready');
  await cluster.create(claim('a', { storageClassName: 'gp3' }));
  await cluster.settle();
  expect(taken(cluster)!.status).toMatchObject({ readyToUse: true });
  expect(cluster.get(claim('b')).status!.phase).toBe('Bound');
});

it('A snapshot waits for the definition of its contents, and says nothing until it is there', async () => {
  const cluster = await controlled(
    ...definitions.filter(({ spec }) => spec.names.kind !== 'VolumeSnapshotContent'),
    gp3(),
    claim('a', { storageClassName: 'gp3' }),
  );
  await cluster.settle();
  await create(cluster, snapshotClass('Delete'), 'volumesnapshotclasses');
  await create(cluster, snapshot, 'volumesnapshots');
  await cluster.settle();
  const { offset } = cluster.state;
  await cluster.pass(3_600);
  expect(cluster.state.offset).toBe(offset);
  await cluster.create(definition('VolumeSnapshotContent', 'volumesnapshotcontents', 'Cluster'));
  await cluster.settle();
  expect(taken(cluster)!.status).toMatchObject({ readyToUse: true });
});

it('A content that a client makes, and a group of snapshots, are not looked at', async () => {
  const group = definition('VolumeGroupSnapshot', 'volumegroupsnapshots', 'Namespaced');
  const cluster = await controlled(...definitions, group);
  const apiVersion = 'snapshot.storage.k8s.io/v1';
  const content = { apiVersion, kind: 'VolumeSnapshotContent', metadata: { name: 'mine' }, spec: { source: { snapshotHandle: 'snap-0' } } } as KubeObject;
  const several = { apiVersion, kind: 'VolumeGroupSnapshot', metadata: { name: 'g', namespace: 'default' }, spec: {} } as KubeObject;
  await create(cluster, content, 'volumesnapshotcontents');
  await create(cluster, several, 'volumegroupsnapshots');
  await cluster.settle();
  await cluster.pass(60);
  expect(contents(cluster)[0]).not.toHaveProperty('status');
  expect(cluster.state.get('volumegroupsnapshots.snapshot.storage.k8s.io', 'default', 'g')).not.toHaveProperty('status');
});

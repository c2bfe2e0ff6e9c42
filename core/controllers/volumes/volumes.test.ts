import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/object.ts';
import type { VolumeAttributesClass } from '../../schema/generated/kinds.ts';
import type { Cluster } from '../../testing/cluster.ts';
import { controlled } from '../../testing/controllers.ts';
import { end } from '../../testing/kubelet.ts';
import { node, pod } from '../../testing/objects.ts';
import { claim, mounting, storageClass, volume } from '../../testing/storage-objects.ts';

const late = storageClass('late', { volumeBindingMode: 'WaitForFirstConsumer' });
const onNode = (name: string, claimName: string, nodeName?: string) => mounting(name, claimName, nodeName ? { nodeName } : {});

async function setUp(...objects: KubeObject[]): Promise<Cluster> {
  const cluster = await controlled();
  for (const object of objects) await cluster.create(object);
  await cluster.settle();
  return cluster;
}

const claims = (cluster: Cluster) => cluster.list('persistentvolumeclaims');
const volumes = (cluster: Cluster) => cluster.list('persistentvolumes');

/** `a Bound v 10Gi` and `v Bound a` */
const seen = (cluster: Cluster) => [
  ...claims(cluster).map(({ metadata, spec, status }) =>
    [metadata.name, metadata.deletionTimestamp ? 'going' : status?.phase, spec?.volumeName, status?.capacity?.['storage']].filter((part) => part).join(' '),
  ),
  ...volumes(cluster).map(({ metadata, spec, status }) =>
    [metadata.name.replace(/^pvc-.*/, 'made'), metadata.deletionTimestamp ? 'going' : status?.phase, spec?.claimRef?.name].filter((part) => part).join(' '),
  ),
];

/** As `seen`, where the volume was made for the claim. */
const seenMade = (cluster: Cluster) => seen(cluster).map((line) => line.replace(/pvc-[0-9a-f-]+/, 'made'));

describe('a claim', () => {
  it.each([
    { name: 'waits when there is no volume', given: [claim('a')], want: ['a Pending'] },
    { name: 'gets a volume that is there', given: [volume('v'), claim('a')], want: ['a Bound v 10Gi', 'v Bound a'] },
    { name: 'gets one that comes later', given: [claim('a'), volume('v')], want: ['a Bound v 10Gi', 'v Bound a'] },
    {
      name: 'gets the smallest that is large enough',
      given: [volume('huge', { capacity: { storage: '100Gi' } }), volume('small', { capacity: { storage: '1Gi' } }), volume('v'), claim('a')],
      want: ['a Bound v 10Gi', 'huge Available', 'small Available', 'v Bound a'],
    },
    { name: 'gets none of another class', given: [volume('v', { storageClassName: 'x' }), claim('a')], want: ['a Pending', 'v Available'] },
    { name: 'gets none of other access modes', given: [volume('v'), claim('a', { accessModes: ['ReadWriteMany'] })], want: ['a Pending', 'v Available'] },
    { name: 'gets none of another mode', given: [volume('v'), claim('a', { volumeMode: 'Block' })], want: ['a Pending', 'v Available'] },
    {
      name: 'gets one that its selector matches',
      given: [volume('v'), volume('w', {}, { labels: { disk: 'ssd' } }), claim('a', { selector: { matchLabels: { disk: 'ssd' } } })],
      want: ['a Bound w 10Gi', 'v Available', 'w Bound a'],
    },
    {
      name: 'gets the one that is reserved for it, however small others are',
      given: [volume('v', { capacity: { storage: '6Gi' } }), volume('w', { claimRef: { namespace: 'default', name: 'a' } }), claim('a')],
      want: ['a Bound w 10Gi', 'v Available', 'w Bound a'],
    },
    {
      name: 'gets none that is reserved for another',
      given: [volume('v', { claimRef: { namespace: 'default', name: 'b' } }), claim('a')],
      want: ['a Pending', 'v Available b'],
    },
    {
      name: 'gets the one that it asks for',
      given: [volume('v'), volume('w'), claim('a', { volumeName: 'w' })],
      want: ['a Bound w 10Gi', 'v Available', 'w Bound a'],
    },
    {
      name: 'gets a larger one before one of more access modes',
      given: [volume('v', { accessModes: ['ReadWriteOnce', 'ReadWriteMany'], capacity: { storage: '5Gi' } }), volume('w'), claim('a')],
      want: ['a Bound w 10Gi', 'v Available', 'w Bound a'],
    },
    {
      name: 'that names no class gets the default one when there is one',
      given: [
        claim('a', { storageClassName: undefined }),
        storageClass('now', { metadata: { name: 'now', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } } }),
      ],
      want: ['a Bound made 5Gi', 'made Bound a'],
    },
    { name: 'waits for the one that it asks for', given: [claim('a', { volumeName: 'w' }), volume('v')], want: ['a Pending w', 'v Available'] },
    {
      name: 'of a class that makes them gets a volume made',
      given: [storageClass('now'), claim('a', { storageClassName: 'now' })],
      want: ['a Bound made 5Gi', 'made Bound a'],
    },
    {
      name: 'of a class that makes them gets one that is there first',
      given: [storageClass('now'), volume('v', { storageClassName: 'now' }), claim('a', { storageClassName: 'now' })],
      want: ['a Bound v 10Gi', 'v Bound a'],
    },
    {
      name: 'whose class comes later gets its volume then',
      given: [claim('a', { storageClassName: 'now' }), storageClass('now')],
      want: ['a Bound made 5Gi', 'made Bound a'],
    },
    {
      name: 'that waits for its first consumer gets none',
      given: [late, volume('v', { storageClassName: 'late' }), claim('a', { storageClassName: 'late' })],
      want: ['a Pending', 'v Available'],
    },
    {
      name: 'that waits for its first consumer gets what is reserved for it',
      given: [late, volume('v', { storageClassName: 'late', claimRef: { namespace: 'default', name: 'a' } }), claim('a', { storageClassName: 'late' })],
      want: ['a Bound v 10Gi', 'v Bound a'],
    },
    {
      name: 'whose pod has a node gets a volume made there',
      given: [late, claim('a', { storageClassName: 'late' }, { annotations: { 'volume.kubernetes.io/selected-node': 'node-1' } })],
      want: ['a Bound made 5Gi', 'made Bound a'],
    },
  ])('$name', async ({ given, want }) => {
    expect(seenMade(await setUp(...(given as KubeObject[])))).toEqual(want);
  });

  it('is bound from both sides, and says by whom', async () => {
    const cluster = await setUp(volume('v'), claim('a'));
    const [bound] = claims(cluster);
    expect(bound).toMatchObject({
      metadata: {
        annotations: { 'pv.kubernetes.io/bind-completed': 'yes', 'pv.kubernetes.io/bound-by-controller': 'yes' },
        finalizers: ['kubernetes.io/pvc-protection'],
      },
      spec: { volumeName: 'v' },
      status: { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '10Gi' } },
    });
    expect(volumes(cluster)[0]).toMatchObject({
      metadata: { annotations: { 'pv.kubernetes.io/bound-by-controller': 'yes' }, finalizers: ['kubernetes.io/pv-protection'] },
      spec: { claimRef: { kind: 'PersistentVolumeClaim', apiVersion: 'v1', namespace: 'default', name: 'a', uid: bound!.metadata.uid } },
      status: { phase: 'Bound' },
    });
  });

  it('has a volume made as its class says, in the zone of its node', async () => {
    const zoned = node('z', { labels: { 'topology.kubernetes.io/zone': 'eu-1a' } });
    const gp3 = storageClass('gp3', {
      provisioner: 'ebs.csi.aws.com',
      reclaimPolicy: 'Retain',
      mountOptions: ['noatime'],
      parameters: { 'csi.storage.k8s.io/fstype': 'xfs' },
    });
    const cluster = await setUp(zoned, gp3, claim('a', { storageClassName: 'gp3' }, { annotations: { 'volume.kubernetes.io/selected-node': 'z' } }));
    const { uid, annotations } = claims(cluster)[0]!.metadata;
    expect(annotations).toMatchObject({
      'volume.kubernetes.io/storage-provisioner': 'ebs.csi.aws.com',
      'volume.beta.kubernetes.io/storage-provisioner': 'ebs.csi.aws.com',
    });
    expect(volumes(cluster)[0]).toMatchObject({
      metadata: { name: `pvc-${uid}`, annotations: { 'pv.kubernetes.io/provisioned-by': 'ebs.csi.aws.com' } },
      spec: {
        accessModes: ['ReadWriteOnce'],
        capacity: { storage: '5Gi' },
        persistentVolumeReclaimPolicy: 'Retain',
        storageClassName: 'gp3',
        mountOptions: ['noatime'],
        csi: { driver: 'ebs.csi.aws.com', fsType: 'xfs' },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: ['eu-1a'] }] }] } },
      },
    });
  });

  it.each([
    { name: 'of no class', given: [claim('a')], want: 'FailedBinding: no persistent volumes available for this claim and no storage class is set' },
    {
      name: 'of a class that is not there',
      given: [claim('a', { storageClassName: 'x' })],
      want: 'ProvisioningFailed: storageclass.storage.k8s.io "x" not found',
    },
    {
      name: 'of a class that makes none',
      given: [storageClass('x', { provisioner: 'kubernetes.io/no-provisioner' }), claim('a', { storageClassName: 'x' })],
      want: 'ProvisioningFailed: no volume plugin matched name: kubernetes.io/no-provisioner',
    },
    {
      name: 'of a class whose provisioner is another program',
      given: [storageClass('x', { provisioner: 'example.com/disks' }), claim('a', { storageClassName: 'x' })],
      want: "ExternalProvisioning: Waiting for a volume to be created either by the external provisioner 'example.com/disks' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.",
    },
    {
      name: 'for its consumer',
      given: [late, claim('a', { storageClassName: 'late' })],
      want: 'WaitForFirstConsumer: waiting for first consumer to be created before binding',
    },
    {
      name: 'of a class of a former plugin',
      given: [storageClass('x', { provisioner: 'kubernetes.io/gce-pd' }), claim('a', { storageClassName: 'x' })],
      want: "ExternalProvisioning: Waiting for a volume to be created either by the external provisioner 'pd.csi.storage.gke.io' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.",
    },
    {
      name: 'for a volume of other attributes',
      given: [volume('v'), claim('a', { volumeName: 'v', volumeAttributesClassName: 'gold' })],
      want: 'VolumeMismatch: Cannot bind to requested volume "v": volumeAttributesClassName does not match',
    },
    {
      name: 'for a volume that is another claim’s',
      given: [volume('v', { claimRef: { namespace: 'default', name: 'b' } }), claim('a', { volumeName: 'v' })],
      want: 'FailedBinding: volume "v" already bound to a different claim.',
    },
    {
      name: 'for a volume that is too small',
      given: [volume('v', { capacity: { storage: '1Gi' } }), claim('a', { volumeName: 'v' })],
      want: 'VolumeMismatch: Cannot bind to requested volume "v": requested PV is too small',
    },
    {
      name: 'for a volume of another class',
      given: [volume('v', { storageClassName: 'x' }), claim('a', { volumeName: 'v' })],
      want: 'VolumeMismatch: Cannot bind to requested volume "v": storageClassName does not match',
    },
  ])('says once what it waits for: $name', async ({ given, want }) => {
    const cluster = await setUp(...(given as KubeObject[]));
    await cluster.create(volume('other', { storageClassName: 'other', capacity: { storage: '1Mi' } }));
    await cluster.edit(claim('a'), ({ metadata }) => {
      metadata.labels = { a: 'b' };
    });
    await cluster.settle();
    expect(cluster.messages(claim('a'))).toEqual([want]);
  });

  it('waits for the pods that have no node, once they have waited too', async () => {
    const cluster = await setUp(late, claim('a', { storageClassName: 'late' }), onNode('p', 'a'), onNode('q', 'a'));
    expect(cluster.messages(claim('a'))).toEqual(['WaitForFirstConsumer: waiting for first consumer to be created before binding']);
    expect(await cluster.wait()).toBe(15);
    expect(cluster.messages(claim('a')).at(-1)).toBe('WaitForPodScheduled: waiting for pods p,q to be scheduled');
  });

  it('says that it is not of the mode of the volume which is reserved for it, as the volume does', async () => {
    const cluster = await setUp(claim('a', { volumeMode: 'Block' }));
    const { uid } = claims(cluster)[0]!.metadata;
    await cluster.create(volume('v', { claimRef: { namespace: 'default', name: 'a', uid } }));
    await cluster.settle();
    expect(cluster.messages(claim('a'))).toContain(
      'VolumeMismatch: Cannot bind PersistentVolume "v" to requested PersistentVolumeClaim due to incompatible volumeMode.',
    );
    expect(cluster.messages(volume('v'))).toEqual([
      'VolumeMismatch: Cannot bind PersistentVolume to requested PersistentVolumeClaim "a" due to incompatible volumeMode.',
    ]);
  });

  it('is silent once it has waited for long and its Events have ended', async () => {
    const cluster = await setUp(late, claim('a', { storageClassName: 'late' }));
    expect(cluster.messages(claim('a'))).toHaveLength(1);
    for (const event of cluster.list('events')) await cluster.delete(event);
    await cluster.pass(3_600);
    await cluster.edit(claim('a'), ({ metadata }) => {
      metadata.labels = { a: 'b' };
    });
    await cluster.settle();
    expect(cluster.messages(claim('a'))).toEqual([]);
  });

  it('that lost its volume says so', async () => {
    const cluster = await setUp(volume('v'), claim('a'));
    await cluster.delete(volume('v'));
    await cluster.release(volume('v'));
    await cluster.settle();
    expect(seen(cluster)).toEqual(['a Lost v']);
    expect(cluster.messages(claim('a'))).toEqual(['ClaimLost: Bound claim has lost its PersistentVolume. Data on the volume is lost!']);
  });

  it('never shares a volume with another', async () => {
    const cluster = await setUp(volume('v'), volume('w'), ...['a', 'b', 'c'].map((name) => claim(name)));
    expect(volumes(cluster).map(({ status }) => status!.phase)).toEqual(['Bound', 'Bound']);
    expect(
      claims(cluster)
        .map(({ status }) => status!.phase)
        .sort(),
    ).toEqual(['Bound', 'Bound', 'Pending']);
    expect(new Set(claims(cluster).flatMap(({ spec }) => spec!.volumeName ?? [])).size).toBe(2);
  });

  it('that asks for a volume which another took at the same time waits', async () => {
    const cluster = await setUp(volume('v'), claim('a', { volumeName: 'v' }), claim('b', { volumeName: 'v' }));
    expect(seen(cluster)).toEqual(['a Bound v 10Gi', 'b Pending v', 'v Bound a']);
    expect(cluster.messages(claim('b'))).toEqual(['FailedBinding: volume "v" already bound to a different claim.']);
  });
});

describe('a volume whose claim is deleted', () => {
  it.each([
    { name: 'stays, released, with Retain', given: [volume('v'), claim('a')], want: ['v Released a'] },
    { name: 'goes with Delete, when it was made', given: [storageClass('now'), claim('a', { storageClassName: 'now' })], want: [] },
    {
      name: 'stays with Retain, though it was made',
      given: [storageClass('now', { reclaimPolicy: 'Retain' }), claim('a', { storageClassName: 'now' })],
      want: ['made Released a'],
    },
    {
      name: 'goes with Delete, when it is a directory for tests',
      given: [volume('v', { persistentVolumeReclaimPolicy: 'Delete' }), claim('a')],
      want: [],
    },
    {
      name: 'has failed with Delete, when it is another directory',
      given: [volume('v', { persistentVolumeReclaimPolicy: 'Delete', hostPath: { path: '/data' } }), claim('a')],
      want: ['v Failed a'],
    },
    {
      name: 'waits for its driver with Delete, though that has not made it',
      given: [volume('v', { persistentVolumeReclaimPolicy: 'Delete', hostPath: undefined, csi: { driver: 'x.example.com', volumeHandle: 'h' } }), claim('a')],
      want: ['v Released a'],
    },
    {
      name: 'is free again with Recycle',
      given: [volume('v', { persistentVolumeReclaimPolicy: 'Recycle' }), claim('a')],
      want: ['v Available'],
    },
    {
      name: 'has failed with Recycle, when nothing can empty it',
      given: [volume('v', { persistentVolumeReclaimPolicy: 'Recycle', hostPath: undefined, csi: { driver: 'x.example.com', volumeHandle: 'h' } }), claim('a')],
      want: ['v Failed a'],
    },
  ])('$name', async ({ given, want }) => {
    const cluster = await setUp(...(given as KubeObject[]));
    await cluster.delete(claim('a'));
    await cluster.settle();
    expect(seen(cluster)).toEqual(want);
    // No pod empties a volume.
    expect(cluster.changes.filter(({ object }) => object.kind === 'Pod')).toEqual([]);
  });

  it.each([
    {
      name: 'is not under /tmp',
      source: { hostPath: { path: '/data' } },
      why: 'host_path deleter only supports /tmp/.+ but received provided /data',
    },
    {
      name: 'is of a server',
      source: { nfs: { server: 's', path: '/' } },
      why: 'error getting deleter volume plugin for volume "v": no deletable volume plugin matched',
    },
  ])('says why it cannot go: it $name', async ({ source, why }) => {
    const kept = volume('v', { persistentVolumeReclaimPolicy: 'Delete', hostPath: undefined, ...source });
    const cluster = await setUp(kept, claim('a'));
    await cluster.delete(claim('a'));
    await cluster.settle();
    expect(volumes(cluster)[0]!.status).toMatchObject({ phase: 'Failed', message: why });
    expect(cluster.messages(kept)).toEqual([`VolumeFailedDelete: ${why}`]);
  });

  it('is not given to the next claim of the name, until a person frees it', async () => {
    const cluster = await setUp(volume('v'), claim('a'));
    await cluster.delete(claim('a'));
    await cluster.settle();
    await cluster.create(claim('a'));
    await cluster.settle();
    expect(seen(cluster)).toEqual(['a Pending', 'v Released a']);
    await cluster.edit(volume('v'), (copy) => {
      delete copy.spec!.claimRef;
    });
    await cluster.settle();
    expect(seen(cluster)).toEqual(['a Bound v 10Gi', 'v Bound a']);
  });

  it('that was reserved for a claim which has another is free for the next of the name', async () => {
    const cluster = await setUp(volume('v'), claim('a'));
    const { uid } = claims(cluster)[0]!.metadata;
    await cluster.create(volume('w', { claimRef: { namespace: 'default', name: 'a', uid } }));
    await cluster.settle();
    expect(seen(cluster)).toEqual(['a Bound v 10Gi', 'v Bound a', 'w Available a']);
    expect(volumes(cluster)[1]!.spec!.claimRef).toMatchObject({ name: 'a' });
    expect(volumes(cluster)[1]!.spec!.claimRef!.uid).toBeUndefined();
  });
});

describe('what is in use', () => {
  it('is not deleted: a claim of a running pod', async () => {
    const cluster = await setUp(volume('v'), claim('a'), onNode('p', 'a', 'node-1'));
    await cluster.delete(claim('a'));
    await cluster.settle();
    expect(seen(cluster)).toEqual(['a going v 10Gi', 'v Bound a']);
    await cluster.delete(onNode('p', 'a'), { gracePeriodSeconds: 0 });
    await cluster.settle();
    expect(seen(cluster)).toEqual(['v Released a']);
  });

  it('is not deleted: until the pod has ended', async () => {
    const cluster = await setUp(volume('v'), claim('a'), onNode('p', 'a', 'node-1'));
    await cluster.delete(claim('a'));
    await end(cluster, 'Succeeded', cluster.pods);
    expect(seen(cluster)).toEqual(['v Released a']);
  });

  it('is not: a claim of a pod that has no node yet', async () => {
    const cluster = await setUp(volume('v'), claim('a'), onNode('p', 'a'));
    await cluster.delete(claim('a'));
    await cluster.settle();
    expect(claims(cluster)).toEqual([]);
  });

  it('is not deleted: the volume of a claim', async () => {
    const cluster = await setUp(volume('v'), claim('a'));
    await cluster.delete(volume('v'));
    await cluster.settle();
    expect(seen(cluster)).toEqual(['a Bound v 10Gi', 'v going a']);
    await cluster.delete(claim('a'));
    await cluster.settle();
    expect(seen(cluster)).toEqual([]);
  });

  it('goes when no pod uses it', async () => {
    const cluster = await setUp(volume('v'), claim('a', { storageClassName: 'x' }));
    await cluster.delete(volume('v'));
    await cluster.delete(claim('a'));
    await cluster.settle();
    expect(seen(cluster)).toEqual([]);
  });
});

describe('a class of attributes', () => {
  const gold: VolumeAttributesClass = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'VolumeAttributesClass',
    metadata: { name: 'gold' },
    driverName: 'x.example.com',
    parameters: { a: 'b' },
  };
  const classes = (cluster: Cluster) => cluster.list('volumeattributesclasses.storage.k8s.io').map(({ metadata }) => metadata.finalizers);

  it.each([
    { name: 'a claim', user: claim('a', { volumeAttributesClassName: 'gold' }) },
    { name: 'a volume', user: volume('v', { volumeAttributesClassName: 'gold', csi: { driver: 'x.example.com', volumeHandle: 'h' }, hostPath: undefined }) },
  ])('is not deleted as long as $name has it', async ({ user }) => {
    const cluster = await setUp(gold, user);
    await cluster.delete(gold);
    await cluster.settle();
    expect(classes(cluster)).toEqual([['kubernetes.io/vac-protection']]);
    await cluster.delete(user);
    await cluster.settle();
    expect(classes(cluster)).toEqual([]);
  });

  it('gets its finalizer back when a client takes it off', async () => {
    const cluster = await setUp(gold);
    await cluster.edit(gold, ({ metadata }) => {
      delete metadata.finalizers;
    });
    await cluster.settle();
    expect(classes(cluster)).toEqual([['kubernetes.io/vac-protection']]);
  });
});

describe('a generic ephemeral volume', () => {
  const spec = { accessModes: ['ReadWriteOnce'], storageClassName: 'now', resources: { requests: { storage: '1Gi' } } };
  const using = pod('p', { volumes: [{ name: 'tmp', ephemeral: { volumeClaimTemplate: { metadata: { labels: { x: 'y' } }, spec } } }] });

  it('has a claim that is the pod’s, and goes with it', async () => {
    const cluster = await setUp(storageClass('now'), using);
    const { uid } = cluster.get(using).metadata;
    expect(claims(cluster)).toMatchObject([
      { metadata: { name: 'p-tmp', labels: { x: 'y' }, ownerReferences: [{ kind: 'Pod', name: 'p', uid, controller: true }] }, spec },
    ]);
    expect(seenMade(cluster)).toEqual(['p-tmp Bound made 1Gi', 'made Bound p-tmp']);
    await cluster.delete(using, { gracePeriodSeconds: 0 });
    await cluster.settle();
    expect(seen(cluster)).toEqual([]);
  });
});

it('Hundreds of claims and volumes find each other in a few rounds', async () => {
  const names = Array.from({ length: 500 }, (_, i) => `c${i}`);
  const cluster = await controlled();
  for (const name of names) await cluster.create(claim(name, { storageClassName: 'now' }));
  await cluster.create(storageClass('now'));
  expect(await cluster.settle()).toBeLessThan(6);
  expect(new Set(claims(cluster).map(({ status, spec }) => (status?.phase === 'Bound' ? spec!.volumeName : 'none'))).size).toBe(500);
});

import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/object.ts';
import type { Cluster } from '../../testing/cluster.ts';
import { configMap, pod } from '../../testing/objects.ts';
import { claim, gp3, mounting, storageClass, volume } from '../../testing/storage-objects.ts';
import { wholeCluster } from '../../testing/whole-cluster.ts';

const on = (node: string) => ({ nodeName: node, terminationGracePeriodSeconds: 0 });
const asked = claim('a', { storageClassName: 'gp3' });
const attachments = (cluster: Cluster) => cluster.list('volumeattachments.storage.k8s.io');
const nodeNamed = (cluster: Cluster, name: string) => cluster.list('nodes').find(({ metadata }) => metadata.name === name)!;
const attachEvents = (cluster: Cluster, object: KubeObject) => cluster.messages(object).filter((message) => message.includes('AttachVolume'));
const phaseOf = (cluster: Cluster, name: string) => cluster.pod(name)?.status?.phase;
const reasonOf = (cluster: Cluster, name: string) => cluster.pod(name)?.status?.containerStatuses?.[0]?.state?.waiting?.reason;
/** What its name is of the driver's volume on a node. */
const uniqueName = (cluster: Cluster) => `kubernetes.io/csi/ebs.csi.aws.com^${cluster.list('persistentvolumes')[0]!.spec!.csi!.volumeHandle}`;

describe('a disk that a pod mounts', () => {
  it('is attached to its node first, which says so, and detached when the pod is gone', async () => {
    const user = mounting('p', 'a', on('node-1'));
    const cluster = await wholeCluster([gp3(), asked, user]);
    await cluster.pass(5);
    const { name } = cluster.list('persistentvolumes')[0]!.metadata;
    expect(attachments(cluster)).toMatchObject([
      {
        metadata: {
          name: expect.stringMatching(/^csi-[0-9a-f]{64}$/),
          finalizers: ['external-attacher/ebs-csi-aws-com'],
          annotations: { 'csi.alpha.kubernetes.io/node-id': 'node-1' },
        },
        spec: { attacher: 'ebs.csi.aws.com', nodeName: 'node-1', source: { persistentVolumeName: name } },
        status: { attached: true, attachmentMetadata: { devicePath: '/dev/xvdaa' } },
      },
    ]);
    expect(nodeNamed(cluster, 'node-1').status).toMatchObject({
      volumesAttached: [{ name: uniqueName(cluster), devicePath: '' }],
      volumesInUse: [uniqueName(cluster)],
    });
    expect(cluster.list('persistentvolumes')[0]!.metadata.finalizers).toContain('external-attacher/ebs-csi-aws-com');
    expect(attachEvents(cluster, user)).toEqual([`SuccessfulAttachVolume: AttachVolume.Attach succeeded for volume "${name}" `]);
    expect(phaseOf(cluster, 'p')).toBe('Running');

    await cluster.delete(user, { gracePeriodSeconds: 0 });
    await cluster.settle();
    expect(attachments(cluster)).toEqual([]);
    expect(nodeNamed(cluster, 'node-1').status).not.toHaveProperty('volumesAttached');
    expect(nodeNamed(cluster, 'node-1').status).not.toHaveProperty('volumesInUse');
    await cluster.delete(asked);
    await cluster.settle();
    expect(cluster.list('persistentvolumes')).toEqual([]);
  });

  it('is one disk for all pods of the node, and the second of two has another device', async () => {
    const pods = [mounting('p', 'a', on('node-1')), mounting('q', 'a', on('node-1')), mounting('r', 'b', on('node-1'))];
    const cluster = await wholeCluster([gp3(), asked, claim('b', { storageClassName: 'gp3' }), ...pods]);
    await cluster.pass(5);
    expect(pods.map(({ metadata }) => phaseOf(cluster, metadata.name))).toEqual(['Running', 'Running', 'Running']);
    expect(attachments(cluster).map(({ status }) => status!.attachmentMetadata!['devicePath'])).toHaveLength(2);
    expect(new Set(attachments(cluster).map(({ status }) => status!.attachmentMetadata!['devicePath']))).toEqual(new Set(['/dev/xvdaa', '/dev/xvdab']));
  });

  it('is for one node: on another one the pod waits, is told so once, and starts when the disk is free', async () => {
    const [first, second] = [mounting('p', 'a', on('node-1')), mounting('q', 'a', on('node-2'))];
    const cluster = await wholeCluster([gp3({ allowedTopologies: [] }), asked, first]);
    await cluster.pass(5);
    await cluster.create(second);
    await cluster.pass(600);
    const { name } = cluster.list('persistentvolumes')[0]!.metadata;
    expect([phaseOf(cluster, 'q'), reasonOf(cluster, 'q')]).toEqual(['Pending', 'ContainerCreating']);
    expect(cluster.messages(second).filter((message) => message.startsWith('FailedAttachVolume'))).toEqual([
      `FailedAttachVolume: Multi-Attach error for volume "${name}" Volume is already used by pod(s) p`,
    ]);
    await cluster.delete(first, { gracePeriodSeconds: 0 });
    await cluster.settle();
    await cluster.pass(5);
    expect(phaseOf(cluster, 'q')).toBe('Running');
    expect(attachments(cluster).map(({ spec }) => spec.nodeName)).toEqual(['node-2']);
  });

  it('of two nodes that want it at the same time, goes to one', async () => {
    const cluster = await wholeCluster([gp3(), asked, mounting('p', 'a', on('node-1')), mounting('q', 'a', on('node-2'))]);
    await cluster.pass(5);
    expect(attachments(cluster)).toHaveLength(1);
    expect(['p', 'q'].map((name) => phaseOf(cluster, name)).sort()).toEqual(['Pending', 'Running']);
  });

  it('stays six minutes with a node that is lost, unless that is said to be out of service', async () => {
    const [first, second] = [mounting('p', 'a', on('node-1')), mounting('q', 'a', on('node-2'))];
    const cluster = await wholeCluster([gp3(), asked, first]);
    await cluster.pass(5);
    await cluster.edit(
      nodeNamed(cluster, 'node-1'),
      ({ status }) => {
        const ready = status!.conditions!.find(({ type }) => type === 'Ready')!;
        Object.assign(ready, { status: 'Unknown', lastTransitionTime: new Date(cluster.now).toISOString().replace(/\.\d+/, '') });
      },
      'status',
    );
    await cluster.delete(first, { gracePeriodSeconds: 0 });
    await cluster.create(second);
    await cluster.settle();
    expect(attachments(cluster).map(({ spec }) => spec.nodeName)).toEqual(['node-1']);
    expect(nodeNamed(cluster, 'node-1').status!.volumesInUse).toEqual([uniqueName(cluster)]);
    expect(cluster.messages(second).join()).toContain("Volume is already exclusively attached to one node and can't be attached to another");
    await cluster.runUntil(cluster.now + 365_000);
    expect(attachments(cluster).map(({ spec }) => spec.nodeName)).toEqual(['node-2']);
  });

  it('of a driver that is not there is waited for two minutes, and then told of', async () => {
    const foreign = volume('v', { hostPath: undefined, csi: { driver: 'x.example.com', volumeHandle: 'h' } });
    const user = mounting('p', 'a', on('node-1'));
    const cluster = await wholeCluster([foreign, claim('a'), user]);
    await cluster.pass(5);
    expect(attachEvents(cluster, user)).toEqual([]);
    await cluster.runUntil(cluster.now + 120_000);
    expect(attachEvents(cluster, user)).toEqual([
      'FailedAttachVolume: AttachVolume.Attach failed for volume "v" : timed out waiting for external-attacher of x.example.com CSI driver to attach volume h',
    ]);
    await cluster.create({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'CSIDriver',
      metadata: { name: 'x.example.com' },
      spec: { attachRequired: false },
    } as KubeObject);
    await cluster.settle();
    await cluster.pass(5);
    expect(phaseOf(cluster, 'p')).toBe('Running');
  });

  it('is left alone when a client has made the attachment', async () => {
    const own = {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'VolumeAttachment',
      metadata: { name: 'mine' },
      spec: { attacher: 'ebs.csi.aws.com', nodeName: 'node-3', source: { persistentVolumeName: 'v' } },
    };
    const cluster = await wholeCluster([volume('v', { hostPath: undefined, csi: { driver: 'ebs.csi.aws.com', volumeHandle: 'vol-1' } }), own as KubeObject]);
    expect(attachments(cluster)).toMatchObject([{ metadata: { name: 'mine' }, status: { attached: true } }]);
  });
});

it('A file system for many nodes needs no attachment', async () => {
  const shared = volume('v', { accessModes: ['ReadWriteMany'], hostPath: undefined, csi: { driver: 'efs.csi.aws.com', volumeHandle: 'fs-1' } });
  const pods = ['node-1', 'node-2'].map((node) => mounting(`on-${node}`, 'a', on(node)));
  const cluster = await wholeCluster([shared, claim('a', { accessModes: ['ReadWriteMany'] }), ...pods]);
  await cluster.pass(5);
  expect(pods.map(({ metadata }) => phaseOf(cluster, metadata.name))).toEqual(['Running', 'Running']);
  expect(attachments(cluster)).toEqual([]);
});

it('A volume of a driver that is not there is not mounted, until it is', async () => {
  const inline = pod('p', {
    volumes: [{ name: 'secrets', csi: { driver: 'secrets-store.csi.k8s.io' } }],
    container: { volumeMounts: [{ name: 'secrets', mountPath: '/s' }] },
    ...on('node-1'),
  });
  const cluster = await wholeCluster([configMap('x'), inline]);
  await cluster.pass(5);
  expect([phaseOf(cluster, 'p'), reasonOf(cluster, 'p')]).toEqual(['Pending', 'ContainerCreating']);
  expect(cluster.messages(inline)).toContain(
    'FailedMount: MountVolume.SetUp failed for volume "secrets" : kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: driver name secrets-store.csi.k8s.io not found in the list of registered CSI drivers',
  );
  const driver = { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', metadata: { name: 'secrets-store.csi.k8s.io' }, spec: { attachRequired: false } };
  await cluster.create(driver as KubeObject);
  await cluster.settle();
  await cluster.pass(5);
  expect(phaseOf(cluster, 'p')).toBe('Running');
});

it('A disk is taken at once from a node that is deleted', async () => {
  const [first, second] = [mounting('p', 'a', on('node-1')), mounting('q', 'a', on('node-2'))];
  const cluster = await wholeCluster([gp3({ allowedTopologies: [] }), asked, first]);
  await cluster.pass(5);
  await cluster.delete(first, { gracePeriodSeconds: 0 });
  await cluster.delete(nodeNamed(cluster, 'node-1'));
  await cluster.create(second);
  await cluster.settle();
  expect(attachments(cluster).map(({ spec }) => spec.nodeName)).toEqual(['node-2']);
});

it('A driver whose CSIDriver a client has created attaches and mounts, makes no volumes, and is in no CSINode', async () => {
  const name = 'x.example.com';
  const driver = { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', metadata: { name }, spec: {} } as KubeObject;
  const own = volume('v', { hostPath: undefined, csi: { driver: name, volumeHandle: 'h' } });
  const ofClass = claim('b', { storageClassName: 'x' });
  const cluster = await wholeCluster([driver, storageClass('x', { provisioner: name }), own, claim('a'), ofClass, mounting('p', 'a', on('node-1'))]);
  await cluster.pass(60);
  expect(attachments(cluster)).toMatchObject([{ spec: { attacher: name, nodeName: 'node-1' }, status: { attached: true } }]);
  expect([phaseOf(cluster, 'p'), cluster.get(ofClass).status!.phase]).toEqual(['Running', 'Pending']);
  expect(JSON.stringify(cluster.list('csinodes.storage.k8s.io'))).not.toContain(name);
});

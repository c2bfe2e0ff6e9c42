import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/object.ts';
import { controlled } from '../../testing/controllers.ts';
import { node } from '../../testing/objects.ts';
import { attributesClass, claim, gp3, storageClass } from '../../testing/storage-objects.ts';

const ZONE = 'topology.kubernetes.io/zone';
const zoned = (name: string, zone: string) => node(name, { labels: { [ZONE]: zone } });
const nodes = [zoned('n1', 'eu-1a'), zoned('n2', 'eu-1b'), zoned('n3', 'eu-1c')];
const efs = (parameters: object) => storageClass('efs', { provisioner: 'efs.csi.aws.com', parameters: { ...parameters } });
const ap = { provisioningMode: 'efs-ap', fileSystemId: 'fs-1' };

async function made(...objects: readonly KubeObject[]) {
  const cluster = await controlled(...nodes, ...objects);
  await cluster.settle();
  return { cluster, volume: cluster.list('persistentvolumes')[0], messages: cluster.messages(claim('a')) };
}
const asking = (className: string, spec: object = {}) => claim('a', { storageClassName: className, ...spec });

describe('a disk of EBS', () => {
  it('is made as the external-provisioner makes it, and told of by it and by the binder', async () => {
    const { cluster, volume, messages } = await made(gp3({ mountOptions: ['noatime'] }), asking('gp3', { resources: { requests: { storage: '1500Mi' } } }));
    const { uid } = cluster.get(claim('a')).metadata;
    expect(volume).toMatchObject({
      metadata: {
        name: `pvc-${uid}`,
        annotations: {
          'pv.kubernetes.io/provisioned-by': 'ebs.csi.aws.com',
          'volume.kubernetes.io/provisioner-deletion-secret-name': '',
          'volume.kubernetes.io/provisioner-deletion-secret-namespace': '',
        },
        finalizers: ['external-provisioner.volume.kubernetes.io/finalizer', 'kubernetes.io/pv-protection'],
      },
      spec: {
        // Whole gibibytes.
        capacity: { storage: '2Gi' },
        csi: { driver: 'ebs.csi.aws.com', fsType: 'ext4', volumeHandle: expect.stringMatching(/^vol-0[0-9a-f]{16}$/) },
        mountOptions: ['noatime'],
        persistentVolumeReclaimPolicy: 'Delete',
      },
    });
    expect(cluster.get(claim('a')).status!.capacity).toEqual({ storage: '2Gi' });
    expect(messages.map((message) => message.split(':')[0])).toEqual(['ExternalProvisioning', 'Provisioning', 'ProvisioningSucceeded']);
    expect(messages.slice(1)).toEqual([
      'Provisioning: External provisioner is provisioning volume for claim "default/a"',
      `ProvisioningSucceeded: Successfully provisioned volume pvc-${uid}`,
    ]);
    expect(cluster.list('events').find(({ reason }) => reason === 'ProvisioningSucceeded')!.source!.component).toMatch(/^ebs.csi.aws.com_ebs-csi-controller-/);
    expect(cluster.list('csidrivers.storage.k8s.io').map(({ metadata, spec }) => [metadata.name, spec.attachRequired])).toEqual([['ebs.csi.aws.com', true]]);
  });

  it('is one of the former plugin, when the class asks for that', async () => {
    const { cluster, volume } = await made(gp3({ provisioner: 'kubernetes.io/aws-ebs', parameters: { type: 'gp2', fsType: 'xfs' } }), asking('gp3'));
    expect(volume).toMatchObject({
      metadata: { annotations: { 'pv.kubernetes.io/provisioned-by': 'kubernetes.io/aws-ebs', 'pv.kubernetes.io/migrated-to': 'ebs.csi.aws.com' } },
      spec: { awsElasticBlockStore: { volumeID: expect.stringMatching(/^vol-0/), fsType: 'xfs' } },
    });
    expect(cluster.get(claim('a')).metadata.annotations).toMatchObject({ 'volume.kubernetes.io/storage-provisioner': 'ebs.csi.aws.com' });
  });

  const late = gp3({ volumeBindingMode: 'WaitForFirstConsumer' });
  const zoneOf = (volume: Awaited<ReturnType<typeof made>>['volume']) =>
    volume!.spec!.nodeAffinity!.required!.nodeSelectorTerms[0]!.matchExpressions![0]!.values!.join();

  it('is in the zone of the node that was chosen', async () => {
    const { volume } = await made(late, claim('a', { storageClassName: 'gp3' }, { annotations: { 'volume.kubernetes.io/selected-node': 'n2' } }));
    expect(zoneOf(volume)).toBe('eu-1b');
  });

  it('is scheduled anew when that node has gone', async () => {
    const { cluster, messages } = await made(late, claim('a', { storageClassName: 'gp3' }, { annotations: { 'volume.kubernetes.io/selected-node': 'gone' } }));
    expect(messages).toContain('ProvisioningFailed: failed to get target node: node "gone" not found');
    expect(cluster.get(claim('a')).metadata.annotations).not.toHaveProperty(['volume.kubernetes.io/selected-node']);
  });

  it('is in a zone that its class allows', async () => {
    const allowedTopologies = [{ matchLabelExpressions: [{ key: ZONE, values: ['eu-1c'] }] }];
    expect(zoneOf((await made(gp3({ allowedTopologies }), asking('gp3'))).volume)).toBe('eu-1c');
  });

  it('goes from zone to zone through the claims of a StatefulSet, those of one pod together', async () => {
    const names = ['data-web-0', 'log-web-0', 'data-web-1', 'data-web-2', 'data-web-3'];
    const cluster = await controlled(...nodes, gp3(), ...names.map((name) => claim(name, { storageClassName: 'gp3' })));
    await cluster.settle();
    const zones = new Map(cluster.list('persistentvolumes').map((volume) => [volume.spec!.claimRef!.name, zoneOf(volume)]));
    expect(new Set(['data-web-0', 'data-web-1', 'data-web-2'].map((name) => zones.get(name))).size).toBe(3);
    expect(zones.get('log-web-0')).toBe(zones.get('data-web-0'));
    expect(zones.get('data-web-3')).toBe(zones.get('data-web-0'));
  });

  it.each([
    { name: 'for many nodes', spec: { accessModes: ['ReadWriteMany'] }, why: 'rpc error: code = InvalidArgument desc = Volume capabilities not supported' },
    { name: 'for many readers', spec: { accessModes: ['ReadOnlyMany'] }, why: 'rpc error: code = InvalidArgument desc = Volume capabilities not supported' },
    {
      name: 'with a parameter that is unknown',
      parameters: { disk: 'x' },
      why: 'rpc error: code = InvalidArgument desc = Invalid parameter key disk for CreateVolume',
    },
    {
      name: 'of a type that is unknown',
      parameters: { type: 'gp9' },
      why: 'rpc error: code = Internal desc = Could not create volume "$PV": invalid AWS VolumeType "gp9"',
    },
    {
      name: 'with a parameter for the sidecars that they do not know',
      parameters: { 'csi.storage.k8s.io/x': 'y' },
      why: 'failed to strip CSI Parameters of prefixed keys: found unknown parameter key "csi.storage.k8s.io/x" with reserved namespace csi.storage.k8s.io/',
    },
    { name: 'with attributes that are not there', spec: { volumeAttributesClassName: 'gold' }, why: 'volumeattributesclass.storage.k8s.io "gold" not found' },
  ])('is refused $name', async ({ spec = {}, parameters = {}, why }) => {
    const { cluster, volume, messages } = await made(gp3({ parameters: { ...parameters } as Record<string, string> }), asking('gp3', spec));
    expect(volume).toBeUndefined();
    const name = `pvc-${cluster.get(claim('a')).metadata.uid}`;
    expect(messages).toContain(`ProvisioningFailed: failed to provision volume with StorageClass "gp3": ${why.replace('$PV', name)}`);
    const { offset } = cluster.state;
    await cluster.pass(3_600);
    expect(cluster.state.offset).toBe(offset);
  });

  it('may be a block device of many nodes, and has no file system then', async () => {
    const { volume } = await made(gp3({ parameters: { type: 'io2' } }), asking('gp3', { accessModes: ['ReadWriteMany'], volumeMode: 'Block' }));
    expect(volume!.spec!.csi).not.toHaveProperty('fsType');
  });

  it('is made once its attributes are there, with them', async () => {
    const { cluster } = await made(gp3(), asking('gp3', { volumeAttributesClassName: 'gold' }));
    await cluster.create(attributesClass('gold', { iops: '4000' }));
    await cluster.settle();
    expect(cluster.get(claim('a')).status).toMatchObject({ phase: 'Bound', currentVolumeAttributesClassName: 'gold' });
    expect(cluster.list('persistentvolumes')[0]!.spec!.volumeAttributesClassName).toBe('gold');
  });
});

describe('a file system of EFS', () => {
  it('is for all nodes of all zones, of the size that was asked for', async () => {
    const { volume } = await made(efs(ap), asking('efs', { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '5G' } } }));
    expect(volume!.spec).toMatchObject({
      accessModes: ['ReadWriteMany'],
      csi: { driver: 'efs.csi.aws.com', volumeHandle: expect.stringMatching(/^fs-1::fsap-0[0-9a-f]{16}$/) },
    });
    expect(volume!.spec!.csi).not.toHaveProperty('fsType');
    expect(volume!.spec).not.toHaveProperty('nodeAffinity');
  });

  it.each([
    { parameters: {}, why: 'Missing provisioningMode parameter' },
    { parameters: { ...ap, provisioningMode: 'efs' }, why: "Provisioning mode efs is not supported. Only Access point provisioning: 'efs-ap' is supported" },
    { parameters: { provisioningMode: 'efs-ap' }, why: 'Missing fileSystemId parameter' },
    { parameters: { ...ap, gidRangeStart: '0', gidRangeEnd: '2' }, why: 'gidRangeStart must be greater than 0' },
    { parameters: { ...ap, gidRangeStart: '5', gidRangeEnd: '2' }, why: 'gidRangeEnd must be greater than gidRangeStart' },
  ])('is refused: $why', async ({ parameters, why }) => {
    const { messages } = await made(efs(parameters), asking('efs'));
    expect(messages).toContain(`ProvisioningFailed: failed to provision volume with StorageClass "efs": rpc error: code = InvalidArgument desc = ${why}`);
  });
});

it('A volume that is to stay after all is not held by the driver that has made it', async () => {
  const { cluster, volume } = await made(gp3(), asking('gp3'));
  await cluster.edit(volume!, ({ spec }) => {
    spec!.persistentVolumeReclaimPolicy = 'Retain';
  });
  await cluster.delete(claim('a'));
  await cluster.settle();
  expect(cluster.get(volume!)).toMatchObject({ metadata: { finalizers: ['kubernetes.io/pv-protection'] }, status: { phase: 'Released' } });
  await cluster.delete(volume!);
  await cluster.settle();
  expect(cluster.list('persistentvolumes')).toEqual([]);
});

it('What AWS would refuse for its limits is made', async () => {
  const [{ cluster }, shared] = await Promise.all([
    made(gp3({ parameters: { iops: '999999' } }), asking('gp3', { resources: { requests: { storage: '1Pi' } } })),
    made(efs({ ...ap, fileSystemId: 'fs-that-is-not-there' }), asking('efs', { accessModes: ['ReadWriteMany'] })),
  ]);
  expect(cluster.get(claim('a')).status).toMatchObject({ phase: 'Bound', capacity: { storage: '1Pi' } });
  expect(shared.cluster.get(claim('a')).status!.phase).toBe('Bound');
});

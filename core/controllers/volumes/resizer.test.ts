import { describe, expect, it } from 'vitest';
import type { PersistentVolumeClaimStatus } from '../../schema/generated/kinds.ts';
import { isOf } from '../../state/change.ts';
import type { Cluster } from '../../testing/cluster.ts';
import { attributesClass, claim, gp3, mounting, storageClass } from '../../testing/storage-objects.ts';
import { wholeCluster } from '../../testing/whole-cluster.ts';

const growable = gp3({ allowVolumeExpansion: true });
const asked = claim('a', { storageClassName: 'gp3' });
const user = mounting('p', 'a', { nodeName: 'node-1' });
const statusOf = (cluster: Cluster) => cluster.get(asked).status!;
const volumeOf = (cluster: Cluster) => cluster.list('persistentvolumes')[0]!;

const ask = async (cluster: Cluster, storage: string) => {
  await cluster.edit(asked, ({ spec }) => {
    spec!.resources = { requests: { storage } };
  });
  await cluster.settle();
};

/** `5Gi Resizing ControllerResizeInProgress`: each status that a watch would have shown. */
const steps = ({ changes }: Cluster): string[] => {
  const lines = changes
    .filter((change) => isOf(change, 'persistentvolumeclaims'))
    .map(({ object }) => object.status as PersistentVolumeClaimStatus)
    .map(({ capacity, conditions, allocatedResourceStatuses }) =>
      [capacity?.['storage'], ...(conditions ?? []).map(({ type }) => type), allocatedResourceStatuses?.['storage']].filter(Boolean).join(' '),
    );
  return lines.filter((line, i) => line && line !== lines[i - 1]);
};

describe('a claim that asks for more', () => {
  it('grows step by step while a pod has it', async () => {
    const cluster = await wholeCluster([growable, asked, user]);
    await cluster.pass(5);
    await ask(cluster, '7500Mi');
    const { name } = volumeOf(cluster).metadata;
    expect(steps(cluster)).toEqual(['5Gi', '5Gi Resizing ControllerResizeInProgress', '5Gi FileSystemResizePending NodeResizePending', '8Gi']);
    expect(volumeOf(cluster).spec!.capacity).toEqual({ storage: '8Gi' });
    expect(statusOf(cluster)).toMatchObject({ capacity: { storage: '8Gi' }, allocatedResources: { storage: '8Gi' } });
    expect(cluster.messages(asked).slice(-4).sort()).toEqual(
      [
        'ExternalExpanding: waiting for an external controller to expand this PVC',
        `Resizing: External resizer is resizing volume ${name}`,
        'FileSystemResizeRequired: Require file system resize of volume on node',
        `FileSystemResizeSuccessful: MountVolume.NodeExpandVolume succeeded for volume "${name}" node-1`,
      ].sort(),
    );
  });

  it('waits for a pod to grow its file system on a node', async () => {
    const cluster = await wholeCluster([growable, asked]);
    await ask(cluster, '8Gi');
    expect(statusOf(cluster)).toMatchObject({
      capacity: { storage: '5Gi' },
      allocatedResourceStatuses: { storage: 'NodeResizePending' },
      conditions: [
        {
          type: 'FileSystemResizePending',
          status: 'True',
          message: 'Waiting for user to (re-)start a pod to finish file system resize of volume on node.',
        },
      ],
    });
    expect(volumeOf(cluster).spec!.capacity).toEqual({ storage: '8Gi' });
    const { offset } = cluster.state;
    await cluster.pass(3_600);
    expect(cluster.state.offset).toBe(offset);
    await cluster.create(user);
    await cluster.settle();
    await cluster.pass(5);
    expect(statusOf(cluster).capacity).toEqual({ storage: '8Gi' });
    expect(statusOf(cluster)).not.toHaveProperty('conditions');
  });

  it('grows again when it asks for still more meanwhile', async () => {
    const cluster = await wholeCluster([growable, asked]);
    await ask(cluster, '8Gi');
    await ask(cluster, '9Gi');
    await cluster.create(user);
    await cluster.settle();
    await cluster.pass(5);
    expect(statusOf(cluster).capacity).toEqual({ storage: '9Gi' });
  });

  it('is done at once as a block device', async () => {
    const cluster = await wholeCluster([growable, claim('a', { storageClassName: 'gp3', volumeMode: 'Block' })]);
    await ask(cluster, '8Gi');
    expect(statusOf(cluster).capacity).toEqual({ storage: '8Gi' });
    expect(cluster.messages(asked)).toContain('VolumeResizeSuccessful: Resize volume succeeded');
  });

  it('has the resizer of the driver that has taken the place of its plugin', async () => {
    const cluster = await wholeCluster([gp3({ provisioner: 'kubernetes.io/aws-ebs', allowVolumeExpansion: true }), asked]);
    await ask(cluster, '8Gi');
    expect(cluster.get(asked).metadata.annotations).toMatchObject({ 'volume.kubernetes.io/storage-resizer': 'ebs.csi.aws.com' });
    expect(cluster.messages(asked)).toContain(
      'ExternalExpanding: CSI migration enabled for kubernetes.io/aws-ebs; waiting for external resizer to expand the pvc',
    );
  });

  it('stays as it is where the driver cannot', async () => {
    const parameters = { provisioningMode: 'efs-ap', fileSystemId: 'fs-1' };
    const efs = storageClass('gp3', { provisioner: 'efs.csi.aws.com', parameters, allowVolumeExpansion: true });
    const cluster = await wholeCluster([efs, asked]);
    await ask(cluster, '8Gi');
    expect(statusOf(cluster)).toEqual({ phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '5Gi' } });
  });
});

describe('a claim that names another class of attributes', () => {
  const name = async (cluster: Cluster, className: string) => {
    await cluster.edit(asked, ({ spec }) => {
      spec!.volumeAttributesClassName = className;
    });
    await cluster.settle();
  };

  it('gets them, and says so on the way', async () => {
    const cluster = await wholeCluster([growable, asked, attributesClass('gold', { iops: '4000', type: 'io2' })]);
    await name(cluster, 'gold');
    const shown = cluster.changes.filter((change) => isOf(change, 'persistentvolumeclaims')).map(({ object }) => object.status?.modifyVolumeStatus);
    expect(shown).toContainEqual({ status: 'InProgress', targetVolumeAttributesClassName: 'gold' });
    expect(statusOf(cluster)).toEqual({
      phase: 'Bound',
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '5Gi' },
      currentVolumeAttributesClassName: 'gold',
    });
    expect(volumeOf(cluster).spec!.volumeAttributesClassName).toBe('gold');
    expect(cluster.messages(asked).slice(-2)).toEqual([
      'VolumeModify: external resizer is modifying volume a with vac gold',
      'VolumeModifySuccessful: external resizer modified volume a with vac gold successfully',
    ]);
  });

  it('waits for a class that is not there', async () => {
    const cluster = await wholeCluster([growable, asked]);
    await name(cluster, 'gold');
    expect(statusOf(cluster).modifyVolumeStatus).toMatchObject({ status: 'Pending' });
    await cluster.create(attributesClass('gold', { iops: '4000' }));
    await cluster.settle();
    expect(statusOf(cluster)).toMatchObject({ currentVolumeAttributesClassName: 'gold' });
  });

  it('keeps what it has when the driver refuses, and may name another one', async () => {
    const cluster = await wholeCluster([growable, asked, attributesClass('bad', { iops: 'many' }), attributesClass('gold', { iops: '4000' })]);
    await name(cluster, 'bad');
    expect(statusOf(cluster)).toMatchObject({
      modifyVolumeStatus: { status: 'Infeasible', targetVolumeAttributesClassName: 'bad' },
      conditions: [{ type: 'ModifyVolumeError' }, { type: 'ModifyingVolume' }],
    });
    expect(cluster.messages(asked)).toContain('VolumeModifyFailed: rpc error: code = InvalidArgument desc = Could not parse IOPS: "many"');
    await name(cluster, 'gold');
    expect(statusOf(cluster)).toMatchObject({ currentVolumeAttributesClassName: 'gold' });
    expect(statusOf(cluster)).not.toHaveProperty('conditions');
  });
});

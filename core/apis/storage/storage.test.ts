import { describe, expect, it } from 'vitest';
import type { CSIDriver, CSINode, StorageClass, VolumeAttachment } from '../../schema/generated/kinds.ts';
import { cell, defaulted, problems, updateProblems } from '../../testing/strategies.ts';
import { strategy as csiDrivers } from './csidriver.ts';
import { strategy as csiNodes } from './csinode.ts';
import { strategy as csiStorageCapacities } from './csistoragecapacity.ts';
import { strategy as storageClasses } from './storageclass.ts';
import { strategy as volumeAttachments } from './volumeattachment.ts';
import { strategy as volumeAttributesClasses } from './volumeattributesclass.ts';

const object = (kind: string, rest: object, metadata: object = {}) => ({
  apiVersion: 'storage.k8s.io/v1',
  kind,
  metadata: { name: 'x', creationTimestamp: '2026-01-01T00:00:00Z', ...metadata },
  ...rest,
});
const storageClass = (rest: object = {}, metadata?: object) => object('StorageClass', { provisioner: 'ebs.csi.aws.com', ...rest }, metadata) as StorageClass;
const driver = (spec: object = {}) => object('CSIDriver', { spec }) as unknown as CSIDriver;
const csiNode = (...drivers: object[]) => object('CSINode', { spec: { drivers } }) as unknown as CSINode;
const attachment = (spec: object) =>
  object('VolumeAttachment', { spec: { attacher: 'ebs.csi.aws.com', nodeName: 'n', ...spec } }) as unknown as VolumeAttachment;

describe('storage', () => {
  it('defaults', () => {
    expect(defaulted(storageClasses, storageClass())).toMatchObject({ reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' });
    expect(defaulted(csiDrivers, driver()).spec).toEqual({
      attachRequired: true,
      podInfoOnMount: false,
      storageCapacity: false,
      fsGroupPolicy: 'ReadWriteOnceWithFSType',
      requiresRepublish: false,
      seLinuxMount: false,
      volumeLifecycleModes: ['Persistent'],
    });
  });

  const cases: { name: string; given: string[]; want: string[] }[] = [
    { name: 'a good StorageClass', given: problems(storageClasses, storageClass()), want: [] },
    {
      name: 'a StorageClass with mistakes',
      given: problems(storageClasses, storageClass({ provisioner: '', reclaimPolicy: 'Recycle', volumeBindingMode: 'Later' })),
      want: [
        'provisioner: Required value',
        'reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"',
        'volumeBindingMode: Unsupported value: "Later": supported values: "Immediate", "WaitForFirstConsumer"',
      ],
    },
    {
      name: 'a changed StorageClass',
      given: updateProblems(storageClasses, storageClass({ provisioner: 'b', volumeBindingMode: 'WaitForFirstConsumer' }), storageClass()),
      want: ['provisioner: Invalid value: "b": field is immutable', 'volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable'],
    },
    {
      name: 'a StorageClass that may grow its volumes from now on',
      given: updateProblems(storageClasses, storageClass({ allowVolumeExpansion: true }), storageClass()),
      want: [],
    },
    {
      name: 'a VolumeAttributesClass without parameters',
      given: problems(volumeAttributesClasses, object('VolumeAttributesClass', { driverName: 'd' }) as never),
      want: ['parameters: Required value: must contain at least one key/value pair'],
    },
    {
      name: 'an attachment of nothing',
      given: problems(volumeAttachments, attachment({ source: {} })),
      want: ['spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName'],
    },
    { name: 'an attachment', given: problems(volumeAttachments, attachment({ source: { persistentVolumeName: 'pv-1' } })), want: [] },
    {
      name: 'a driver that changes whether it attaches',
      given: updateProblems(csiDrivers, driver({ attachRequired: false }), driver()),
      want: ['spec.attachedRequired: Invalid value: false: field is immutable'],
    },
    {
      name: 'a driver with tokens that end too soon',
      given: problems(csiDrivers, driver({ tokenRequests: [{ audience: 'a', expirationSeconds: 60 }, { audience: 'a' }] })),
      want: [
        'spec.tokenRequests[0].expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes',
        'spec.tokenRequests[1].audience: Duplicate value: "a"',
      ],
    },
    {
      name: 'a node with a driver twice',
      given: problems(csiNodes, csiNode({ name: 'd', nodeID: 'n' }, { name: 'd', nodeID: '' })),
      want: ['spec.drivers[1].nodeID: Required value', 'spec.drivers[1].name: Duplicate value: "d"'],
    },
    {
      name: 'a node whose driver gets room',
      given: updateProblems(csiNodes, csiNode({ name: 'd', nodeID: 'n', allocatable: { count: 5 } }), csiNode({ name: 'd', nodeID: 'n' })),
      want: [],
    },
    {
      name: 'less than no capacity',
      given: problems(csiStorageCapacities, object('CSIStorageCapacity', { storageClassName: 's', capacity: '-1Gi' }) as never),
      want: ['capacity: Invalid value: "-1Gi": must be greater than or equal to 0'],
    },
  ];
  it.each(cases)('$name', ({ given, want }) => expect(given).toEqual(want));

  it('marks the default class', () => {
    const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
    expect(storageClasses.table!.cells(storageClass({}, { annotations }), Date.parse('2026-01-03T00:00:00Z'))).toEqual([
      'x (default)',
      'ebs.csi.aws.com',
      'Delete',
      'Immediate',
      false,
      '2d',
    ]);
    expect(cell(csiDrivers, driver(), 'TokenRequests')).toBe('<unset>');
  });
});

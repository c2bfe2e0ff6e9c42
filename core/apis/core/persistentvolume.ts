import { same, timestamp } from '../../kube/object.ts';
import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, immutable, invalidValues, notSupported, oneOf, required } from '../../kube/validation/field.ts';
import { subdomain } from '../../kube/validation/names.ts';
import type { PersistentVolume, PersistentVolumeSpec } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import type { Strategy, Table } from '../strategy.ts';
import { shortAccessModes } from './access-modes.ts';
import { validateNodeSelector } from './affinity.ts';
import { positiveQuantity, validateAccessModes } from './claim-spec.ts';

const table: Table<PersistentVolume> = {
  columns: [
    nameColumn,
    column(
      'Capacity',
      'string',
      "capacity is the description of the persistent volume's resources and capacity. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#capacity",
    ),
    column(
      'Access Modes',
      'string',
      'accessModes contains all ways the volume can be mounted. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#access-modes',
    ),
    column(
      'Reclaim Policy',
      'string',
      'persistentVolumeReclaimPolicy defines what happens to a persistent volume when released from its claim. Valid options are Retain (default for manually created PersistentVolumes), Delete (default for dynamically provisioned PersistentVolumes), and Recycle (deprecated). Recycle must be supported by the volume plugin underlying this PersistentVolume. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#reclaiming',
    ),
    column(
      'Status',
      'string',
      'phase indicates if a volume is available, bound to a claim, or released by a claim. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#phase',
    ),
    column(
      'Claim',
      'string',
      'claimRef is part of a bi-directional binding between PersistentVolume and PersistentVolumeClaim. Expected to be non-nil when bound. claim.VolumeName is the authoritative bind between PV and PVC. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#binding',
    ),
    column('StorageClass', 'string', 'StorageClass of the pv'),
    column('VolumeAttributesClass', 'string', 'VolumeAttributesClass of the pv'),
    column('Reason', 'string', 'reason is a brief CamelCase string that describes any failure and is meant for machine parsing and tidy display in the CLI.'),
    ageColumn,
    column(
      'VolumeMode',
      'string',
      'volumeMode defines if a volume is intended to be used with a formatted filesystem or to remain in raw block state. Value of Filesystem is implied when not included in spec.',
      'wide',
    ),
  ],
  cells(volume, now) {
    const { spec = {}, status = {}, metadata } = volume;
    return [
      metadata.name,
      spec.capacity?.['storage'] ?? '0',
      shortAccessModes(spec.accessModes),
      spec.persistentVolumeReclaimPolicy ?? '',
      metadata.deletionTimestamp ? 'Terminating' : (status.phase ?? ''),
      spec.claimRef ? `${spec.claimRef.namespace}/${spec.claimRef.name}` : '',
      metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec.storageClassName ?? '',
      spec.volumeAttributesClassName ?? '<unset>',
      status.reason ?? '',
      ageOf(volume, now),
      spec.volumeMode ?? '<unset>',
    ];
  },
};

/** PersistentVolumes (pkg/registry/core/persistentvolume). */
export const strategy: Strategy<PersistentVolume> = {
  defaults({ spec }) {
    if (!spec) return;
    spec.persistentVolumeReclaimPolicy ||= 'Retain';
    spec.volumeMode ??= 'Filesystem';
    if (spec.hostPath) spec.hostPath.type ??= '';
    if (spec.claimRef) {
      spec.claimRef.kind ||= 'PersistentVolumeClaim';
      spec.claimRef.apiVersion ||= 'v1';
    }
  },

  prepareForCreate(volume, { now }) {
    volume.status = { phase: 'Pending', lastPhaseTransitionTime: timestamp(now) };
  },

  validate: ({ spec }) => validateVolumeSpec(spec ?? {}),

  validateUpdate({ spec = {} }, { spec: before = {} }) {
    return [
      ...(same(sourceOf(spec), sourceOf(before))
        ? []
        : [forbiddenField('spec.persistentvolumesource', 'spec.persistentvolumesource is immutable after creation')]),
      ...immutable('spec.volumeMode', spec.volumeMode, before.volumeMode),
      // A volume that was everywhere may be bound to where it is, but not moved.
      ...(before.nodeAffinity ? immutable('spec.nodeAffinity', spec.nodeAffinity, before.nodeAffinity) : []),
    ];
  },

  table,
};

const sourceNames = [
  'awsElasticBlockStore',
  'azureDisk',
  'azureFile',
  'cephfs',
  'cinder',
  'csi',
  'fc',
  'flexVolume',
  'flocker',
  'gcePersistentDisk',
  'glusterfs',
  'hostPath',
  'iscsi',
  'local',
  'nfs',
  'photonPersistentDisk',
  'portworxVolume',
  'quobyte',
  'rbd',
  'scaleIO',
  'storageos',
  'vsphereVolume',
] as const satisfies (keyof PersistentVolumeSpec)[];

const sourcesOf = (spec: PersistentVolumeSpec) => sourceNames.filter((name) => spec[name] !== undefined);

const sourceOf = (spec: PersistentVolumeSpec) => Object.fromEntries(sourcesOf(spec).map((name) => [name, spec[name]]));

function validateVolumeSpec(spec: PersistentVolumeSpec): FieldError[] {
  const { capacity = {}, hostPath, local, nfs, storageClassName, persistentVolumeReclaimPolicy } = spec;
  const [first, ...others] = sourcesOf(spec);
  return [
    ...validateAccessModes(spec.accessModes ?? [], 'spec.accessModes'),
    ...validateCapacity(capacity),
    ...(persistentVolumeReclaimPolicy ? oneOf('spec.persistentVolumeReclaimPolicy', persistentVolumeReclaimPolicy, ['Delete', 'Recycle', 'Retain']) : []),
    ...(spec.nodeAffinity?.required ? validateNodeSelector(spec.nodeAffinity.required, 'spec.nodeAffinity.required') : []),
    ...(spec.nodeAffinity && !spec.nodeAffinity.required ? [required('spec.nodeAffinity.required', 'must specify required node constraints')] : []),
    ...(first
      ? others.map((name) => forbiddenField(`spec.${name}`, 'may not specify more than 1 volume type'))
      : [required('spec', 'must specify a volume type')]),
    ...(hostPath && !hostPath.path ? [required('spec.hostPath.path')] : []),
    ...(local && !local.path ? [required('spec.local.path')] : []),
    ...(local && !spec.nodeAffinity ? [required('spec.nodeAffinity', 'Local volume requires node affinity')] : []),
    ...(nfs && !nfs.server ? [required('spec.nfs.server')] : []),
    ...(nfs && !nfs.path ? [required('spec.nfs.path')] : []),
    ...(spec.csi && !spec.csi.driver ? [required('spec.csi.driver')] : []),
    ...(spec.csi && !spec.csi.volumeHandle ? [required('spec.csi.volumeHandle')] : []),
    ...(storageClassName ? invalidValues('spec.storageClassName', storageClassName, subdomain(storageClassName)) : []),
    ...(spec.volumeMode === undefined ? [] : oneOf('spec.volumeMode', spec.volumeMode, ['Block', 'Filesystem'])),
  ];
}

function validateCapacity(capacity: Record<string, string>): FieldError[] {
  const names = Object.keys(capacity);
  return [
    ...(names.length ? [] : [required('spec.capacity')]),
    ...(names.length === 1 && names[0] === 'storage' ? [] : [notSupported('spec.capacity', capacity, ['storage'])]),
    ...names.flatMap((name) => positiveQuantity(capacity[name]!, `spec.capacity[${name}]`)),
  ];
}

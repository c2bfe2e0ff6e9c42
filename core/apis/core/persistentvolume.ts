import { posix } from 'node:path';
import { goValue } from '../../kube/go-value.ts';
import { timestamp } from '../../kube/object.ts';
import { value } from '../../kube/quantity.ts';
import type { FieldError } from '../../kube/status.ts';
import { goDiff } from '../../kube/unified-diff.ts';
import { forbiddenField, immutable, invalidValue, invalidValues, notSupported, required } from '../../kube/validation/field.ts';
import { subdomain } from '../../kube/validation/names.ts';
import type { CSIPersistentVolumeSource, PersistentVolume, PersistentVolumeSpec, VolumeNodeAffinity } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import type { Strategy, Table } from '../strategy.ts';
import { shortAccessModes } from './access-modes.ts';
import { validateNodeSelector } from './affinity.ts';
import { positiveQuantity, validateAccessModes } from './claim-spec.ts';
import { nodeSelectorTermWarnings } from './node-label-warnings.ts';
import { type SourceName, validateSource } from './persistent-volume-sources.ts';
import { defaultResourceList } from './resource-list.ts';
import { defaultVolumeSource } from './volume-defaults.ts';

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
    defaultResourceList(spec.capacity);
    defaultVolumeSource(spec);
  },

  prepareForCreate(volume, { now }) {
    volume.status = { phase: 'Pending', lastPhaseTransitionTime: timestamp(now) };
  },

  validate: ({ metadata, spec = {} }) => [...validateVolumeSpec(spec, 'spec', metadata.name), ...validateMountOptions(metadata.annotations, spec)],
  validateUpdate: validateVolumeUpdate,
  warnings: volumeWarnings,

  table,
};

const RECLAIM_POLICIES = ['Delete', 'Recycle', 'Retain'];
const VOLUME_MODES = ['Block', 'Filesystem'];

/** Checks the spec of a volume (ValidatePersistentVolumeSpec). */
function validateVolumeSpec(spec: PersistentVolumeSpec, path: string, name: string): FieldError[] {
  const { persistentVolumeReclaimPolicy: reclaim, storageClassName, volumeMode } = spec;
  return [
    ...validateAccessModes(spec.accessModes ?? [], `${path}.accessModes`),
    ...validateCapacity(spec.capacity ?? {}, `${path}.capacity`),
    ...(reclaim && !RECLAIM_POLICIES.includes(reclaim) ? [notSupported(`${path}.persistentVolumeReclaimPolicy`, reclaim, RECLAIM_POLICIES)] : []),
    ...(spec.nodeAffinity ? validateNodeAffinity(spec.nodeAffinity, `${path}.nodeAffinity`) : []),
    ...validateSource(spec, path, name),
    ...(reclaim === 'Recycle' && posix.normalize(spec.hostPath?.path ?? '') === '/'
      ? [forbiddenField(`${path}.persistentVolumeReclaimPolicy`, "may not be 'recycle' for a hostPath mount of '/'")]
      : []),
    ...(storageClassName ? invalidValues(`${path}.storageClassName`, storageClassName, subdomain(storageClassName)) : []),
    ...(volumeMode === undefined || VOLUME_MODES.includes(volumeMode) ? [] : [notSupported(`${path}.volumeMode`, volumeMode, VOLUME_MODES)]),
    ...validateAttributesClass(spec, path),
  ];
}

/** The spec of a volume that stands in a VolumeAttachment, as one of before CSI: little may be said there. */
export function validateInlineVolumeSpec(spec: PersistentVolumeSpec, path: string): FieldError[] {
  const misplaced = (field: keyof PersistentVolumeSpec, isSet: boolean) =>
    isSet ? [forbiddenField(`${path}.${field}`, 'may not be specified in the context of inline volumes')] : [];
  const { persistentVolumeReclaimPolicy: reclaim, volumeMode } = spec;
  return [
    ...misplaced('claimRef', spec.claimRef !== undefined),
    ...misplaced('capacity', Object.keys(spec.capacity ?? {}).length > 0),
    ...(spec.csi ? [] : [required(`${path}.csi`, 'has to be specified in the context of inline volumes')]),
    ...validateAccessModes(spec.accessModes ?? [], `${path}.accessModes`),
    ...(reclaim && reclaim !== 'Retain'
      ? [forbiddenField(`${path}.persistentVolumeReclaimPolicy`, 'may only be Retain in the context of inline volumes')]
      : []),
    ...misplaced('nodeAffinity', spec.nodeAffinity !== undefined),
    ...validateSource(spec, path, ''),
    ...misplaced('storageClassName', Boolean(spec.storageClassName)),
    ...(volumeMode !== undefined && volumeMode !== 'Filesystem'
      ? [forbiddenField(`${path}.volumeMode`, 'may not specify volumeMode other than Filesystem in the context of inline volumes')]
      : []),
  ];
}

function validateCapacity(capacity: Record<string, string>, path: string): FieldError[] {
  const names = Object.keys(capacity);
  return [
    ...(names.length ? [] : [required(path)]),
    ...(names.length === 1 && names[0] === 'storage' ? [] : [notSupported(path, names.length ? goValue('{}q', capacity) : null, ['storage'])]),
    ...names.flatMap((name) => [
      ...(value(capacity[name]!) < 0 ? [invalidValue(`${path}[${name}]`, value(capacity[name]!), 'must be a valid resource quantity')] : []),
      ...positiveQuantity(capacity[name]!, `${path}[${name}]`),
    ]),
  ];
}

const validateNodeAffinity = ({ required: selector }: VolumeNodeAffinity, path: string): FieldError[] =>
  selector ? validateNodeSelector(selector, `${path}.required`) : [required(`${path}.required`, 'must specify required node constraints')];

function validateAttributesClass({ volumeAttributesClassName: name, csi }: PersistentVolumeSpec, path: string): FieldError[] {
  if (name === undefined) return [];
  return [
    ...(name
      ? invalidValues(`${path}.volumeAttributesClassName`, name, subdomain(name))
      : [required(`${path}.volumeAttributesClassName`, 'an empty string is disallowed')]),
    ...(csi ? [] : [required(`${path}.csi`, 'has to be specified when using volumeAttributesClassName')]),
  ];
}

const MOUNT_OPTIONS = 'volume.beta.kubernetes.io/mount-options';

const MOUNTED_WITH_OPTIONS: readonly SourceName[] = [
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'nfs',
  'rbd',
  'quobyte',
  'iscsi',
  'cinder',
  'cephfs',
  'azureFile',
  'vsphereVolume',
  'azureDisk',
  'photonPersistentDisk',
];

/** pkg/volume/validation */
const validateMountOptions = (annotations: Record<string, string> | undefined, spec: PersistentVolumeSpec): FieldError[] =>
  annotations?.[MOUNT_OPTIONS] === undefined || MOUNTED_WITH_OPTIONS.some((name) => spec[name] !== undefined)
    ? []
    : [forbiddenField(`metadata.annotations.${MOUNT_OPTIONS}`, 'may not specify mount options for this volume type')];

/** What may change of a volume (ValidatePersistentVolumeUpdate). */
function validateVolumeUpdate({ metadata, spec = {} }: PersistentVolume, { spec: before = {} }: PersistentVolume): FieldError[] {
  const source = (of: PersistentVolumeSpec) => goValue('core.PersistentVolumeSource', of);
  const settled = before.csi && !before.csi.controllerExpandSecretRef && spec.csi ? { ...spec, csi: withoutExpandSecret(spec.csi) } : spec;
  const hadClass = before.volumeAttributesClassName !== undefined;
  return [
    // Kubernetes looks at all of it twice.
    ...validateVolumeSpec(spec, 'spec', metadata.name),
    ...(source(settled).equals(before)
      ? []
      : [forbiddenField('spec.persistentvolumesource', `spec.persistentvolumesource is immutable after creation\n${goDiff(source(before), source(settled))}`)]),
    ...immutable('volumeMode', spec.volumeMode, before.volumeMode),
    // A volume that was everywhere may be bound to where it is, but not moved.
    ...(before.nodeAffinity && !sameAffinity(spec.nodeAffinity, before.nodeAffinity)
      ? [invalidValue('nodeAffinity', goValue('*core.VolumeNodeAffinity', spec.nodeAffinity), 'field is immutable, except for updating from beta label to GA')]
      : []),
    ...(hadClass && spec.volumeAttributesClassName === undefined
      ? [forbiddenField('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden')]
      : []),
  ];
}

function withoutExpandSecret(csi: CSIPersistentVolumeSource): CSIPersistentVolumeSource {
  const { controllerExpandSecretRef: _, ...rest } = csi;
  return rest;
}

/** The labels of nodes that a volume may go over to, from the names that they had before. */
const betaToStable: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'beta.kubernetes.io/os': 'kubernetes.io/os',
  'beta.kubernetes.io/arch': 'kubernetes.io/arch',
  'beta.kubernetes.io/instance-type': 'node.kubernetes.io/instance-type',
};

function sameAffinity(now: VolumeNodeAffinity | undefined, before: VolumeNodeAffinity): boolean {
  const terms = before.required?.nodeSelectorTerms?.map((term, i) => ({
    ...term,
    ...(term.matchExpressions && {
      matchExpressions: term.matchExpressions.map((requirement, j) => {
        const key = now?.required?.nodeSelectorTerms?.[i]?.matchExpressions?.[j]?.key;
        return key !== undefined && betaToStable[requirement.key] === key ? { ...requirement, key } : requirement;
      }),
    }),
  }));
  const renamed = before.required ? { ...before, required: { ...before.required, nodeSelectorTerms: terms ?? [] } } : before;
  return goValue('*core.VolumeNodeAffinity', now).equals(renamed);
}

/** pkg/api/persistentvolume */
function volumeWarnings({ metadata, spec = {} }: PersistentVolume): string[] {
  const old = {
    [STORAGE_CLASS]: 'deprecated since v1.8; use "storageClassName" attribute instead',
    [MOUNT_OPTIONS]: 'deprecated since v1.31; use "mountOptions" attribute instead',
  };
  return [
    ...Object.entries(old).flatMap(([key, why]) => (metadata.annotations?.[key] === undefined ? [] : [`metadata.annotations[${key}]: ${why}`])),
    ...(spec.persistentVolumeReclaimPolicy === 'Recycle'
      ? ['spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.']
      : []),
    ...(spec.nodeAffinity?.required?.nodeSelectorTerms ?? []).flatMap((term, i) =>
      nodeSelectorTermWarnings(term, `spec.nodeAffinity.required.nodeSelectorTerms[${i}]`),
    ),
    ...outlived.flatMap(([name, path, why]) => (spec[name] === undefined ? [] : [`spec.${path}: deprecated in ${why}`])),
  ];
}

const STORAGE_CLASS = 'volume.beta.kubernetes.io/storage-class';

const outlived: readonly (readonly [SourceName, path: string, why: string])[] = [
  ['cephfs', 'cephfs', 'v1.28, non-functional in v1.31+'],
  ['photonPersistentDisk', 'photonPersistentDisk', 'v1.11, non-functional in v1.16+'],
  ['scaleIO', 'scaleIO', 'v1.16, non-functional in v1.22+'],
  ['storageos', 'storageOS', 'v1.22, non-functional in v1.25+'],
  ['glusterfs', 'glusterfs', 'v1.25, non-functional in v1.26+'],
  ['rbd', 'rbd', 'v1.28, non-functional in v1.31+'],
];

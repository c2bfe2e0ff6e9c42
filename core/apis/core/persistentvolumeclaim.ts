import { same } from '../../kube/object.ts';
import { compareQuantities } from '../../kube/quantity.ts';
import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, invalidValue } from '../../kube/validation/field.ts';
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import type { Strategy, Table } from '../strategy.ts';
import { shortAccessModes } from './access-modes.ts';
import { classOf } from './claim-class.ts';
import { validateClaimSpec } from './claim-spec.ts';
import { specDiff } from './spec-diff.ts';

const table: Table<PersistentVolumeClaim> = {
  columns: [
    nameColumn,
    column('Status', 'string', 'phase represents the current phase of PersistentVolumeClaim.'),
    column('Volume', 'string', 'volumeName is the binding reference to the PersistentVolume backing this claim.'),
    column('Capacity', 'string', 'capacity represents the actual resources of the underlying volume.'),
    column(
      'Access Modes',
      'string',
      'accessModes contains the actual access modes the volume backing the PVC has. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#access-modes-1',
    ),
    column('StorageClass', 'string', 'StorageClass of the pvc'),
    column('VolumeAttributesClass', 'string', 'VolumeAttributesClass of the pvc'),
    ageColumn,
    column(
      'VolumeMode',
      'string',
      'volumeMode defines what type of volume is required by the claim. Value of Filesystem is implied when not included in claim spec.',
      'wide',
    ),
  ],
  cells(claim, now) {
    const { spec = {}, status = {} } = claim;
    const bound = Boolean(spec.volumeName);
    return [
      claim.metadata.name,
      claim.metadata.deletionTimestamp ? 'Terminating' : (status.phase ?? ''),
      spec.volumeName ?? '',
      bound ? (status.capacity?.['storage'] ?? '0') : '',
      bound ? shortAccessModes(status.accessModes) : '',
      classOf(claim) ?? '',
      spec.volumeAttributesClassName ?? '<unset>',
      ageOf(claim, now),
      spec.volumeMode ?? '<unset>',
    ];
  },
};

/** PersistentVolumeClaims (pkg/registry/core/persistentvolumeclaim). */
export const strategy: Strategy<PersistentVolumeClaim> = {
  defaults({ spec }) {
    if (spec) spec.volumeMode ??= 'Filesystem';
  },

  prepareForCreate(claim) {
    claim.status = { phase: 'Pending' };
    const { spec } = claim;
    if (!spec) return;
    // A snapshot or claim to start from is named in two fields, of which the second knows namespaces.
    if (spec.dataSource && !spec.dataSourceRef) spec.dataSourceRef = { ...spec.dataSource };
    else if (!spec.dataSource && spec.dataSourceRef && !spec.dataSourceRef.namespace) spec.dataSource = { ...spec.dataSourceRef };
  },

  validate: ({ spec }) => validateClaimSpec(spec ?? {}, 'spec'),
  validateUpdate: validateClaimUpdate,
  table,
};

const requested = (spec: PersistentVolumeClaimSpec | undefined): string => spec?.resources?.requests?.['storage'] ?? '0';

/** What may change of a claim: its volume once, its size and attributes while it is bound (ValidatePersistentVolumeClaimUpdate). */
function validateClaimUpdate({ spec = {}, status }: PersistentVolumeClaim, { spec: before = {}, status: had }: PersistentVolumeClaim): FieldError[] {
  const shown: PersistentVolumeClaimSpec = { ...spec };
  if (!before.volumeName) shown.volumeName = before.volumeName;
  // A class may be given to a claim that waits for one, once.
  if (before.storageClassName === undefined) shown.storageClassName = undefined;
  if (had?.phase === 'Bound') shown.resources = before.resources;
  shown.volumeAttributesClassName = before.volumeAttributesClassName;
  const errors: FieldError[] = same(shown, before)
    ? []
    : [
        forbiddenField(
          'spec',
          `spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n${specDiff(before, shown)}`,
        ),
      ];
  const capacity = status?.capacity?.['storage'] ?? had?.capacity?.['storage'];
  if (compareQuantities(requested(spec), requested(before)) < 0 && (!capacity || compareQuantities(requested(spec), capacity) <= 0)) {
    errors.push(forbiddenField('spec.resources.requests.storage', 'field can not be less than status.capacity'));
  }
  if (before.volumeAttributesClassName && spec.volumeAttributesClassName === undefined) {
    errors.push(invalidValue('spec.volumeAttributesClassName', undefined, 'update from non-nil value to nil is forbidden'));
  }
  return errors;
}

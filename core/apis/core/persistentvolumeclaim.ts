import { same } from '../../kube/object.ts';
import { compareQuantities } from '../../kube/quantity.ts';
import { type FieldError, forbidden } from '../../kube/status.ts';
import { forbiddenField, invalidValue } from '../../kube/validation/field.ts';
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec, StorageClass } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import type { Strategy, StrategyContext, Table } from '../strategy.ts';
import { shortAccessModes } from './access-modes.ts';
import { validateClaimSpec } from './claim-spec.ts';
import { CLAIM_PROTECTION, protect } from './in-use-protection.ts';
import { specDiff } from './spec-diff.ts';

const table: Table<PersistentVolumeClaim> = {
  columns: [
    nameColumn,
    column('Status', 'string', 'phase represents the current phase of PersistentVolumeClaim.'),
    column('Volume', 'string', 'volumeName is the binding reference to the PersistentVolume backing this claim.'),
    column('Capacity', 'string', 'capacity represents the actual resources of the underlying volume.'),
    column('Access Modes', 'string', 'accessModes contains the actual access modes the volume backing the PVC has.'),
    column('StorageClass', 'string', 'StorageClass of the pvc'),
    column('VolumeAttributesClass', 'string', 'VolumeAttributesClass of the pvc'),
    ageColumn,
    column('VolumeMode', 'string', 'volumeMode defines what type of volume is required by the claim.', 'wide'),
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
      classOf(claim),
      spec.volumeAttributesClassName ?? '<unset>',
      ageOf(claim, now),
      spec.volumeMode ?? '<unset>',
    ];
  },
};

/** PersistentVolumeClaims (pkg/registry/core/persistentvolumeclaim), with the admission of the default StorageClass and of growing. */
export const strategy: Strategy<PersistentVolumeClaim> = {
  defaults({ spec }) {
    if (spec) spec.volumeMode ??= 'Filesystem';
  },

  prepareForCreate(claim, { state }) {
    claim.status = { phase: 'Pending' };
    protect(claim, CLAIM_PROTECTION);
    const { spec } = claim;
    if (!spec) return;
    // A snapshot or claim to start from is named in two fields, of which the second knows namespaces.
    if (spec.dataSource && !spec.dataSourceRef) spec.dataSourceRef = { ...spec.dataSource };
    else if (!spec.dataSource && spec.dataSourceRef && !spec.dataSourceRef.namespace) spec.dataSource = { ...spec.dataSourceRef };
    if (spec.storageClassName === undefined && !claim.metadata.annotations?.[OLD_CLASS]) {
      const name = defaultStorageClass(state)?.metadata.name;
      if (name) spec.storageClassName = name;
    }
  },

  admit: (claim, previous, context) => {
    if (previous) admitGrowth(claim, previous, context);
  },

  validate: ({ spec }) => validateClaimSpec(spec ?? {}, 'spec'),
  validateUpdate: validateClaimUpdate,
  table,
};

/** How the class was named before it had a field. */
const OLD_CLASS = 'volume.beta.kubernetes.io/storage-class';

const classOf = ({ metadata, spec }: PersistentVolumeClaim): string => metadata.annotations?.[OLD_CLASS] ?? spec?.storageClassName ?? '';

/** The newest of the classes that are marked as the default; of equally new ones the first by name (DefaultStorageClass admission). */
function defaultStorageClass(state: StrategyContext['state']): StorageClass | undefined {
  const marked = state.list<StorageClass>('storageclasses.storage.k8s.io').filter(({ metadata }) => isDefault(metadata.annotations));
  const newness = ({ metadata }: StorageClass) => metadata.creationTimestamp ?? '';
  return [...marked].sort((a, b) => (newness(a) === newness(b) ? (a.metadata.name < b.metadata.name ? -1 : 1) : newness(a) > newness(b) ? -1 : 1))[0];
}

const isDefault = (annotations: Record<string, string> = {}) =>
  annotations['storageclass.kubernetes.io/is-default-class'] === 'true' || annotations['storageclass.beta.kubernetes.io/is-default-class'] === 'true';

const requested = (spec: PersistentVolumeClaimSpec | undefined): string => spec?.resources?.requests?.['storage'] ?? '0';

/** A claim grows only when it is bound and its class allows it (PersistentVolumeClaimResize admission). 403 Forbidden otherwise. */
function admitGrowth(claim: PersistentVolumeClaim, previous: PersistentVolumeClaim, { state }: StrategyContext): void {
  if (compareQuantities(requested(claim.spec), requested(previous.spec)) <= 0) return;
  const refuse = (why: string) => forbidden({ group: '', resource: 'persistentvolumeclaims' }, claim.metadata.name, why);
  if (previous.status?.phase !== 'Bound') throw refuse('only bound persistent volume claims can be expanded');
  const name = classOf(claim);
  const allowed = name && state.get<StorageClass>('storageclasses.storage.k8s.io', undefined, name)?.allowVolumeExpansion;
  if (!allowed) throw refuse('only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize');
}

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

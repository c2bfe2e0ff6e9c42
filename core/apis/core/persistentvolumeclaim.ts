import { type GoValue, goValue } from '../../kube/go-value.ts';
import { canonicalQuantity, compareQuantities, milliValue, value } from '../../kube/quantity.ts';
import type { FieldError } from '../../kube/status.ts';
import { goDiff } from '../../kube/unified-diff.ts';
import { forbiddenField, immutable, invalidValue, invalidValues, notSupported, quoted, required } from '../../kube/validation/field.ts';
import { qualifiedName } from '../../kube/validation/names.ts';
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import type { Strategy, Table } from '../strategy.ts';
import { shortAccessModes } from './access-modes.ts';
import { classOf } from './claim-class.ts';
import { validateClaimSpec } from './claim-spec.ts';
import { defaultResourceList } from './resource-list.ts';

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
    if (!spec) return;
    spec.volumeMode ??= 'Filesystem';
    for (const list of [spec.resources?.limits, spec.resources?.requests]) defaultResourceList(list);
  },

  prepareForCreate(claim) {
    claim.status = { phase: 'Pending' };
    if (claim.spec) pairDataSources(claim.spec, undefined);
  },

  prepareForUpdate({ spec }, previous) {
    if (spec) pairDataSources(spec, previous.spec);
  },

  validate: ({ spec }, previous) => validateClaimSpec(spec ?? {}, 'spec', previous?.spec),
  validateUpdate: validateClaimUpdate,
  validateStatusUpdate: validateClaimStatus,
  warnings: ({ metadata, spec }) => [
    ...(metadata.annotations?.[STORAGE_CLASS] === undefined
      ? []
      : [`metadata.annotations[${STORAGE_CLASS}]: deprecated since v1.8; use "storageClassName" attribute instead`]),
    ...claimSpecWarnings(spec ?? {}, 'spec'),
  ],

  table,
};

const STORAGE_CLASS = 'volume.beta.kubernetes.io/storage-class';

/**
 * A snapshot or claim to start from is named in two fields, of which the second knows namespaces, which are off (feature gate CrossNamespaceVolumeDataSource).
 * Anything else that the first one names has always been dropped (pkg/api/persistentvolumeclaim/util.go).
 */
function pairDataSources(spec: PersistentVolumeClaimSpec, before: PersistentVolumeClaimSpec | undefined): void {
  if (spec.dataSourceRef?.namespace && !before?.dataSourceRef) delete spec.dataSourceRef;
  if (!before?.dataSource && !before?.dataSourceRef && !spec.dataSourceRef && !isClaimOrSnapshot(spec.dataSource)) delete spec.dataSource;
  if (spec.dataSource && !spec.dataSourceRef) spec.dataSourceRef = { ...spec.dataSource };
  else if (!spec.dataSource && spec.dataSourceRef && !spec.dataSourceRef.namespace) {
    const { namespace: _, ...reference } = spec.dataSourceRef;
    spec.dataSource = reference;
  }
}

const isClaimOrSnapshot = (source: PersistentVolumeClaimSpec['dataSource']): boolean =>
  source?.kind === 'PersistentVolumeClaim' ? !source.apiGroup : source?.kind === 'VolumeSnapshot' && source.apiGroup === 'snapshot.storage.k8s.io';

/** Of a claim or of a template of one (GetWarningsForPersistentVolumeClaimSpec). */
export const claimSpecWarnings = ({ resources }: PersistentVolumeClaimSpec, path: string): string[] =>
  (['requests', 'limits'] as const).flatMap((field) => {
    const storage = resources?.[field]?.['storage'];
    return storage !== undefined && milliValue(storage) % 1000 !== 0
      ? [`${path}.resources.${field}[storage]: fractional byte value ${quoted(canonicalQuantity(storage))} is invalid, must be an integer`]
      : [];
  });

const requested = (spec: PersistentVolumeClaimSpec | undefined): string => spec?.resources?.requests?.['storage'] ?? '0';

/** What may change of a claim: its volume once, its size and attributes while it is bound (ValidatePersistentVolumeClaimUpdate). */
function validateClaimUpdate(claim: PersistentVolumeClaim, previous: PersistentVolumeClaim): FieldError[] {
  const { spec = {}, status } = claim;
  const { spec: before = {}, status: had } = previous;
  const [annotation, annotationBefore] = [claim, previous].map(({ metadata }) => metadata.annotations?.[STORAGE_CLASS]);
  const errors: FieldError[] = [];
  // What is compared, with what may change as it was.
  const shown: PersistentVolumeClaimSpec = { ...spec };
  const shownBefore: PersistentVolumeClaimSpec = before.volumeName ? before : { ...before, volumeName: spec.volumeName };
  const gainsClass = spec.storageClassName !== undefined && before.storageClassName === undefined;
  const moved =
    gainsClass && annotationBefore !== undefined && spec.storageClassName === annotationBefore && (annotation ?? annotationBefore) === annotationBefore;
  if (moved) delete shown.storageClassName;
  else {
    if (annotation !== annotationBefore) errors.push(invalidValue(`metadata.annotations.${STORAGE_CLASS}`, annotation ?? '', 'field is immutable'));
    if (gainsClass && (annotationBefore === undefined || annotationBefore === spec.storageClassName)) delete shown.storageClassName;
  }
  if (status?.phase === 'Bound') {
    const storage = before.resources?.requests?.['storage'] ?? '0';
    if (spec.resources?.requests) shown.resources = { ...spec.resources, requests: { ...spec.resources.requests, storage } };
    shown.volumeAttributesClassName = before.volumeAttributesClassName;
  }
  const [a, b] = [shownBefore, shown].map((value) => goValue('core.PersistentVolumeClaimSpec', value)) as [GoValue, GoValue];
  if (!b.equals(shownBefore))
    errors.push(
      forbiddenField('spec', `spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n${goDiff(a, b)}`),
    );
  // A claim whose expansion has failed may ask for less again, down to what it has.
  if (compareQuantities(requested(spec), requested(before)) < 0 && compareQuantities(requested(spec), had?.capacity?.['storage'] ?? '0') <= 0)
    errors.push(forbiddenField('spec.resources.requests.storage', 'field can not be less than status.capacity'));
  errors.push(...immutable('volumeMode', spec.volumeMode, before.volumeMode));
  if (spec.volumeAttributesClassName !== before.volumeAttributesClassName && had?.currentVolumeAttributesClassName !== undefined) {
    const to = spec.volumeAttributesClassName === undefined ? 'nil' : spec.volumeAttributesClassName === '' ? 'empty string' : undefined;
    if (to)
      errors.push(forbiddenField('spec.volumeAttributesClassName', `update to ${to} is forbidden when status.currentVolumeAttributesClassName is not nil`));
  }
  return errors;
}

const RESIZE_STATUSES = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
  'NodeResizePending',
].sort();

/** ValidatePersistentVolumeClaimStatusUpdate */
function validateClaimStatus({ spec, status = {} }: PersistentVolumeClaim): FieldError[] {
  return [
    ...(spec?.accessModes?.length ? [] : [required('Spec.accessModes')]),
    ...Object.entries(status.capacity ?? {}).flatMap(([name, quantity]) => basicQuantity(quantity, `status.capacity[${name}]`)),
    ...Object.entries(status.allocatedResourceStatuses ?? {}).flatMap(([name, value]) => [
      ...validateClaimResource(name, 'status.allocatedResourceStatuses'),
      ...(RESIZE_STATUSES.includes(value) ? [] : [notSupported('status.allocatedResourceStatuses', name, RESIZE_STATUSES)]),
    ]),
    ...Object.entries(status.allocatedResources ?? {}).flatMap(([name, quantity]) => {
      const errors = validateClaimResource(name, 'status.allocatedResources');
      return errors.length ? errors : basicQuantity(quantity, `status.allocatedResources[${name}]`);
    }),
  ];
}

const basicQuantity = (quantity: string, path: string): FieldError[] =>
  value(quantity) < 0 ? [invalidValue(path, value(quantity), 'must be a valid resource quantity')] : [];

function validateClaimResource(name: string, path: string): FieldError[] {
  const errors = invalidValues(path, name, qualifiedName(name));
  const native = !name.includes('/') || name.includes('kubernetes.io/');
  return errors.length || !native || name === 'storage' ? errors : [notSupported(path, name, ['storage'])];
}

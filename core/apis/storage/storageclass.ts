import { goValue } from '../../kube/go-value.ts';
import type { FieldError } from '../../kube/status.ts';
import { duplicate, immutable, invalidValues, notSupported, required } from '../../kube/validation/field.ts';
import { qualifiedName } from '../../kube/validation/names.ts';
import { repeats } from '../../kube/validation/repeats.ts';
import type { StorageClass, TopologySelectorTerm } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { labelDeprecation } from '../core/node-label-warnings.ts';
import type { Strategy } from '../strategy.ts';
import { validateDriverName, validateParameters } from './class-parameters.ts';

/** storage.k8s.io/v1 StorageClass (pkg/apis/storage/v1/defaults.go, pkg/apis/storage/validation). What it says is fixed once it is there. */
export const strategy: Strategy<StorageClass> = {
  defaults(storageClass) {
    storageClass.reclaimPolicy ??= 'Delete';
    storageClass.volumeBindingMode ??= 'Immediate';
  },
  validate: ({ provisioner, parameters, reclaimPolicy, volumeBindingMode, allowedTopologies }) => [
    ...validateDriverName(provisioner, 'provisioner'),
    ...validateParameters(parameters, 'parameters'),
    ...oneOfSorted('reclaimPolicy', reclaimPolicy, ['Delete', 'Retain']),
    ...(volumeBindingMode === undefined ? [required('volumeBindingMode')] : []),
    ...(volumeBindingMode === undefined || BINDING_MODES.includes(volumeBindingMode)
      ? []
      : [notSupported('volumeBindingMode', volumeBindingMode, BINDING_MODES)]),
    ...validateTopologies(allowedTopologies ?? [], 'allowedTopologies'),
  ],
  validateUpdate: (storageClass, previous) => [
    ...immutable('parameters', goValue('{}s', storageClass.parameters), previous.parameters),
    ...immutable('provisioner', storageClass.provisioner, previous.provisioner),
    ...immutable('reclaimPolicy', storageClass.reclaimPolicy, previous.reclaimPolicy),
    ...immutable('volumeBindingMode', storageClass.volumeBindingMode, previous.volumeBindingMode),
  ],
  warnings: ({ allowedTopologies }) =>
    (allowedTopologies ?? []).flatMap(({ matchLabelExpressions }, i) =>
      (matchLabelExpressions ?? []).flatMap(({ key }, j) => {
        const why = labelDeprecation(key);
        return why ? [`allowedTopologies[${i}].matchLabelExpressions[${j}].key: ${why}`] : [];
      }),
    ),
  table: {
    columns: [
      nameColumn,
      column('Provisioner', 'string', 'provisioner indicates the type of the provisioner.'),
      column(
        'ReclaimPolicy',
        'string',
        'reclaimPolicy controls the reclaimPolicy for dynamically provisioned PersistentVolumes of this storage class. Defaults to Delete.',
      ),
      column(
        'VolumeBindingMode',
        'string',
        'volumeBindingMode indicates how PersistentVolumeClaims should be provisioned and bound.  When unset, VolumeBindingImmediate is used. This field is only honored by servers that enable the VolumeScheduling feature.',
      ),
      column('AllowVolumeExpansion', 'string', 'allowVolumeExpansion shows whether the storage class allow volume expand.'),
      ageColumn,
    ],
    cells: (storageClass, now) => [
      isDefaultClass(storageClass) ? `${storageClass.metadata.name} (default)` : storageClass.metadata.name,
      storageClass.provisioner,
      storageClass.reclaimPolicy ?? 'Delete',
      storageClass.volumeBindingMode ?? 'Immediate',
      storageClass.allowVolumeExpansion ?? false,
      ageOf(storageClass, now),
    ],
  },
};

/** Whether claims that name no class get this one. */
const isDefaultClass = ({ metadata: { annotations } }: StorageClass): boolean =>
  annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true' || annotations?.['storageclass.beta.kubernetes.io/is-default-class'] === 'true';

const oneOfSorted = (field: string, value: string | undefined, values: readonly string[]): FieldError[] =>
  !value || values.includes(value) ? [] : [notSupported(field, value, values)];

const BINDING_MODES = ['Immediate', 'WaitForFirstConsumer'];

/** No two terms may say the same. */
function validateTopologies(terms: readonly TopologySelectorTerm[], path: string): FieldError[] {
  const meaning = ({ matchLabelExpressions = [] }: TopologySelectorTerm) =>
    JSON.stringify(
      matchLabelExpressions.map(({ key, values = [] }) => [key, [...new Set(values)].sort()]).sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
    );
  const repeated = repeats(terms, meaning);
  return terms.flatMap((term, i) => [
    ...validateTopology(term, `${path}[${i}]`),
    ...(repeated.has(i) ? [duplicate(`${path}[${i}].matchLabelExpressions`, '')] : []),
  ]);
}

function validateTopology({ matchLabelExpressions = [] }: TopologySelectorTerm, path: string): FieldError[] {
  const keys = repeats(matchLabelExpressions, ({ key }) => key);
  return matchLabelExpressions.flatMap(({ key, values = [] }, i) => {
    const repeated = repeats(values, (value) => value);
    const at = `${path}.matchLabelExpressions[${i}]`;
    return [
      ...(values.length ? [] : [required(`${at}.values`)]),
      ...values.flatMap((value, j) => (repeated.has(j) ? [duplicate(`${at}.values[${j}]`, value)] : [])),
      ...invalidValues(`${at}.key`, key, qualifiedName(key)),
      ...(keys.has(i) ? [duplicate(`${at}.key`, key)] : []),
    ];
  });
}

import { parseQuantity } from '../../kube/quantity.ts';
import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, invalidValue, invalidValues, notSupported, required } from '../../kube/validation/field.ts';
import { label, subdomain } from '../../kube/validation/names.ts';
import { validateLabelSelector } from '../../kube/validation/selector.ts';
import type { PersistentVolumeClaimSpec, TypedObjectReference } from '../../schema/generated/kinds.ts';

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'] as const;
const volumeModes = ['Block', 'Filesystem'];

/** Checks the spec of a PersistentVolumeClaim or of a template of one (ValidatePersistentVolumeClaimSpec). Of an update, what the spec had `before` may stay. */
export function validateClaimSpec(spec: PersistentVolumeClaimSpec, path: string, before?: PersistentVolumeClaimSpec): FieldError[] {
  const { resources, volumeMode, storageClassName, volumeAttributesClassName, selector } = spec;
  const storage = resources?.requests?.['storage'];
  const modes = validateAccessModes(spec.accessModes ?? [], `${path}.accessModes`, 'at least 1 access mode is required');
  const strict = !before || validateLabelSelector(before.selector, '', { strict: true }).length === 0;
  return [
    ...(spec.accessModes?.length ? [] : modes),
    ...validateLabelSelector(selector, `${path}.selector`, { strict }),
    ...(spec.accessModes?.length ? modes : []),
    ...(storage === undefined ? [required(`${path}.resources[storage]`)] : positiveQuantity(storage, `${path}.resources[storage]`)),
    ...(storageClassName ? invalidValues(`${path}.storageClassName`, storageClassName, subdomain(storageClassName)) : []),
    ...(volumeMode === undefined || volumeModes.includes(volumeMode) ? [] : [notSupported(`${path}.volumeMode`, volumeMode, volumeModes)]),
    ...validateDataSources(spec, path, before),
    ...(volumeAttributesClassName ? invalidValues(`${path}.volumeAttributesClassName`, volumeAttributesClassName, subdomain(volumeAttributesClassName)) : []),
  ];
}

/** At least one mode, each of them known; ReadWriteOncePod stands alone. */
export function validateAccessModes(modes: readonly string[], path: string, detail?: string): FieldError[] {
  if (!modes.length) return [required(path, detail)];
  const known = modes.filter((mode) => (accessModes as readonly string[]).includes(mode));
  const errors = modes.filter((mode) => !known.includes(mode)).map((mode) => notSupported(path, mode, accessModes));
  if (known.includes('ReadWriteOncePod') && known.some((mode) => mode !== 'ReadWriteOncePod')) {
    errors.push(forbiddenField(path, 'may not use ReadWriteOncePod with other access modes'));
  }
  return errors;
}

export const positiveQuantity = (quantity: string, path: string): FieldError[] =>
  parseQuantity(quantity).nanos > 0n ? [] : [invalidValue(path, quantity, 'must be greater than zero')];

/** What the claim starts from, in two fields that must say the same unless the second names another namespace. */
function validateDataSources(
  { dataSource, dataSourceRef }: PersistentVolumeClaimSpec,
  path: string,
  before: PersistentVolumeClaimSpec | undefined,
): FieldError[] {
  const anyGroup = before?.dataSource?.apiGroup !== undefined || before?.dataSourceRef?.apiGroup !== undefined;
  const errors = [
    ...(dataSource ? validateDataSource(dataSource, `${path}.dataSource`, anyGroup) : []),
    ...(dataSourceRef ? validateDataSource(dataSourceRef, `${path}.dataSourceRef`, anyGroup) : []),
  ];
  if (!dataSource || !dataSourceRef) return errors;
  const same = (['apiGroup', 'kind', 'name'] as const).every((field) => dataSource[field] === dataSourceRef[field]);
  const why = dataSourceRef.namespace ? 'may not be specified when dataSourceRef.namespace is specified' : same ? undefined : 'must match dataSourceRef';
  // Kubernetes quotes the path, whose parts have no names that JSON shows.
  return why ? [...errors, invalidValue(path, {}, why)] : errors;
}

function validateDataSource({ name, kind, apiGroup, namespace }: TypedObjectReference, path: string, anyGroup: boolean): FieldError[] {
  return [
    ...(name ? [] : [required(`${path}.name`)]),
    ...(kind ? [] : [required(`${path}.kind`)]),
    ...(!apiGroup && kind !== 'PersistentVolumeClaim'
      ? [invalidValue(path, kind ?? '', "must be 'PersistentVolumeClaim' when referencing the default apiGroup")]
      : []),
    ...(apiGroup && !anyGroup ? invalidValues(`${path}.apiGroup`, apiGroup, subdomain(apiGroup)) : []),
    ...(namespace ? invalidValues(`${path}.namespace`, namespace, label(namespace)) : []),
  ];
}

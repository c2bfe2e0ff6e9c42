import { parseQuantity } from '../../kube/quantity.ts';
import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, invalidValue, invalidValues, notSupported, oneOf, required } from '../../kube/validation/field.ts';
import { subdomain } from '../../kube/validation/names.ts';
import { validateLabelSelector } from '../../kube/validation/selector.ts';
import type { PersistentVolumeClaimSpec } from '../../schema/generated/kinds.ts';

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'] as const;

/** Checks the spec of a PersistentVolumeClaim or of a template of one (ValidatePersistentVolumeClaimSpec). */
export function validateClaimSpec(spec: PersistentVolumeClaimSpec, path: string): FieldError[] {
  const { resources, volumeMode, storageClassName, volumeAttributesClassName } = spec;
  const storage = resources?.requests?.['storage'];
  return [
    ...validateAccessModes(spec.accessModes ?? [], `${path}.accessModes`, 'at least 1 access mode is required'),
    ...validateLabelSelector(spec.selector, `${path}.selector`),
    ...(storage === undefined ? [required(`${path}.resources[storage]`)] : positiveQuantity(storage, `${path}.resources[storage]`)),
    ...(storageClassName ? invalidValues(`${path}.storageClassName`, storageClassName, subdomain(storageClassName)) : []),
    ...(volumeMode === undefined ? [] : oneOf(`${path}.volumeMode`, volumeMode, ['Block', 'Filesystem'])),
    ...(volumeAttributesClassName ? invalidValues(`${path}.volumeAttributesClassName`, volumeAttributesClassName, subdomain(volumeAttributesClassName)) : []),
  ];
}

/** At least one mode, each of them known; ReadWriteOncePod stands alone. */
export function validateAccessModes(modes: readonly string[], path: string, detail?: string): FieldError[] {
  if (!modes.length) return [required(path, detail)];
  const errors = modes.flatMap((mode) => ((accessModes as readonly string[]).includes(mode) ? [] : [notSupported(path, mode, accessModes)]));
  if (modes.includes('ReadWriteOncePod') && modes.length > 1) {
    errors.push(forbiddenField(path, 'may not use ReadWriteOncePod with other access modes'));
  }
  return errors;
}

export const positiveQuantity = (quantity: string, path: string): FieldError[] =>
  parseQuantity(quantity).nanos > 0n ? [] : [invalidValue(path, quantity, 'must be greater than zero')];

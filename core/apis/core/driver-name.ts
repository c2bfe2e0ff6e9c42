import type { FieldError } from '../../kube/status.ts';
import { invalidValues, required, tooLong } from '../../kube/validation/field.ts';
import { subdomain } from '../../kube/validation/names.ts';

/** The name of a CSI driver, in which case does not matter (ValidateCSIDriverName). */
export function validateDriverName(driver: string | undefined, path: string): FieldError[] {
  if (!driver) return [required(path)];
  return [...(driver.length > 63 ? [tooLong(path, 63)] : []), ...invalidValues(path, driver.toLowerCase(), subdomain(driver.toLowerCase()))];
}

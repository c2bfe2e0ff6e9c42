import type { FieldError } from '../../kube/status.ts';
import { invalidValue, invalidValues, required, tooLong } from '../../kube/validation/field.ts';
import { qualifiedName, subdomain } from '../../kube/validation/names.ts';

/** What classes of volumes say to their driver. */

const MAX_PARAMETERS = 512;
const MAX_SIZE = 256 * 1024;

/** The name of a provisioner or driver: a qualified name, whatever its case. */
export const validateDriverName = (name: string | undefined, path: string): FieldError[] =>
  name ? invalidValues(path, name.toLowerCase(), qualifiedName(name.toLowerCase())) : [required(path)];

export function validateParameters(parameters: Record<string, string> = {}, path: string): FieldError[] {
  const entries = Object.entries(parameters);
  if (entries.length > MAX_PARAMETERS) return [tooLong(path, MAX_PARAMETERS)];
  const size = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  return [
    ...entries.flatMap(([key]) => (key ? [] : [invalidValue(path, key, 'field can not be empty.')])),
    ...(size > MAX_SIZE ? [tooLong(path, MAX_SIZE)] : []),
  ];
}

/** The name of a CSI driver (ValidateCSIDriverName). */
export function validateCsiDriverName(name: string | undefined, path: string): FieldError[] {
  if (!name) return [required(path)];
  return [...(name.length > 63 ? [tooLong(path, 63)] : []), ...invalidValues(path, name, subdomain(name.toLowerCase()))];
}

import type { FieldError } from '../../kube/status.ts';
import { invalidValue, required, tooLong } from '../../kube/validation/field.ts';
import type { OpaqueDeviceConfiguration } from '../../schema/generated/kinds.ts';
import { validateDriver } from './device-names.ts';

/** What a driver is told, by a class or a claim (validateDeviceConfiguration). */
export const validateConfiguration = ({ opaque }: { opaque?: OpaqueDeviceConfiguration }, path: string): FieldError[] =>
  opaque
    ? [...validateDriver(opaque.driver, `${path}.opaque.driver`), ...validateRawObject(opaque.parameters, `${path}.opaque.parameters`)]
    : [required(`${path}.opaque`)];

const MAX_SIZE = 10 * 1024;

/** JSON of any fields: an object, of a size (validateRawExtension). */
export function validateRawObject(value: unknown, path: string): FieldError[] {
  if (value === undefined || value === null) return [required(path)];
  if (Buffer.byteLength(JSON.stringify(value)) > MAX_SIZE) return [tooLong(path, MAX_SIZE)];
  return typeof value === 'object' && !Array.isArray(value) ? [] : [invalidValue(path, '<value omitted>', 'must be a valid JSON object')];
}

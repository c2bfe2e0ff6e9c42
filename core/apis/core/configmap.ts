import { same } from '../../kube/object.ts';
import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, invalidValue, invalidValues, tooLong } from '../../kube/validation/field.ts';
import { configKey } from '../../kube/validation/names.ts';
import type { ConfigMap } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import type { Strategy } from '../strategy.ts';
import { faultWarnings } from './faults.ts';

/** How much a ConfigMap or a Secret may hold, in bytes. */
export const MAX_DATA = 1024 * 1024;

/** ConfigMaps (ValidateConfigMap). */
export const strategy: Strategy<ConfigMap> = {
  validate({ data = {}, binaryData = {} }) {
    const errors: FieldError[] = [];
    let size = 0;
    for (const [key, value] of Object.entries(data)) {
      errors.push(...invalidValues(`data[${key}]`, key, configKey(key)));
      if (Object.hasOwn(binaryData, key)) errors.push(invalidValue(`data[${key}]`, key, 'duplicate of key present in binaryData'));
      size += Buffer.byteLength(value);
    }
    for (const [key, value] of Object.entries(binaryData)) {
      errors.push(...invalidValues(`binaryData[${key}]`, key, configKey(key)));
      size += Buffer.byteLength(value, 'base64');
    }
    // The whole object is too long: its path is empty, which apimachinery prints so.
    return size > MAX_DATA ? [...errors, tooLong('[]', MAX_DATA)] : errors;
  },

  warnings: faultWarnings,

  updateRules: 'first',
  validateUpdate: (configMap, previous) => validateImmutable(configMap, previous, ['data', 'binaryData']),

  table: {
    columns: [
      nameColumn,
      column(
        'Data',
        'string',
        "Data contains the configuration data. Each key must consist of alphanumeric characters, '-', '_' or '.'. Values with non-UTF-8 byte sequences must use the BinaryData field. The keys stored in Data must not overlap with the keys in the BinaryData field, this is enforced during validation process.",
      ),
      ageColumn,
    ],
    cells: (configMap, now) => [
      configMap.metadata.name,
      Object.keys(configMap.data ?? {}).length + Object.keys(configMap.binaryData ?? {}).length,
      ageOf(configMap, now),
    ],
  },
};

/** What has been set immutable stays so, and as it is (ConfigMaps and Secrets). */
export function validateImmutable<T extends { immutable?: boolean }>(object: T, previous: T, fields: readonly (keyof T & string)[]): FieldError[] {
  if (!previous.immutable) return [];
  const why = 'field is immutable when `immutable` is set';
  return [
    ...(object.immutable ? [] : [forbiddenField('immutable', why)]),
    ...fields.flatMap((field) => (same(object[field] ?? {}, previous[field] ?? {}) ? [] : [forbiddenField(field, why)])),
  ];
}

import type { FieldError } from '../../../kube/status.ts';
import { invalidValue, required } from '../../../kube/validation/field.ts';
import type { CustomResourceColumnDefinition } from '../../../schema/generated/kinds.ts';
import { simpleJsonPathErrors } from './json-path-errors.ts';

const TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];

/** What `additionalPrinterColumns` may be. */
export const columnErrors = (columns: readonly CustomResourceColumnDefinition[] = [], path: string): FieldError[] =>
  columns.flatMap(({ name, type, format, jsonPath }, i) => {
    const at = `${path}[${i}]`;
    const oneOfTypes = `must be one of ${TYPES.join(',')}`;
    return [
      ...(name ? [] : [required(`${at}.name`)]),
      ...(type ? [] : [required(`${at}.type`, oneOfTypes)]),
      ...(type && !TYPES.includes(type) ? [invalidValue(`${at}.type`, type, oneOfTypes)] : []),
      ...(format && !FORMATS.includes(format) ? [invalidValue(`${at}.format`, format, `must be one of ${FORMATS.join(',')}`)] : []),
      ...(jsonPath ? simpleJsonPathErrors(jsonPath, `${at}.JSONPath`) : [required(`${at}.JSONPath`)]),
    ];
  });

import type { FieldError } from '../../kube/status.ts';
import { invalidValue, notSupported, required, tooLong, tooMany, typeInvalid } from '../../kube/validation/field.ts';
import type { JSONSchemaProps } from '../generated/kinds.ts';
import { Correlation } from './correlation.ts';
import { sortedKeys } from './sorted-keys.ts';
import { Budget, type ValueError } from './validation-result.ts';
import { validatorOf } from './validator.ts';

/** How a field path that there is none of is printed in Go. */
export const NO_FIELD = '<nil>';

/**
 * What is wrong with a value by its schema, as errors of fields (apiserver/validation/validation.go, kubeOpenAPIResultToFieldErrors). `path` is that of the value,
 * '' for a whole object; `before`: what it was, of which only what changed must be valid.
 */
export function valueErrors(value: unknown, schema: JSONSchemaProps, path = '', before?: Correlation): FieldError[] {
  const result = validatorOf(schema).validate(value, { path: '', before, budget: new Budget() });
  return result.errors.map((error) => fieldError(error, path));
}

/** The same of an update. */
export const changedValueErrors = (value: unknown, before: unknown, schema: JSONSchemaProps): FieldError[] =>
  valueErrors(value, schema, '', new Correlation(value, before, schema));

function fieldError(error: ValueError, prefix: string): FieldError {
  const own = error.path?.replace(/^\./, '') ?? '';
  const path = [prefix, own].filter((part) => part !== '').join('.') || NO_FIELD;
  const value = sortedKeys(error.value ?? '');
  switch (error.code) {
    case 'required':
      return required(path);
    case 'enum':
      return notSupported(
        path,
        sortedKeys(error.value),
        (error.valid as unknown[]).map((one) => (typeof one === 'string' ? one : JSON.stringify(one))),
      );
    case 'tooLong':
      return tooLong(path, error.valid as number);
    case 'maxItems':
    case 'maxProperties':
      return tooMany(path, error.value as number, error.valid as number);
    case 'type':
      return typeInvalid(path, value, error.message);
    default:
      return invalidValue(path, value, error.message);
  }
}

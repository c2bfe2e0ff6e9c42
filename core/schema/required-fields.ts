import type { FieldError } from '../kube/status.ts';
import { schemaOf } from './built-in-types.ts';
import type { FieldSchema, TypeSchema } from './schema.ts';

/**
 * What every kind without a validation of its own is checked for: that the fields that its schema requires are there, in the words of
 * apimachinery's field.Required. A missing number or boolean is its zero, as in Go, and so is no error; an empty text counts as missing.
 * The status is not looked into: its writers are the system's own.
 */
export function requiredFieldErrors(object: object, type: TypeSchema): FieldError[] {
  const errors: FieldError[] = [];
  checkType(object as Fields, type, '', errors);
  return errors;
}

type Fields = Readonly<Record<string, unknown>>;

function checkType(value: Fields, { fields, required }: TypeSchema, path: string, errors: FieldError[]): void {
  if (!fields) return;
  for (const name of required ?? []) {
    if (isMissing(value[name], fields[name]!)) errors.push({ reason: 'FieldValueRequired', field: join(path, name), message: 'Required value' });
  }
  for (const name of Object.keys(value)) {
    const schema = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (schema && !(path === '' && name === 'status')) checkField(value[name], schema, join(path, name), errors);
  }
}

function checkField(value: unknown, schema: FieldSchema, path: string, errors: FieldError[]): void {
  if (typeof value !== 'object' || value === null) return;
  const struct = schema.struct ?? (schema.ref && schemaOf(schema.ref));
  if (struct) {
    if (!Array.isArray(value)) checkType(value as Fields, struct, path, errors);
  } else if (schema.items) {
    if (Array.isArray(value)) for (let i = 0; i < value.length; i++) checkField(value[i], schema.items, `${path}[${i}]`, errors);
  } else if (schema.map) {
    for (const [key, element] of Object.entries(value)) checkField(element, schema.map, `${path}[${key}]`, errors);
  }
}

function isMissing(value: unknown, schema: FieldSchema): boolean {
  if (schema.type === 'integer' || schema.type === 'number' || schema.type === 'boolean') return false;
  return value === undefined || value === null || value === '';
}

const join = (path: string, name: string) => (path ? `${path}.${name}` : name);

import type { FieldError } from '../../../../kube/status.ts';
import { forbiddenField, invalidValue } from '../../../../kube/validation/field.ts';
import type { JSONSchemaProps } from '../../../../schema/generated/kinds.ts';
import { printedSchema, schemaFields } from '../hoisted.ts';
import { defaultErrors } from './default-errors.ts';
import { notStructural } from './not-structural.ts';
import { type Strictness, schemaRuleErrors } from './schema-rules.ts';
import { structuralErrors } from './structural-rules.ts';

export interface SchemaOptions extends Strictness {
  readonly structural: boolean;
  readonly prunedDefaults: boolean;
}

interface Options {
  readonly strict: SchemaOptions;
  /** Whether a version that has the schema has the status subresource. */
  readonly hasStatus: boolean;
}

/** What is wrong with the schema of a version (apiextensions' validateCustomResourceDefinitionValidation). `path` is that of what holds it: `spec.validation`. */
export function schemaErrors(schema: JSONSchemaProps, path: string, { strict, hasStatus }: Options): FieldError[] {
  const at = `${path}.openAPIV3Schema`;
  const unstructured = strict.structural ? notStructural(schema) : undefined;
  const shape = strict.structural && unstructured === undefined ? shapeErrors(schema, at, strict) : undefined;
  const errors = [
    ...(hasStatus ? rootErrors(schema, at) : []),
    ...(schema.nullable ? [forbiddenField(`${at}.nullable`, 'nullable cannot be true at the root')] : []),
    ...(shape ?? []),
    ...schemaRuleErrors(schema, at, strict, shape?.length === 0),
  ];
  return errors.length === 0 && unstructured !== undefined ? [invalidValue(at, '', unstructured)] : errors;
}

/** Defaults are looked at once the schema is structural. */
function shapeErrors(schema: JSONSchemaProps, path: string, { prunedDefaults }: SchemaOptions): FieldError[] {
  const errors = structuralErrors(schema, path);
  return errors.length > 0 ? errors : defaultErrors(schema, path, { pruned: prunedDefaults });
}

const AT_ROOT =
  'Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations'.split(
    ' ',
  );

/** Of a schema whose status is validated apart, nothing may be said at the root that would be lost. */
function rootErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  for (const [name, field] of schemaFields) {
    const value = schema[field];
    if (value === undefined || value === '' || value === false) continue;
    if (field === 'type') {
      if (value !== 'object')
        return [invalidValue(`${path}.type`, value, 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled')];
    } else if (!AT_ROOT.includes(name)) {
      const detail = `only [${AT_ROOT.join(' ')}] fields are allowed at the root of the schema if the status subresource is enabled`;
      return [invalidValue(path, printedSchema(schema), detail)];
    }
  }
  return [];
}

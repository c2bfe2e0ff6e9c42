import { same } from '../../../../kube/object.ts';
import type { FieldError } from '../../../../kube/status.ts';
import { aggregate } from '../../../../kube/status.ts';
import { invalidValue } from '../../../../kube/validation/field.ts';
import { prunedValue } from '../../../../schema/custom/coerce.ts';
import { EmbeddedError, embeddedErrors, withDecodedMetadata } from '../../../../schema/custom/embedded.ts';
import { itemsOf, sortedEntries } from '../../../../schema/custom/schema-walk.ts';
import { sortedKeys } from '../../../../schema/custom/sorted-keys.ts';
import { valueErrors } from '../../../../schema/custom/value-errors.ts';
import type { JSONSchemaProps } from '../../../../schema/generated/kinds.ts';
import { ruleErrors } from '../../expressions/rule-errors.ts';

/**
 * Whether defaults are what their own schemas take (apiextensions-apiserver's pkg/apiserver/schema/defaulting/validation.go). `pruned`: they must not have unknown
 * fields. Below `additionalProperties` there are none.
 */
export function defaultErrors(schema: JSONSchemaProps, path: string, { pruned }: { pruned: boolean }): FieldError[] {
  const root = { ...schema, 'x-kubernetes-embedded-resource': true };
  return errorsOf(root, path, { root, around: asObject, inMeta: false, pruned });
}

interface Context {
  /** The object or the embedded object that the schema is a part of. */
  readonly root: JSONSchemaProps;
  /** That object around a value of this schema. */
  readonly around: (value: unknown) => unknown;
  readonly inMeta: boolean;
  readonly pruned: boolean;
}

const asObject = (value: unknown): unknown => ({ apiVersion: 'validation/v1', kind: 'Validation', ...(value as object) });

const META: readonly string[] = ['metadata', 'apiVersion', 'kind'];

function errorsOf(schema: JSONSchemaProps, path: string, given: Context): FieldError[] {
  const isEmbedded = schema['x-kubernetes-embedded-resource'] ?? false;
  const context = isEmbedded ? { ...given, inMeta: false, around: asObject, root: schema } : given;
  const { around } = context;
  const items = itemsOf(schema);
  return [
    ...(schema.default === undefined ? [] : ownErrors(schema.default, schema, `${path}.default`, context)),
    ...(items ? errorsOf(items, `${path}.items`, { ...context, around: (value) => around([value]) }) : []),
    ...sortedEntries(schema.properties ?? {}).flatMap(([name, property]) =>
      errorsOf(property, `${path}.properties[${name}]`, {
        ...context,
        inMeta: context.inMeta || (isEmbedded && META.includes(name)),
        around: (value) => around({ [name]: value }),
      }),
    ),
  ];
}

function ownErrors(value: unknown, schema: JSONSchemaProps, path: string, { root, around, inMeta, pruned }: Context): FieldError[] {
  if (inMeta) {
    const problem = metadataProblem(around(value), root);
    return problem === undefined
      ? validityErrors(value, schema, path, schema === root)
      : [invalidValue(path, sortedKeys(value), `must result in valid metadata: ${problem}`)];
  }
  const unknown = pruned && !same(prunedValue(value, schema), value) ? [invalidValue(path, sortedKeys(value), 'must not have unknown fields')] : [];
  try {
    withDecodedMetadata(value, schema, path);
  } catch (error) {
    if (error instanceof EmbeddedError) return [...unknown, error.error];
    throw error;
  }
  const embedded = embeddedErrors(value, schema, path);
  return [...unknown, ...(embedded.length > 0 ? embedded : validityErrors(value, schema, path, schema === root))];
}

/** A default must hold by its rules as a value that stays, and as one that is new. */
function validityErrors(value: unknown, schema: JSONSchemaProps, path: string, root: boolean): FieldError[] {
  const errors = valueErrors(value, schema, path);
  if (errors.length > 0) return errors;
  const kept = ruleErrors({ value, before: value }, schema, { path, root });
  return kept.length > 0 ? kept : ruleErrors({ value }, schema, { path, root });
}

function metadataProblem(object: unknown, schema: JSONSchemaProps): string | undefined {
  try {
    withDecodedMetadata(object, schema, '');
  } catch (error) {
    if (error instanceof EmbeddedError) return error.message;
    throw error;
  }
  const errors = embeddedErrors(object, schema, '', true);
  return errors.length > 0 ? aggregate(errors) : undefined;
}

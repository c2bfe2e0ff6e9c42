import { same } from '../../../kube/object.ts';
import { sortedKeys } from '../../../schema/custom/sorted-keys.ts';
import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
  CustomResourceSubresources,
  JSONSchemaProps,
  SelectableField,
} from '../../../schema/generated/kinds.ts';

/**
 * What Kubernetes says of a version: when all versions say the same, it speaks of it at the top of the spec, where v1beta1 had it, and nowhere else
 * (apiextensions' v1/conversion.go). The paths of errors show that.
 */
export interface Said<T> {
  readonly value: T | undefined;
  /** The version that says so; undefined: all do. */
  readonly version: CustomResourceDefinitionVersion | undefined;
  /** `spec.validation`, `spec.versions[1].schema`. */
  readonly path: string;
}

interface Parts {
  readonly schema: { readonly openAPIV3Schema?: JSONSchemaProps };
  readonly subresources: CustomResourceSubresources;
  readonly additionalPrinterColumns: readonly CustomResourceColumnDefinition[];
  readonly selectableFields: readonly SelectableField[];
}

type Part = keyof Parts;

/** What the versions say of something: once for all of them, or once for each. */
export function said<P extends Part>({ versions = [] }: Pick<CustomResourceDefinitionSpec, 'versions'>, part: P): readonly Said<Parts[P]>[] {
  const saidBy = (version: CustomResourceDefinitionVersion | undefined) => version?.[part] as Parts[P] | undefined;
  if (isSaidOnce(versions, part)) return versions.length > 0 ? [{ value: saidBy(versions[0]), version: undefined, path: `spec.${atTop[part] ?? part}` }] : [];
  return versions.map((version, i) => ({ value: saidBy(version), version, path: `spec.versions[${i}].${part}` }));
}

const atTop: { readonly [P in Part]?: string } = { schema: 'validation' };

const isSaidOnce = (versions: readonly CustomResourceDefinitionVersion[], part: Part): boolean =>
  versions.every((version) => same(version[part] ?? null, versions[0]![part] ?? null));

/** The versions as Go prints them in an error: by the names of their fields, without what is said once for all. */
export function printedVersions(versions: readonly CustomResourceDefinitionVersion[]): object[] {
  const once = (part: Part) => isSaidOnce(versions, part);
  return versions.map((version) => ({
    Name: version.name ?? '',
    Served: version.served ?? false,
    Storage: version.storage ?? false,
    Deprecated: version.deprecated ?? false,
    DeprecationWarning: version.deprecationWarning ?? null,
    Schema:
      once('schema') || !version.schema ? null : { OpenAPIV3Schema: version.schema.openAPIV3Schema ? printedSchema(version.schema.openAPIV3Schema) : null },
    Subresources: once('subresources') || !version.subresources ? null : printedSubresources(version.subresources),
    AdditionalPrinterColumns: once('additionalPrinterColumns') ? null : (version.additionalPrinterColumns?.map(printedColumn) ?? null),
    SelectableFields: once('selectableFields') ? null : (version.selectableFields?.map(({ jsonPath }) => ({ JSONPath: jsonPath })) ?? null),
  }));
}

const printedSubresources = ({ status, scale }: CustomResourceSubresources) => ({
  Status: status ? {} : null,
  Scale: scale
    ? { SpecReplicasPath: scale.specReplicasPath ?? '', StatusReplicasPath: scale.statusReplicasPath ?? '', LabelSelectorPath: scale.labelSelectorPath ?? null }
    : null,
});

const printedColumn = ({ name, type, format, description, priority, jsonPath }: CustomResourceColumnDefinition) => ({
  Name: name ?? '',
  Type: type ?? '',
  Format: format ?? '',
  Description: description ?? '',
  Priority: priority ?? 0,
  JSONPath: jsonPath ?? '',
});

/** A schema as Go prints it: all of its fields, in the order in which they are declared (apiextensions' types_jsonschema.go). */
export function printedSchema(schema: JSONSchemaProps): object {
  return Object.fromEntries(
    schemaFields.map(([name, field, zero, print]) => [name, schema[field] === undefined ? zero : (print?.(schema[field]) ?? schema[field])]),
  );
}

type Print = (value: unknown) => unknown;

/** Go prints maps in the order of their keys. */
const mapOf = (value: unknown, print: Print) =>
  Object.fromEntries(
    Object.keys(value as object)
      .sort()
      .map((name) => [name, print((value as Record<string, unknown>)[name])]),
  );

const one: Print = (value) => printedSchema(value as JSONSchemaProps);
const list: Print = (value) => (value as JSONSchemaProps[]).map(printedSchema);
const map: Print = (value) => mapOf(value, (inner) => printedSchema(inner as JSONSchemaProps));
const orBool: Print = (value) => (typeof value === 'boolean' ? { Allows: value, Schema: null } : { Allows: true, Schema: one(value) });
const orList: Print = (value) => (Array.isArray(value) ? { Schema: null, JSONSchemas: list(value) } : { Schema: one(value), JSONSchemas: null });
const orTexts: Print = (value) => (Array.isArray(value) ? { Schema: null, Property: value } : { Schema: one(value), Property: null });
const dependencies: Print = (value) => mapOf(value, orTexts);
const rules: Print = (value) => (value as NonNullable<JSONSchemaProps['x-kubernetes-validations']>).map(printedRule);

/** Of each field: its name in Go, its name, what stands there when it is not set, and how it is printed when it is. */
export const schemaFields: readonly (readonly [name: string, field: keyof JSONSchemaProps, zero: unknown, print?: Print])[] = [
  ['ID', 'id', ''],
  ['Schema', '$schema', ''],
  ['Ref', '$ref', null],
  ['Description', 'description', ''],
  ['Type', 'type', ''],
  ['Nullable', 'nullable', false],
  ['Format', 'format', ''],
  ['Title', 'title', ''],
  ['Default', 'default', null, sortedKeys],
  ['Maximum', 'maximum', null],
  ['ExclusiveMaximum', 'exclusiveMaximum', false],
  ['Minimum', 'minimum', null],
  ['ExclusiveMinimum', 'exclusiveMinimum', false],
  ['MaxLength', 'maxLength', null],
  ['MinLength', 'minLength', null],
  ['Pattern', 'pattern', ''],
  ['MaxItems', 'maxItems', null],
  ['MinItems', 'minItems', null],
  ['UniqueItems', 'uniqueItems', false],
  ['MultipleOf', 'multipleOf', null],
  ['Enum', 'enum', null, sortedKeys],
  ['MaxProperties', 'maxProperties', null],
  ['MinProperties', 'minProperties', null],
  ['Required', 'required', null],
  ['Items', 'items', null, orList],
  ['AllOf', 'allOf', null, list],
  ['OneOf', 'oneOf', null, list],
  ['AnyOf', 'anyOf', null, list],
  ['Not', 'not', null, one],
  ['Properties', 'properties', null, map],
  ['AdditionalProperties', 'additionalProperties', null, orBool],
  ['PatternProperties', 'patternProperties', null, map],
  ['Dependencies', 'dependencies', null, dependencies],
  ['AdditionalItems', 'additionalItems', null, orBool],
  ['Definitions', 'definitions', null, map],
  ['ExternalDocs', 'externalDocs', null],
  ['Example', 'example', null, sortedKeys],
  ['XPreserveUnknownFields', 'x-kubernetes-preserve-unknown-fields', null],
  ['XEmbeddedResource', 'x-kubernetes-embedded-resource', false],
  ['XIntOrString', 'x-kubernetes-int-or-string', false],
  ['XListMapKeys', 'x-kubernetes-list-map-keys', null],
  ['XListType', 'x-kubernetes-list-type', null],
  ['XMapType', 'x-kubernetes-map-type', null],
  ['XValidations', 'x-kubernetes-validations', null, rules],
];

/** A rule as Go prints it. */
export const printedRule = (rule: NonNullable<JSONSchemaProps['x-kubernetes-validations']>[number]): object => ({
  Rule: rule.rule ?? '',
  Message: rule.message ?? '',
  MessageExpression: rule.messageExpression ?? '',
  Reason: rule.reason ?? null,
  FieldPath: rule.fieldPath ?? '',
  OptionalOldSelf: rule.optionalOldSelf ?? null,
});

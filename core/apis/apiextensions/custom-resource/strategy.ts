import { type Fields, fieldsOf } from '../../../kube/fields.ts';
import { type KubeObject, same } from '../../../kube/object.ts';
import type { FieldError } from '../../../kube/status.ts';
import { invalidValue } from '../../../kube/validation/field.ts';
import { qualifiedName } from '../../../kube/validation/names.ts';
import { withDefaults } from '../../../schema/custom/coerce.ts';
import { Correlation } from '../../../schema/custom/correlation.ts';
import { embeddedErrors } from '../../../schema/custom/embedded.ts';
import { listTypeErrors } from '../../../schema/custom/list-types.ts';
import { changedValueErrors, NO_FIELD, valueErrors } from '../../../schema/custom/value-errors.ts';
import type { CustomResourceDefinitionVersion, JSONSchemaProps } from '../../../schema/generated/kinds.ts';
import type { Strategy } from '../../strategy.ts';
import { hasRules, ruleErrors } from '../expressions/rule-errors.ts';
import { scaleErrors, scaleStatusErrors } from './scale-paths.ts';

export interface CustomKind {
  readonly group: string;
  readonly kind: string;
  /** Of the definition, served or not. */
  readonly versions: readonly CustomResourceDefinitionVersion[];
}

/**
 * What a custom resource means (apiextensions-apiserver's pkg/registry/customresource). An object is treated by the rules of the version that it says it is of: that of
 * the request, and not that in which it is stored.
 */
export function customStrategy({ group, kind, versions }: CustomKind): Strategy<KubeObject> {
  const byApiVersion = new Map(versions.map((version) => [`${group}/${version.name}`, version]));
  const versionOf = ({ apiVersion }: KubeObject) => byApiVersion.get(apiVersion);
  const schemaOf = (object: KubeObject): JSONSchemaProps => versionOf(object)?.schema?.openAPIV3Schema ?? {};
  const hasStatus = (object: KubeObject) => versionOf(object)?.subresources?.status !== undefined;
  const scaleOf = (object: KubeObject) => versionOf(object)?.subresources?.scale;

  return {
    unconditionalUpdate: false,
    statusKeeps: 'metadata',
    ownStatus: hasStatus,
    // Once more after the plugins, which may have put in what has defaults.
    defaults: (object) => void Object.assign(object, withDefaults(object, schemaOf(object))),
    prepareForCreate(object) {
      if (hasStatus(object)) delete (object as Partial<Record<'status', unknown>>).status;
      object.metadata.generation = 1;
    },
    prepareForUpdate(object, previous) {
      if (!same(withoutMetadata(object), withoutMetadata(previous))) object.metadata.generation = (previous.metadata.generation ?? 0) + 1;
    },
    validate(object) {
      const schema = schemaOf(object);
      const scale = scaleOf(object);
      return firstOf(
        typeErrors(object, kind),
        () => [
          ...valueErrors(object, schema),
          ...(scale ? scaleErrors(object, scale) : []),
          ...embeddedErrors(object, schema, ''),
          ...listTypeErrors(object, schema),
        ],
        (errors) => withRules(errors, schema, { value: object }),
      );
    },
    validateChange(object, previous) {
      const schema = schemaOf(object);
      const scale = scaleOf(object);
      return firstOf(
        typeErrors(object, kind),
        () => [
          ...changedValueErrors(object, previous, schema),
          ...(scale ? scaleErrors(object, scale) : []),
          ...embeddedErrors(object, schema, ''),
          ...(listTypeErrors(previous, schema).length === 0 ? listTypeErrors(object, schema) : []),
        ],
        (errors) => withRules(errors, schema, changed(object, previous, schema)),
      );
    },
    validateStatusUpdate(object, previous) {
      const schema = schemaOf(object);
      const scale = scaleOf(object);
      const errors = [
        ...statusErrors(object, previous, schema),
        ...(scale ? scaleStatusErrors(object, scale) : []),
        ...(listTypeErrors(previous, schema).length === 0 ? listTypeErrors(object, schema) : []),
      ];
      return withRules(errors, schema, changed(object, previous, schema));
    },
    warnings: finalizerWarnings,
  };
}

const withoutMetadata = (object: KubeObject): Fields => {
  const { metadata: _, ...rest } = fieldsOf(object);
  return rest;
};

/** An object of another type is told of that and of nothing else. */
const firstOf = (errors: FieldError[], others: () => FieldError[], more: (errors: FieldError[]) => FieldError[]): FieldError[] =>
  errors.length > 0 ? errors : more(others());

const changed = (value: KubeObject, before: KubeObject, schema: JSONSchemaProps) => ({ value, before, correlation: new Correlation(value, before, schema) });

/** What keeps rules from being evaluated: they could not rely on what the schema says. */
const BLOCKING: readonly FieldError['reason'][] = [
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
];
const NOT_CHECKED = 'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';

function withRules(errors: FieldError[], schema: JSONSchemaProps, values: Parameters<typeof ruleErrors>[0]): FieldError[] {
  if (!hasRules(schema)) return errors;
  const isBlocked = errors.some(({ reason }) => BLOCKING.includes(reason));
  return [...errors, ...(isBlocked ? [invalidValue(NO_FIELD, null, NOT_CHECKED)] : ruleErrors(values, schema, { root: true }))];
}

const typeErrors = (object: KubeObject, kind: string): FieldError[] => (object.kind === kind ? [] : [invalidValue('kind', object.kind, `must be ${kind}`)]);

function statusErrors(object: KubeObject, previous: KubeObject, schema: JSONSchemaProps): FieldError[] {
  const { status } = fieldsOf(object);
  const of = schema.properties?.['status'];
  if (status === undefined || !of) return [];
  const { status: before } = fieldsOf(previous);
  return valueErrors(status, of, 'status', before === undefined ? undefined : new Correlation(status, before, of));
}

const STANDARD: readonly string[] = ['orphan', 'foregroundDeletion', 'kubernetes'];

/** What is unusual of a finalizer, and not refused for custom objects (validateKubeFinalizerName). */
function finalizerWarnings({ metadata }: KubeObject, previous?: KubeObject): string[] {
  const before = previous?.metadata.finalizers ?? [];
  const added = [...new Set(metadata.finalizers ?? [])].filter((name) => !before.includes(name)).sort();
  const warning = (name: string, text: string) => `metadata.finalizers: ${JSON.stringify(name)}: ${text}`;
  return added.flatMap((name) => [
    ...qualifiedName(name).map((text) => warning(name, text)),
    ...(name.includes('/') || STANDARD.includes(name)
      ? []
      : [
          warning(
            name,
            `prefer a domain-qualified finalizer name ${name.includes('.') ? 'including a path (/) ' : ''}to avoid accidental conflicts with other finalizer writers`,
          ),
        ]),
  ]);
}

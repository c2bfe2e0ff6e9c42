import type { FieldError } from '../../../kube/status.ts';
import { immutable, invalidValue, oneOf, required } from '../../../kube/validation/field.ts';
import { label1035, subdomain } from '../../../kube/validation/names.ts';
import type { CustomResourceDefinitionNames, CustomResourceDefinitionSpec, CustomResourceDefinitionVersion } from '../../../schema/generated/kinds.ts';
import { columnErrors } from './columns.ts';
import { conversionErrors } from './conversion-errors.ts';
import { printedVersions, said } from './hoisted.ts';
import type { Leniency } from './leniency.ts';
import { nameErrors, neededNameErrors } from './names.ts';
import { type SchemaOptions, schemaErrors } from './schema/schema-errors.ts';
import { selectableFieldErrors } from './selectable-fields.ts';
import { subresourceErrors } from './subresources.ts';

/** What the spec of a CustomResourceDefinition may be (apiextensions' pkg/apis/apiextensions/validation). `stored`: what is not asked of one that was accepted before. */
export function specErrors(spec: CustomResourceDefinitionSpec, stored?: Leniency): FieldError[] {
  const { group = '', names = {} as CustomResourceDefinitionNames, scope, versions = [], conversion, preserveUnknownFields } = spec;
  return [
    ...groupErrors(group),
    ...oneOf('spec.scope', scope, ['Cluster', 'Namespaced']),
    ...missingSchemaErrors(versions, stored),
    ...versions.flatMap((version, i) => versionErrors(version, i, spec, stored)),
    ...uniquenessErrors(versions),
    // v1beta1 had one version at the top, which is the first one here.
    ...joined('spec.version', versions[0]?.name ? label1035(versions[0].name) : [], versions[0]?.name),
    ...neededNameErrors(names, 'spec.names'),
    ...nameErrors(names, 'spec.names'),
    ...sharedErrors(spec, stored),
    ...(conversion && conversion.strategy !== 'None' && preserveUnknownFields
      ? [invalidValue('spec.conversion.strategy', conversion.strategy, 'must be None if spec.preserveUnknownFields is true')]
      : []),
    ...(conversion ? conversionErrors(conversion, stored) : []),
  ];
}

/** What an update may not change; `established`: objects may be there under its names. */
export function specUpdateErrors(spec: CustomResourceDefinitionSpec, previous: CustomResourceDefinitionSpec, established: boolean): FieldError[] {
  return [
    ...(established ? immutable('spec.scope', spec.scope, previous.scope) : []),
    ...(established ? immutable('spec.names.kind', spec.names?.kind, previous.names.kind) : []),
    ...immutable('spec.group', spec.group, previous.group),
    ...immutable('spec.names.plural', spec.names?.plural, previous.names.plural),
  ];
}

/** What is wrong with one value, as one error. */
const joined = (path: string, problems: readonly string[], value: unknown): FieldError[] =>
  problems.length > 0 ? [invalidValue(path, value ?? '', problems.join(','))] : [];

function groupErrors(group: string): FieldError[] {
  if (!group) return [required('spec.group')];
  const problems = subdomain(group);
  if (problems.length > 0) return joined('spec.group', problems, group);
  return group.includes('.') ? [] : [invalidValue('spec.group', group, 'should be a domain with at least one dot')];
}

function missingSchemaErrors(versions: readonly CustomResourceDefinitionVersion[], stored: Leniency | undefined): FieldError[] {
  if (versions.length > 0 && said({ versions: [...versions] }, 'schema')[0]!.version === undefined && versions[0]!.schema?.openAPIV3Schema) return [];
  return versions.flatMap(({ schema, served }, i) => {
    if (schema?.openAPIV3Schema || (stored?.schemas && !served)) return [];
    return [required(`spec.versions[${i}].schema.openAPIV3Schema`, stored?.schemas ? 'because otherwise all fields are pruned' : undefined)];
  });
}

function versionErrors(version: CustomResourceDefinitionVersion, i: number, spec: CustomResourceDefinitionSpec, stored: Leniency | undefined): FieldError[] {
  const path = `spec.versions[${i}]`;
  const { name = '', deprecated = false, deprecationWarning } = version;
  const own = (part: 'schema' | 'subresources' | 'additionalPrinterColumns' | 'selectableFields') => said(spec, part)[0]!.version !== undefined;
  const schema = version.schema?.openAPIV3Schema;
  return [
    ...joined(`${path}.name`, label1035(name), name),
    ...deprecationProblems(deprecated, deprecationWarning).map((problem) => invalidValue(`${path}.deprecationWarning`, deprecationWarning, problem)),
    ...(own('schema') && schema
      ? schemaErrors(schema, `${path}.schema`, { strict: strictness(stored, name), hasStatus: Boolean(version.subresources?.status) })
      : []),
    ...(own('subresources') ? subresourceErrors(version.subresources, `${path}.subresources`) : []),
    ...(own('additionalPrinterColumns') ? columnErrors(version.additionalPrinterColumns, `${path}.additionalPrinterColumns`) : []),
    ...(own('selectableFields') && version.selectableFields?.length
      ? selectableFieldErrors(version.selectableFields, own('schema') ? schema : undefined, {
          path: `${path}.selectableFields`,
          // The words are Kubernetes' own.
          noSchema: 'may only be set when `version.schema.openAPIV3Schema` is not included',
          many: stored?.manySelectableFields.has(name) ?? false,
        })
      : []),
  ];
}

/** What all versions say alike. */
function sharedErrors(spec: CustomResourceDefinitionSpec, stored: Leniency | undefined): FieldError[] {
  const [schema, subresources, columns, selectable] = (['schema', 'subresources', 'additionalPrinterColumns', 'selectableFields'] as const).map((part) => {
    const [first] = said(spec, part);
    return first && first.version === undefined ? first : undefined;
  });
  const [version] = spec.versions ?? [];
  const openAPIV3Schema = schema && version?.schema?.openAPIV3Schema;
  const hasStatus = spec.versions?.some((one) => one.subresources?.status) ?? false;
  return [
    ...(openAPIV3Schema ? schemaErrors(openAPIV3Schema, 'spec.validation', { strict: strictness(stored, version!.name), hasStatus }) : []),
    ...(subresources ? subresourceErrors(version?.subresources, 'spec.subresources') : []),
    ...(columns ? columnErrors(version?.additionalPrinterColumns, 'spec.additionalPrinterColumns') : []),
    ...(selectable && version?.selectableFields?.length
      ? selectableFieldErrors(version.selectableFields, openAPIV3Schema, {
          path: 'spec.selectableFields',
          noSchema: 'may only be set when validations.schema is included',
          many: stored?.manySelectableFields.has('') ?? false,
        })
      : []),
  ];
}

const strictness = (stored: Leniency | undefined, version: string): SchemaOptions => ({
  costs: !stored?.sameSchemas.has(version),
  structural: !stored?.structure,
  prunedDefaults: !stored?.prunedDefaults,
  types: !stored?.types,
  atomicSets: !stored?.atomicSets,
  mapKeys: !stored?.mapKeys,
});

function uniquenessErrors(versions: readonly CustomResourceDefinitionVersion[]): FieldError[] {
  const isUnique = new Set(versions.map(({ name }) => name)).size === versions.length;
  const storage = versions.filter(({ storage: isStorage }) => isStorage).length;
  const shown = versions.length > 0 ? printedVersions(versions) : null;
  return [
    ...(isUnique ? [] : [invalidValue('spec.versions', shown, 'must contain unique version names')]),
    ...(storage === 1 ? [] : [invalidValue('spec.versions', shown, 'must have exactly one version marked as storage version')]),
  ];
}

function deprecationProblems(deprecated: boolean, warning: string | undefined): string[] {
  if (warning === undefined) return [];
  if (!deprecated) return ['can only be set for deprecated versions'];
  const problem = unprintable(warning);
  return [
    ...(Buffer.byteLength(warning) > 256 ? ['must be <= 256 characters long'] : []),
    ...(warning === '' ? ['must not be an empty string'] : []),
    ...(problem === undefined ? [] : [`must only contain printable UTF-8 characters; non-printable character found at index ${problem}`]),
  ];
}

/** Where the first character is that Go's unicode.IsPrint does not take, in bytes. */
function unprintable(text: string): number | undefined {
  const found = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.exec(text);
  return found ? Buffer.byteLength(text.slice(0, found.index)) : undefined;
}

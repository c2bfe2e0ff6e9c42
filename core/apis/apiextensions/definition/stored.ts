import { same } from '../../../kube/object.ts';
import { prunedValue } from '../../../schema/custom/coerce.ts';
import { schemasIn } from '../../../schema/custom/schema-walk.ts';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
  JSONSchemaProps,
} from '../../../schema/generated/kinds.ts';
import { isTrue } from '../conditions.ts';
import { isCaBundle, speaksReviews } from './conversion-errors.ts';
import { said } from './hoisted.ts';
import type { Leniency } from './leniency.ts';
import { hasLooseKeys, hasLooseSets } from './schema/list-and-map-types.ts';
import { notStructural } from './schema/not-structural.ts';
import { structuralErrors } from './schema/structural-rules.ts';

const TYPES: readonly string[] = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

export function leniencyFor(spec: CustomResourceDefinitionSpec, previous: CustomResourceDefinition): Leniency {
  const before = previous.spec;
  const schemas = (before.versions ?? []).flatMap(({ schema }) => (schema?.openAPIV3Schema ? [schema.openAPIV3Schema] : []));
  const { conversion } = before;
  const bundle = conversion?.webhook?.clientConfig?.caBundle;
  return {
    schemas: (before.versions ?? []).some(({ schema }) => !schema?.openAPIV3Schema),
    structure: schemas.some(isLoose),
    types: schemas.some((schema) => [...schemasIn(schema)].some(({ type }) => type && !TYPES.includes(type))),
    prunedDefaults: schemas.some(hasUnprunedDefaults),
    atomicSets: schemas.some(hasLooseSets),
    mapKeys: schemas.some(hasLooseKeys),
    reviewVersions: !speaksReviews(conversion?.webhook?.conversionReviewVersions ?? []),
    caBundle: !isTrue(previous, 'Established') || (bundle !== undefined && !isCaBundle(bundle)),
    sameSchemas: new Set(spec.versions?.filter((version) => hasSameSchema(version, before)).map(({ name }) => name)),
    manySelectableFields: tooManyBefore(spec, before),
  };
}

const hasSameSchema = ({ name, schema }: CustomResourceDefinitionVersion, { versions }: CustomResourceDefinitionSpec): boolean =>
  versions.some((version) => version.name === name && same(version.schema ?? null, schema ?? null));

const isLoose = (schema: JSONSchemaProps): boolean => notStructural(schema) !== undefined || structuralErrors(schema, '').length > 0;

const hasUnprunedDefaults = (schema: JSONSchemaProps): boolean =>
  !isLoose(schema) && [...schemasIn(schema)].some((one) => one.default !== undefined && !same(prunedValue(one.default, one), one.default));

function tooManyBefore(spec: CustomResourceDefinitionSpec, before: CustomResourceDefinitionSpec): Set<string> {
  const earlier = new Map(said(before, 'selectableFields').map(({ version, value }) => [version?.name ?? '', value]));
  const kept = said(spec, 'selectableFields').filter(({ version, value }) => {
    const old = earlier.get(version?.name ?? '');
    return old !== undefined && old.length > 8 && same(old, value);
  });
  return new Set(kept.map(({ version }) => version?.name ?? ''));
}

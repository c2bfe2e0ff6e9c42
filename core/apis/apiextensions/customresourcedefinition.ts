import { same } from '../../kube/object.ts';
import { invalidValue } from '../../kube/validation/field.ts';
import { supportedFormat } from '../../schema/custom/formats.ts';
import { schemasIn } from '../../schema/custom/schema-walk.ts';
import type { CustomResourceDefinition, CustomResourceDefinitionSpec } from '../../schema/generated/kinds.ts';
import { createdAtTable } from '../columns.ts';
import { update } from '../mutation.ts';
import type { Strategy } from '../strategy.ts';
import { DEFINITIONS, settledStatus } from './accepted-names.ts';
import { isTrue, withCondition } from './conditions.ts';
import { approvalErrors } from './definition/approval.ts';
import { nameErrors } from './definition/names.ts';
import { specErrors, specUpdateErrors } from './definition/spec.ts';
import { leniencyFor } from './definition/stored.ts';
import { storedVersionErrors } from './definition/stored-versions.ts';

/** Holds a definition back until its objects are gone. */
export const CLEANUP = 'customresourcecleanup.apiextensions.k8s.io';

/**
 * apiextensions.k8s.io/v1 CustomResourceDefinition (apiextensions-apiserver's pkg/apis/apiextensions and pkg/registry/customresourcedefinition). What it establishes,
 * `custom-resource/established.ts` says.
 */
export const strategy: Strategy<CustomResourceDefinition> = {
  metadataRules: 'apimachinery',
  unconditionalUpdate: false,
  generation: 'spec',
  defaults({ spec }) {
    if (!spec) return;
    spec.conversion ??= { strategy: 'None' };
    if (spec.conversion.webhook?.clientConfig?.service) spec.conversion.webhook.clientConfig.service.port ??= 443;
    if (!spec.names) return;
    if (spec.names.kind) spec.names.singular ||= spec.names.kind.toLowerCase();
    if (spec.names.kind) spec.names.listKind ||= `${spec.names.kind}List`;
  },
  prepareForCreate(definition) {
    definition.metadata.generation = 1;
    const [stored] = storageVersions(definition.spec);
    // Go writes these also when nothing is in them.
    definition.status = {
      conditions: null as never,
      acceptedNames: { plural: '', kind: '' },
      storedVersions: stored === undefined ? (null as never) : [stored],
    };
  },
  // Objects may have been kept in every version that ever was the storage version.
  prepareForUpdate(definition, previous) {
    if (!same(definition.spec, previous.spec)) definition.metadata.generation = (previous.metadata.generation ?? 0) + 1;
    const stored = definition.status?.storedVersions ?? [];
    const [version] = storageVersions(definition.spec);
    definition.status = { ...definition.status, storedVersions: version === undefined || stored.includes(version) ? stored : [...stored, version] };
  },
  // Its name is made of others, which no update changes.
  nameRule: (definition, name, previous) => (previous || name === wantedName(definition) ? [] : ['must be spec.names.plural+"."+spec.group']),
  validate: (definition) => [
    ...objectErrors(definition, specErrors(specOf(definition))),
    ...approvalErrors(specOf(definition).group, definition.metadata),
    ...preserving(definition),
  ],
  validateChange(definition, previous) {
    const spec = specOf(definition);
    return [
      ...objectErrors(definition, [
        ...specErrors(spec, leniencyFor(spec, previous)),
        ...specUpdateErrors(spec, previous.spec, isTrue(previous, 'Established')),
      ]),
      ...approvalErrors(spec.group, definition.metadata, previous.metadata),
      ...(previous.spec.preserveUnknownFields ? [] : preserving(definition)),
    ];
  },
  validateStatusUpdate: ({ status }) => nameErrors(status?.acceptedNames ?? {}, 'status.acceptedNames'),
  warnings: ({ spec }, previous) => {
    const before = new Set(previous ? unknownFormats(previous.spec) : []);
    return unknownFormats(spec).flatMap((format) => (before.has(format) ? [] : [`unrecognized format ${JSON.stringify(format)}`]));
  },
  consequences(definition, context) {
    if (definition.metadata.deletionTimestamp) return [];
    const status = settledStatus(definition, context);
    return status === definition.status ? [] : [update(DEFINITIONS, { ...definition, status }, 'status')];
  },
  // Its finalizer is there from the first deletion on: its objects go before it, whichever client deletes it.
  pendingDeletion: ({ metadata }) => metadata.deletionTimestamp === undefined,
  markDeleted(definition, now) {
    const { finalizers = [] } = definition.metadata;
    definition.metadata = { ...definition.metadata, finalizers: [...finalizers.filter((name) => name !== CLEANUP), CLEANUP] };
    const message = 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon';
    definition.status = withCondition(definition.status ?? {}, { type: 'Terminating', status: 'True', reason: 'InstanceDeletionPending', message }, now);
  },
  table: createdAtTable,
};

const specOf = ({ spec }: CustomResourceDefinition): CustomResourceDefinitionSpec => spec ?? ({} as CustomResourceDefinitionSpec);

function wantedName(definition: CustomResourceDefinition): string {
  const { names, group = '' } = specOf(definition);
  return `${names?.plural ?? ''}.${group}`;
}

function objectErrors(definition: CustomResourceDefinition, errors: ReturnType<typeof specErrors>) {
  const { status } = definition;
  const { versions = [] } = specOf(definition);
  return [...errors, ...nameErrors(status?.acceptedNames ?? {}, 'status.acceptedNames'), ...storedVersionErrors(status?.storedVersions, versions)];
}

const preserving = ({ spec }: CustomResourceDefinition) =>
  spec?.preserveUnknownFields
    ? [
        invalidValue(
          'spec.preserveUnknownFields',
          true,
          'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
        ),
      ]
    : [];

const storageVersions = (spec: CustomResourceDefinitionSpec | undefined): string[] =>
  (spec?.versions ?? []).filter(({ storage }) => storage).map(({ name }) => name);

/** Formats that say nothing to Kubernetes, each once a schema that is in all versions. */
const unknownFormats = ({ versions }: CustomResourceDefinitionSpec): string[] => [
  ...new Set(
    versions.flatMap(({ schema }) =>
      [...schemasIn(schema?.openAPIV3Schema)].flatMap(({ type, format }) =>
        format && supportedFormat({ ...(type && { type }), format }) === undefined ? [format] : [],
      ),
    ),
  ),
];

import { immutable } from '../../kube/validation/field.ts';
import type { CustomResourceDefinition, CustomResourceDefinitionSpec } from '../../schema/generated/kinds.ts';
import { createdAtTable } from '../columns.ts';
import type { Strategy } from '../strategy.ts';
import { validateSpec } from './definition-spec.ts';

/**
 * apiextensions.k8s.io/v1 CustomResourceDefinition (apiextensions-apiserver's pkg/apis/apiextensions and pkg/registry/customresourcedefinition).
 */
export const strategy: Strategy<CustomResourceDefinition> = {
  metadataRules: 'apimachinery',
  unconditionalUpdate: false,
  noEffect: { why: 'custom resources are not served yet', condition: 'Established' },
  generation: 'spec',
  defaults({ spec }) {
    if (!spec) return;
    spec.conversion ??= { strategy: 'None' };
    if (spec.conversion.webhook?.clientConfig?.service) spec.conversion.webhook.clientConfig.service.port ??= 443;
    if (!spec.names) return;
    spec.names.singular ||= spec.names.kind?.toLowerCase();
    if (spec.names.kind) spec.names.listKind ||= `${spec.names.kind}List`;
  },
  prepareForCreate(definition) {
    definition.status = { storedVersions: storageVersions(definition.spec) };
  },
  // Objects may have been kept in every version that ever was the storage version.
  prepareForUpdate(definition) {
    const stored = definition.status?.storedVersions ?? [];
    definition.status = {
      ...definition.status,
      storedVersions: [...stored, ...storageVersions(definition.spec).filter((version) => !stored.includes(version))],
    };
  },
  validate: ({ metadata, spec = {} as CustomResourceDefinitionSpec }) => validateSpec(metadata, spec),
  // Once the names are accepted, objects may be there under them.
  validateUpdate: ({ spec }, previous) => {
    const established = previous.status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True');
    return [
      ...immutable('spec.group', spec.group, previous.spec.group),
      ...immutable('spec.names.plural', spec.names.plural, previous.spec.names.plural),
      ...(established ? immutable('spec.scope', spec.scope, previous.spec.scope) : []),
      ...(established ? immutable('spec.names.kind', spec.names.kind, previous.spec.names.kind) : []),
    ];
  },
  table: createdAtTable,
};

const storageVersions = (spec: CustomResourceDefinitionSpec | undefined): string[] =>
  (spec?.versions ?? []).filter(({ storage }) => storage).map(({ name }) => name);

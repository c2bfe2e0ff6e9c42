import type { FieldError } from '../../kube/status.ts';
import { notSupported, oneOf, required } from '../../kube/validation/field.ts';
import type { MutatingAdmissionPolicy, Mutation } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import type { Strategy } from '../strategy.ts';
import { defaultMatchResources, paramKindText, validateMatchConditions, validateMatchResources, validateParamKind } from './match.ts';

/** admissionregistration.k8s.io/v1 MutatingAdmissionPolicy; its expressions are kept as they are. */
export const strategy: Strategy<MutatingAdmissionPolicy> = {
  metadataRules: 'apimachinery',
  metadataUpdateRules: 'generic',
  unconditionalUpdate: false,
  noEffect: { why: 'admission policies are not evaluated yet' },
  generation: 'spec',
  defaults({ spec }) {
    if (!spec) return;
    spec.failurePolicy ??= 'Fail';
    if (spec.matchConstraints) defaultMatchResources(spec.matchConstraints);
  },
  validate: ({ spec = {} }) => {
    const { failurePolicy, paramKind, matchConstraints, mutations = [], reinvocationPolicy } = spec;
    const policies = ['Fail', 'Ignore'];
    return [
      ...(failurePolicy === undefined || policies.includes(failurePolicy) ? [] : [notSupported('spec.failurePolicy', failurePolicy, policies)]),
      ...(paramKind ? validateParamKind(paramKind, 'spec.paramKind') : []),
      ...(matchConstraints ? validateMatchResources(matchConstraints, 'spec.matchConstraints') : [required('spec.matchConstraints')]),
      ...(matchConstraints && !matchConstraints.resourceRules?.length ? [required('spec.matchConstraints.resourceRules')] : []),
      ...validateMatchConditions(spec.matchConditions ?? [], 'spec.matchConditions'),
      ...(mutations.length ? [] : [required('spec.mutations', 'mutations must contain at least one item')]),
      ...mutations.flatMap((mutation, i) => validateMutation(mutation, `spec.mutations[${i}]`)),
      ...oneOf('spec.reinvocationPolicy', reinvocationPolicy, ['IfNeeded', 'Never']),
    ];
  },
  table: {
    columns: [
      nameColumn,
      column('Mutations', 'integer', 'Mutation indicates the number of mutations rules defined in this configuration'),
      column('ParamKind', 'string', 'ParamKind specifies the kind of resources used to parameterize this policy'),
      ageColumn,
    ],
    cells: (policy, now) => [policy.metadata.name, policy.spec?.mutations?.length ?? 0, paramKindText(policy.spec?.paramKind), ageOf(policy, now)],
  },
};

/** Where the expression of each type of patch is. */
const EXPRESSIONS = { ApplyConfiguration: 'applyConfiguration', JSONPatch: 'jsonPatch' } as const;

function validateMutation(mutation: Mutation, path: string): FieldError[] {
  const field = EXPRESSIONS[mutation.patchType as keyof typeof EXPRESSIONS] as (typeof EXPRESSIONS)[keyof typeof EXPRESSIONS] | undefined;
  if (!mutation.patchType) return [required(`${path}.patchType`)];
  if (!field) return [notSupported(`${path}.patchType`, mutation.patchType, Object.keys(EXPRESSIONS))];
  if (!mutation[field]) return [required(`${path}.${field}`, `must be specified when patchType is ${mutation.patchType}`)];
  return mutation[field].expression?.trim() ? [] : [required(`${path}.${field}.expression`, 'expression is not specified')];
}

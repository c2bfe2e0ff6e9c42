import type { FieldError } from '../../kube/status.ts';
import { invalidValue, notSupported, required } from '../../kube/validation/field.ts';
import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicySpec } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { emptyStatus } from '../status-subresource.ts';
import type { Strategy } from '../strategy.ts';
import { defaultMatchResources, paramKindText, validateMatchConditions, validateMatchResources, validateParamKind } from './match.ts';

/** admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy; its expressions are kept as they are. */
export const strategy: Strategy<ValidatingAdmissionPolicy> = {
  statusKeeps: 'metadata',
  metadataRules: 'apimachinery',
  metadataUpdateRules: 'generic',
  unconditionalUpdate: false,
  noEffect: { why: 'admission policies are not evaluated yet' },
  generation: 'spec',
  prepareForCreate: emptyStatus(),
  defaults({ spec }) {
    if (!spec) return;
    spec.failurePolicy ??= 'Fail';
    if (spec.matchConstraints) defaultMatchResources(spec.matchConstraints);
  },
  validate: ({ spec = {} }) => [
    ...(spec.failurePolicy === undefined || POLICIES.includes(spec.failurePolicy) ? [] : [notSupported('spec.failurePolicy', spec.failurePolicy, POLICIES)]),
    ...(spec.paramKind ? validateParamKind(spec.paramKind, 'spec.paramKind') : []),
    ...(spec.matchConstraints ? validateMatchResources(spec.matchConstraints, 'spec.matchConstraints') : [required('spec.matchConstraints')]),
    ...(spec.matchConstraints && !spec.matchConstraints.resourceRules?.length ? [required('spec.matchConstraints.resourceRules')] : []),
    ...validateMatchConditions(spec.matchConditions ?? [], 'spec.matchConditions'),
    ...validateRules(spec),
  ],
  table: {
    columns: [
      nameColumn,
      column('Validations', 'integer', 'Validations indicates the number of validation rules defined in this configuration'),
      column('ParamKind', 'string', 'ParamKind specifies the kind of resources used to parameterize this policy'),
      ageColumn,
    ],
    cells: (policy, now) => [policy.metadata.name, policy.spec?.validations?.length ?? 0, paramKindText(policy.spec?.paramKind), ageOf(policy, now)],
  },
};

const POLICIES = ['Fail', 'Ignore'];
const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge', 'Unauthorized'];
const EITHER = 'validations or auditAnnotations must contain at least one item';

function validateRules({ validations = [], auditAnnotations = [] }: ValidatingAdmissionPolicySpec): FieldError[] {
  if (!validations.length && !auditAnnotations.length) return [required('spec.validations', EITHER), required('spec.auditAnnotations', EITHER)];
  return [
    ...validations.flatMap(({ expression, reason, message }, i) => [
      ...(expression?.trim() ? [] : [required(`spec.validations[${i}].expression`, 'expression is not specified')]),
      ...(message?.includes('\n') ? [invalidValue(`spec.validations[${i}].message`, message, 'message must not contain line breaks')] : []),
      ...(reason === undefined || REASONS.includes(reason) ? [] : [notSupported(`spec.validations[${i}].reason`, reason, REASONS)]),
    ]),
    ...auditAnnotations.flatMap(({ key, valueExpression }, i) => [
      ...(key ? [] : [required(`spec.auditAnnotations[${i}].key`, 'key is not specified')]),
      ...(valueExpression?.trim() ? [] : [required(`spec.auditAnnotations[${i}].valueExpression`, 'valueExpression is not specified')]),
    ]),
  ];
}

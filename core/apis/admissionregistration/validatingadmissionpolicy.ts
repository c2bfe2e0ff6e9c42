import { conditionErrors } from '../../kube/validation/conditions.ts';
import { oneOf, required } from '../../kube/validation/field.ts';
import type { ValidatingAdmissionPolicy } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { emptyStatus } from '../status-subresource.ts';
import type { Strategy } from '../strategy.ts';
import { Expressions } from './expressions.ts';
import { conditionsAreKept, defaultMatchResources, paramKindText, validateMatchConditions, validateMatchResources, validateParamKind } from './match.ts';
import { reservedNameWarnings } from './reserved-names.ts';
import { validateRules } from './validations.ts';
import { validateVariables } from './variables.ts';

/** admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy. */
export const strategy: Strategy<ValidatingAdmissionPolicy> = {
  statusKeeps: 'metadata',
  metadataRules: 'apimachinery',
  metadataUpdateRules: 'generic',
  unconditionalUpdate: false,
  generation: 'spec',
  prepareForCreate: emptyStatus(),
  defaults({ spec }) {
    if (!spec) return;
    spec.failurePolicy ??= 'Fail';
    if (spec.matchConstraints) defaultMatchResources(spec.matchConstraints);
  },
  validate({ metadata, spec = {} }, previous) {
    const { failurePolicy, paramKind, matchConstraints, matchConditions = [], variables = [] } = spec;
    const params = paramKind !== undefined;
    const expressions = new Expressions({ params, variables: variables.length > 0 });
    return [
      ...oneOf('spec.failurePolicy', failurePolicy, ['Fail', 'Ignore']),
      ...(paramKind ? validateParamKind(paramKind, 'spec.paramKind') : []),
      ...(matchConstraints ? validateMatchResources(matchConstraints, 'spec.matchConstraints') : [required('spec.matchConstraints')]),
      ...(matchConstraints && !matchConstraints.resourceRules?.length ? [required('spec.matchConstraints.resourceRules')] : []),
      ...(conditionsAreKept(spec, previous?.spec) ? [] : validateMatchConditions(matchConditions, 'spec.matchConditions', params)),
      ...validateVariables(variables, 'spec.variables', expressions),
      ...validateRules(spec, metadata.name, expressions),
    ];
  },
  validateStatusUpdate: ({ status }) => [
    ...(status?.typeChecking?.expressionWarnings ?? []).flatMap(({ warning, fieldRef }, i) => {
      const path = `status.typeChecking.expressionWarnings[${i}]`;
      return [...(warning ? [] : [required(`${path}.warning`)]), ...(fieldRef?.trim() ? [] : [required(`${path}.fieldRef`)])];
    }),
    ...conditionErrors(status?.conditions ?? [], 'status.conditions'),
  ],
  warnings: reservedNameWarnings,
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

import type { FieldError } from '../../kube/status.ts';
import { invalidValue, notSupported, oneOf, required } from '../../kube/validation/field.ts';
import type { MutatingAdmissionPolicy, Mutation } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import type { Strategy } from '../strategy.ts';
import { Expressions, returns } from './expressions.ts';
import { conditionsAreKept, defaultMatchResources, paramKindText, validateMatchConditions, validateMatchResources, validateParamKind } from './match.ts';
import { reservedNameWarnings } from './reserved-names.ts';
import { validateMutatingOperations } from './rule.ts';
import { validateVariables } from './variables.ts';

/** admissionregistration.k8s.io/v1 MutatingAdmissionPolicy. */
export const strategy: Strategy<MutatingAdmissionPolicy> = {
  metadataRules: 'apimachinery',
  metadataUpdateRules: 'generic',
  unconditionalUpdate: false,
  generation: 'spec',
  defaults({ spec }) {
    if (!spec) return;
    spec.failurePolicy ??= 'Fail';
    if (spec.matchConstraints) defaultMatchResources(spec.matchConstraints);
  },
  validate({ spec = {} }, previous) {
    const { failurePolicy, paramKind, matchConstraints, matchConditions = [], variables = [], mutations = [], reinvocationPolicy } = spec;
    const params = paramKind !== undefined;
    const expressions = new Expressions({ params, variables: true });
    return [
      ...oneOf('spec.failurePolicy', failurePolicy, ['Fail', 'Ignore']),
      ...(paramKind ? validateParamKind(paramKind, 'spec.paramKind') : []),
      ...(matchConstraints ? validateMatchResources(matchConstraints, 'spec.matchConstraints') : [required('spec.matchConstraints')]),
      ...(matchConstraints && !matchConstraints.resourceRules?.length ? [required('spec.matchConstraints.resourceRules')] : []),
      ...validateMutatingOperations(matchConstraints?.resourceRules, 'spec.matchConstraints.resourceRules'),
      ...(conditionsAreKept(spec, previous?.spec) ? [] : validateMatchConditions(matchConditions, 'spec.matchConditions', params)),
      ...validateVariables(variables, 'spec.variables', expressions),
      ...(mutations.length ? [] : [required('spec.mutations', 'mutations must contain at least one item')]),
      ...mutations.flatMap((mutation, i) => validateMutation(mutation, `spec.mutations[${i}]`, expressions)),
      ...oneOf('spec.reinvocationPolicy', reinvocationPolicy, ['IfNeeded', 'Never']),
    ];
  },
  warnings: reservedNameWarnings,
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

function validateMutation(mutation: Mutation, path: string, expressions: Expressions): FieldError[] {
  const field = EXPRESSIONS[mutation.patchType as keyof typeof EXPRESSIONS] as (typeof EXPRESSIONS)[keyof typeof EXPRESSIONS] | undefined;
  if (!mutation.patchType) return [required(`${path}.patchType`)];
  if (!field) return [notSupported(`${path}.patchType`, mutation.patchType, Object.keys(EXPRESSIONS))];
  const other = field === 'jsonPatch' ? 'applyConfiguration' : 'jsonPatch';
  return [
    ...(mutation[field] ? [] : [required(`${path}.${field}`, `must be specified when patchType is ${mutation.patchType}`)]),
    ...(mutation[field] ? validatePatch(field, mutation[field].expression?.trim() ?? '', `${path}.${field}.expression`, expressions) : []),
    ...(mutation[other] ? [invalidValue(`${path}.${other}`, `{${other}}`, `must not be specified when patchType is ${mutation.patchType}`)] : []),
  ];
}

const validatePatch = (type: 'applyConfiguration' | 'jsonPatch', expression: string, field: string, expressions: Expressions): FieldError[] =>
  expression ? expressions.errors({ expression, field, returns: returns[type], authorizer: true, patches: true }) : [required(field)];

import type { FieldError } from '../../kube/status.ts';
import { duplicate, invalidValue, invalidValues, notSupported, required } from '../../kube/validation/field.ts';
import { subdomain } from '../../kube/validation/names.ts';
import type { ValidatingAdmissionPolicyBinding, ValidatingAdmissionPolicyBindingSpec } from '../../schema/generated/kinds.ts';
import type { Strategy } from '../strategy.ts';
import { bindingTable } from './binding-table.ts';
import { defaultMatchResources, validateMatchResources, validateParamRef } from './match.ts';
import { reservedNameWarnings } from './reserved-names.ts';

/** admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding: where a policy holds, and what breaking it does. */
export const strategy: Strategy<ValidatingAdmissionPolicyBinding> = {
  metadataRules: 'apimachinery',
  metadataUpdateRules: 'generic',
  unconditionalUpdate: false,
  generation: 'spec',
  defaults({ spec }) {
    if (spec?.matchResources) defaultMatchResources(spec.matchResources);
  },
  validate: ({ spec = {} as ValidatingAdmissionPolicyBindingSpec }) => [
    ...(spec.policyName ? invalidValues('spec.policyName', spec.policyName, subdomain(spec.policyName)) : [required('spec.policyName')]),
    ...(spec.paramRef ? validateParamRef(spec.paramRef, 'spec.paramRef') : []),
    ...(spec.matchResources ? validateMatchResources(spec.matchResources, 'spec.matchResources') : []),
    ...validateActions(spec.validationActions ?? [], 'spec.validationActions'),
  ],
  warnings: reservedNameWarnings,
  table: bindingTable,
};

const ACTIONS = ['Audit', 'Deny', 'Warn'];

function validateActions(actions: readonly string[], path: string): FieldError[] {
  if (!actions.length) return [required(path, 'at least one validation action is required')];
  return [
    ...actions.flatMap((action, i) => [
      ...(ACTIONS.includes(action) ? [] : [notSupported(`${path}[${i}]`, action, ACTIONS)]),
      ...(actions.indexOf(action) < i ? [duplicate(`${path}[${i}]`, action)] : []),
    ]),
    ...(actions.includes('Deny') && actions.includes('Warn')
      ? [
          invalidValue(
            path,
            actions,
            'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
          ),
        ]
      : []),
  ];
}

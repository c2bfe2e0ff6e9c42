import { invalidValues, required } from '../../kube/validation/field.ts';
import { subdomain } from '../../kube/validation/names.ts';
import type { MutatingAdmissionPolicyBinding } from '../../schema/generated/kinds.ts';
import type { Strategy } from '../strategy.ts';
import { bindingTable } from './binding-table.ts';
import { defaultMatchResources, validateMatchResources, validateParamRef } from './match.ts';
import { reservedNameWarnings } from './reserved-names.ts';
import { validateMutatingOperations } from './rule.ts';

/** admissionregistration.k8s.io/v1 MutatingAdmissionPolicyBinding: where a policy holds. */
export const strategy: Strategy<MutatingAdmissionPolicyBinding> = {
  metadataRules: 'apimachinery',
  metadataUpdateRules: 'generic',
  unconditionalUpdate: false,
  generation: 'spec',
  defaults({ spec }) {
    if (spec?.matchResources) defaultMatchResources(spec.matchResources);
  },
  validate: ({ spec = {} }) => [
    ...(spec.policyName ? invalidValues('spec.policyName', spec.policyName, subdomain(spec.policyName)) : [required('spec.policyName')]),
    ...(spec.paramRef ? validateParamRef(spec.paramRef, 'spec.paramRef') : []),
    ...(spec.matchResources ? validateMatchResources(spec.matchResources, 'spec.matchResources') : []),
    ...validateMutatingOperations(spec.matchResources?.resourceRules, 'spec.matchResources.resourceRules'),
  ],
  warnings: reservedNameWarnings,
  table: bindingTable,
};

import { typeWarnings } from '../../apis/admissionregistration/type-checking.ts';
import { apisOf } from '../../apis/apis.ts';
import type { ValidatingAdmissionPolicy } from '../../schema/generated/kinds.ts';
import { type Controller, nothing } from '../controller.ts';

const RESOURCE = 'validatingadmissionpolicies.admissionregistration.k8s.io';
const NAME = 'validatingadmissionpolicy-status-controller';

/** Says of each policy which of its expressions do not fit the kinds that it matches (pkg/controller/validatingadmissionpolicystatus), once for each generation. */
export const policyStatusController: Controller<ValidatingAdmissionPolicy> = {
  name: NAME,
  resource: RESOURCE,
  reconcile({ object: policy, state }) {
    const generation = policy?.metadata.generation ?? 0;
    if (!policy || generation <= (policy.status?.observedGeneration ?? 0)) return nothing;
    const { apiVersion, kind, metadata } = policy;
    const expressionWarnings = typeWarnings(policy, apisOf(state));
    const status = { observedGeneration: generation, typeChecking: { ...(expressionWarnings.length > 0 && { expressionWarnings }) } };
    const config = { apiVersion, kind, metadata: { name: metadata.name }, status };
    return {
      mutations: [
        { type: 'apply', resource: RESOURCE, name: metadata.name, config, subresource: 'status', manager: { name: NAME, operation: 'Apply' }, force: true },
      ],
    };
  },
};

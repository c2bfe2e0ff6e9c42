import type { AdmissionReview } from '../plugin.ts';

/**
 * Policies do not speak of themselves: what they say could not be taken back (apiserver's policy/generic, plugin.go). Nor do they of what a cluster cannot work without, who
 * a user is and what it may do (pkg/kubeapiserver/admission/exclusion); webhooks do.
 */
export const isExempt = ({ resource: { groupResource } }: AdmissionReview): boolean => EXEMPT.has(groupResource);

const EXEMPT: ReadonlySet<string> = new Set([
  ...['validatingadmissionpolicies', 'validatingadmissionpolicybindings', 'mutatingadmissionpolicies', 'mutatingadmissionpolicybindings'].map(
    (resource) => `${resource}.admissionregistration.k8s.io`,
  ),
  ...['selfsubjectreviews', 'tokenreviews'].map((resource) => `${resource}.authentication.k8s.io`),
  ...['localsubjectaccessreviews', 'selfsubjectaccessreviews', 'selfsubjectrulesreviews', 'subjectaccessreviews'].map(
    (resource) => `${resource}.authorization.k8s.io`,
  ),
]);

import type { AdmissionReview } from '../plugin.ts';

/** Policies do not speak of themselves: what they say could not be taken back (apiserver's policy/generic, plugin.go). */
export const isExempt = ({ resource: { groupResource } }: AdmissionReview): boolean => POLICIES.has(groupResource);

const POLICIES: ReadonlySet<string> = new Set(
  ['validatingadmissionpolicies', 'validatingadmissionpolicybindings', 'mutatingadmissionpolicies', 'mutatingadmissionpolicybindings'].map(
    (resource) => `${resource}.admissionregistration.k8s.io`,
  ),
);

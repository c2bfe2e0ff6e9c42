import { type FieldError, forbidden, invalid } from '../../kube/status.ts';
import type { Pod } from '../../schema/generated/kinds.ts';
import type { AdmissionPlugin, AdmissionReview } from '../plugin.ts';
import { type PodSecurityConfiguration, podSecurityDefaults } from './configuration.ts';
import { detailsOf, type PodLike, violationsOf } from './evaluate.ts';
import { exemptionWarnings, isExempt, isExemptClass } from './exemptions.ts';
import { existingPodsWarnings } from './existing-pods.ts';
import { hasTemplates, templateIn } from './pod-template.ts';
import { isFullyPrivileged, isRaised, isSame, type Policy, policyOf, textOf } from './policy.ts';
import { isSignificant } from './significant-update.ts';

/**
 * Holds pods against the Pod Security Standards, at the levels that the labels of their namespace name (Kubernetes documentation, "Pod Security
 * Admission"; k8s.io/pod-security-admission/admission): 403 for a pod that the enforced level forbids, a warning for what the warned one does, and for
 * workloads whose templates do. Labels that name no level are 422.
 */
export const podSecurity = (configuration: PodSecurityConfiguration = podSecurityDefaults): AdmissionPlugin => ({
  name: 'PodSecurity',
  validate(review) {
    const { resource, operation } = review;
    if (operation !== 'CREATE' && operation !== 'UPDATE') return;
    if (resource.groupResource === 'pods') admitPod(review, configuration);
    else if (resource.groupResource === 'namespaces') admitNamespace(review, configuration);
    else if (hasTemplates(resource.groupResource)) admitWorkload(review, configuration);
  },
});

/** The subresources of pods that do not write a pod, or nothing of its spec. */
const IGNORED: ReadonlySet<string | undefined> = new Set(['exec', 'attach', 'binding', 'eviction', 'log', 'portforward', 'proxy', 'status']);

function admitPod(review: AdmissionReview, { defaults, exemptions }: PodSecurityConfiguration): void {
  if (IGNORED.has(review.subresource) || isExempt(review, exemptions)) return;
  const { policy } = policyIn(review, defaults);
  if (isFullyPrivileged(policy)) return;
  const pod = review.object as Pod;
  if (review.old && !isSignificant(pod, review.old as Pod)) return;
  if (isExemptClass(pod.spec, exemptions)) return;
  const { enforce, warn } = policy;
  const refused = violationsOf(pod, enforce);
  if (refused.length > 0) throw forbidden(review.resource, pod.metadata.name, `violates PodSecurity "${textOf(enforce)}": ${detailsOf(refused)}`);
  // What enforcement allows, warning at the same level does too.
  if (!isSame(warn, enforce)) warnOf(pod, { policy, review });
}

function admitWorkload(review: AdmissionReview, { defaults, exemptions }: PodSecurityConfiguration): void {
  if (review.subresource !== undefined || isExempt(review, exemptions)) return;
  const { policy } = policyIn(review, defaults);
  if (policy.warn.level === 'privileged') return;
  const template = templateIn(review.resource.groupResource, review.object!);
  if (template && !isExemptClass(template.spec, exemptions)) warnOf(template, { policy, review });
}

function warnOf(pod: PodLike, { policy: { warn }, review }: { policy: Policy; review: AdmissionReview }): void {
  const violations = violationsOf(pod, warn);
  if (violations.length > 0) review.warn(`would violate PodSecurity "${textOf(warn)}": ${detailsOf(violations)}`);
}

const policyIn = ({ namespace, state }: AdmissionReview, defaults: Policy) =>
  policyOf(state.get('namespaces', undefined, namespace!)?.metadata.labels, defaults);

function admitNamespace(review: AdmissionReview, configuration: PodSecurityConfiguration): void {
  if (review.subresource !== undefined) return;
  const { name, labels } = review.object!.metadata;
  const { policy, errors } = policyOf(labels, configuration.defaults);
  const before = review.old && policyOf(review.old.metadata.labels, configuration.defaults);
  // What was wrong with them already may stay so.
  if (errors.length > 0 && textsOf(errors) !== textsOf(before?.errors ?? [])) throw invalid(review.resource, name, errors);
  if (before && !isRaised(policy.enforce, before.policy.enforce)) return;
  for (const warning of namespaceWarnings(review, { policy, configuration })) review.warn(warning);
}

function namespaceWarnings(
  { object, old, state }: AdmissionReview,
  { policy, configuration: { defaults, exemptions } }: { policy: Policy; configuration: PodSecurityConfiguration },
): readonly string[] {
  const { name, labels = {} } = object!.metadata;
  if (exemptions.namespaces.includes(name)) return exemptionWarnings(name, labels, { policy, defaults });
  if (!old) return [];
  const pods = state.list('pods', name).filter(({ spec }) => !isExemptClass(spec, exemptions));
  return existingPodsWarnings(name, pods, policy.enforce);
}

const textsOf = (errors: readonly FieldError[]): string => errors.map(({ field, message }) => `${field}: ${message}`).join();

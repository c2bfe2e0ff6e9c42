import { aggregate, type FieldError, invalid } from '../../kube/status.ts';
import type { Pod } from '../../schema/generated/kinds.ts';
import { type AdmissionPlugin, type AdmissionReview, refusal } from '../plugin.ts';
import { AUDITED, ENFORCED, ERROR, EXEMPT } from './audit-annotations.ts';
import { type PodSecurityConfiguration, podSecurityDefaults } from './configuration.ts';
import { detailsOf, type PodLike, violationsOf } from './evaluate.ts';
import { exemptionWarnings, isExempt, isExemptClass } from './exemptions.ts';
import { existingPodsWarnings } from './existing-pods.ts';
import { hasTemplates, templateIn } from './pod-template.ts';
import { isFullyPrivileged, isRaised, isSame, type LevelVersion, type Policy, policyOf, privilegedPolicy, textOf } from './policy.ts';
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

function admitPod(review: AdmissionReview, configuration: PodSecurityConfiguration): void {
  if (IGNORED.has(review.subresource) || isExempt(review, configuration.exemptions)) return;
  const { policy, errors } = policyIn(review, configuration);
  if (isFullyPrivileged(policy) && errors.length === 0) {
    review.annotate(ENFORCED, textOf(privilegedPolicy.enforce));
    return;
  }
  const pod = review.object as Pod;
  if (review.old && !isSignificant(pod, review.old as Pod)) return;
  judge(pod, { policy, errors, review, configuration, enforces: true });
}

function admitWorkload(review: AdmissionReview, configuration: PodSecurityConfiguration): void {
  if (review.subresource !== undefined || isExempt(review, configuration.exemptions)) return;
  const { policy, errors } = policyIn(review, configuration);
  if (policy.warn.level === 'privileged' && policy.audit.level === 'privileged' && errors.length === 0) return;
  const template = templateIn(review.resource.groupResource, review.object!);
  if (template) judge(template, { policy, errors, review, configuration, enforces: false });
}

const policyIn = ({ namespace, state }: AdmissionReview, { defaults }: PodSecurityConfiguration) =>
  policyOf(state.get('namespaces', undefined, namespace!)?.metadata.labels, defaults);

interface Judging {
  readonly policy: Policy;
  /** What is wrong with the labels that say so. */
  readonly errors: readonly FieldError[];
  readonly review: AdmissionReview;
  readonly configuration: PodSecurityConfiguration;
  /** Whether the pod is refused where its namespace says so: a template is not. */
  readonly enforces: boolean;
}

/** Throws 403 for what is enforced, and tells the audit and the client of the rest (EvaluatePod). Modes of one level are looked at once. */
function judge(pod: PodLike, { policy, errors, review, configuration, enforces }: Judging): void {
  if (isExemptClass(pod.spec, configuration.exemptions)) {
    review.annotate(EXEMPT, 'runtimeClass');
    return;
  }
  if (errors.length > 0) review.annotate(ERROR, `Failed to parse policy: ${aggregate(errors)}`);
  const { enforce, audit, warn } = policy;
  const found = enforces ? violationsOf(pod, enforce) : [];
  const at = (level: LevelVersion) => (enforces && isSame(level, enforce) ? found : violationsOf(pod, level));
  if (enforces) review.annotate(ENFORCED, textOf(enforce));
  const audited = at(audit);
  if (audited.length > 0) review.annotate(AUDITED, `would violate PodSecurity "${textOf(audit)}": ${detailsOf(audited)}`);
  if (found.length > 0) throw refusal(review, `violates PodSecurity "${textOf(enforce)}": ${detailsOf(found)}`);
  const warned = isSame(warn, audit) ? audited : at(warn);
  if (warned.length > 0) review.warn(`would violate PodSecurity "${textOf(warn)}": ${detailsOf(warned)}`);
}

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

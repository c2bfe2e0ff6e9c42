import type { Exemptions } from './exemptions.ts';
import { type Policy, privilegedPolicy } from './policy.ts';

/** What the operator of a host says of pod security (pod-security.admission.config.k8s.io, PodSecurityConfiguration). */
export interface PodSecurityConfiguration {
  /** What holds in namespaces whose labels do not say otherwise. */
  readonly defaults: Policy;
  readonly exemptions: Exemptions;
}

/** Nothing is refused unless a namespace asks for it. */
export const podSecurityDefaults: PodSecurityConfiguration = {
  defaults: privilegedPolicy,
  exemptions: { usernames: [], namespaces: [], runtimeClasses: [] },
};

import type { PodSpec } from '../../schema/generated/kinds.ts';
import type { AdmissionReview } from '../plugin.ts';
import { EXEMPT } from './audit-annotations.ts';
import type { Exemptions } from './configuration.ts';
import { isFullyPrivileged, isSame, type LevelVersion, labelsOf, MODES, type Policy, textOf } from './policy.ts';

/** Whether a request is not looked at, which is audited. */
export function isExempt({ namespace, user, annotate }: AdmissionReview, { namespaces, usernames }: Exemptions): boolean {
  const why = namespace !== undefined && namespaces.includes(namespace) ? 'namespace' : usernames.includes(user.username) ? 'user' : undefined;
  if (why !== undefined) annotate(EXEMPT, why);
  return why !== undefined;
}

export const isExemptClass = (spec: PodSpec | undefined, { runtimeClasses }: Exemptions): boolean =>
  spec?.runtimeClassName !== undefined && runtimeClasses.includes(spec.runtimeClassName);

/** What the writer of a namespace is told whose labels ask for more than an exempt one gets. */
export function exemptionWarnings(
  namespace: string,
  labels: Readonly<Record<string, string>>,
  { policy, defaults }: { policy: Policy; defaults: Policy },
): readonly string[] {
  if (isFullyPrivileged(policy) || MODES.every((mode) => isEquivalent(policy[mode], defaults[mode]))) return [];
  const asked = MODES.filter((mode) => policy[mode].level !== 'privileged' && labelsOf(mode).some((label) => Object.hasOwn(labels, label)));
  const texts = asked.map((mode) => `${mode}=${textOf(policy[mode])}`);
  return [`namespace "${namespace}" is exempt from Pod Security, and the policy (${texts.join(', ')}) will be ignored`];
}

const isEquivalent = (a: LevelVersion, b: LevelVersion): boolean => (a.level === 'privileged' && b.level === 'privileged') || isSame(a, b);

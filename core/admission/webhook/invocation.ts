import { forbidden } from '../../kube/status.ts';
import type { Matched } from '../matching/matcher.ts';
import type { Requested } from '../matching/requested.ts';
import { type Shown, shownAs } from '../matching/shown.ts';
import type { AdmissionReview } from '../plugin.ts';
import type { ConfiguredWebhook } from './configured-webhooks.ts';

/** A webhook that is to be asked, and as what it is shown the request. */
export interface Invocation<T extends ConfiguredWebhook = ConfiguredWebhook> {
  readonly webhook: T;
  readonly matched: Matched;
  readonly shown: Shown;
}

/**
 * Whether a webhook is to be asked about a request (apiserver's pkg/admission/plugin/webhook/generic, ShouldCallHook); `asked`: that is not known before another one has converted
 * the object. Throws 403 when its match conditions fail, 404 when there is no such namespace.
 */
export function invocationOf<T extends ConfiguredWebhook>(webhook: T, review: AdmissionReview, requested: Requested): Invocation<T> | 'asked' | undefined {
  const matched = webhook.matcher.match(review, requested);
  if (!matched) return undefined;
  const shown = shownAs(matched.kind, review);
  if (!shown) return 'asked';
  const outcome = webhook.conditions.evaluate({ review, requested, matched, ...shown });
  if ('error' in outcome) throw forbidden(review.resource, requested.name, outcome.error);
  return outcome.matches ? { webhook, matched, shown } : undefined;
}

/** No webhook keeps anybody from changing the webhooks and policies themselves (webhook/predicates/rules, IsExemptAdmissionConfigurationResource). */
export const isExempt = ({ resource: { group, kind } }: AdmissionReview): boolean => group === 'admissionregistration.k8s.io' && EXEMPT.has(kind);

const EXEMPT: ReadonlySet<string> = new Set([
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
  'MutatingWebhookConfiguration',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'ValidatingWebhookConfiguration',
]);

import { type Requested, requestedBy } from './matching/requested.ts';
import type { AdmissionPlugin, AdmissionReview } from './plugin.ts';
import { CallingError, failedClosed, ignoresFailures } from './webhook/calling-error.ts';
import { validatingWebhooks } from './webhook/configured-webhooks.ts';
import { type Invocation, invocationOf, isExempt } from './webhook/invocation.ts';
import { verdictOf } from './webhook/verdict.ts';

/** Asks all webhooks of ValidatingWebhookConfigurations that a request concerns, at once (apiserver's pkg/admission/plugin/webhook/validating). */
export const validatingAdmissionWebhook: AdmissionPlugin = {
  name: 'ValidatingAdmissionWebhook',
  validate(review) {
    const { all } = review.state.view(validatingWebhooks);
    if (all.length === 0 || isExempt(review)) return;
    const requested = requestedBy(review);
    const invocations = all.map((webhook) => invocationOf(webhook, review, requested)).filter((one) => one !== undefined);
    // An object that a webhook has to convert comes first: until then it is not known who is to be asked, and what.
    if (invocations.includes('asked')) return;
    const called = invocations.filter((one) => one !== 'asked');
    if (called.length > 0) ask(called, review, requested);
  },
};

/** Throws what the first of them that refuses says, once all have answered. */
function ask(called: readonly Invocation[], review: AdmissionReview, requested: Requested): void {
  const seed = review.env.ids.uid();
  const outcomes = called.map((invocation, i) => outcomeOf(invocation, { review, requested, seed, i }));
  if (outcomes.includes('asked')) return;
  const refusal = outcomes.find((one) => one !== 'admitted');
  if (refusal !== undefined) throw refusal;
}

interface Asking {
  readonly review: AdmissionReview;
  readonly requested: Requested;
  readonly seed: string;
  /** Its place among those that are asked. */
  readonly i: number;
}

/** The error that refuses the request is an outcome like another: others are asked all the same. */
function outcomeOf({ webhook, ...subject }: Invocation, { review, requested, seed, i }: Asking): 'admitted' | 'asked' | unknown {
  try {
    return verdictOf(webhook, { ...subject, review, requested, seed }, { mutates: false }) ? 'admitted' : 'asked';
  } catch (error) {
    if (!(error instanceof CallingError)) return error;
    if (!ignoresFailures(webhook)) return failedClosed(error);
    review.annotate(`failed-open.validating.webhook.admission.k8s.io/round_0_index_${i}`, webhook.hook.name);
    return 'admitted';
  }
}

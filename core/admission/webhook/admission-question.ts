import { contentUid } from '../../kube/content-uid.ts';
import type { Ask } from '../ask.ts';
import { admissionRequest } from '../matching/admission-request.ts';
import type { Matched } from '../matching/matcher.ts';
import type { Requested } from '../matching/requested.ts';
import type { Shown } from '../matching/shown.ts';
import type { AdmissionReview } from '../plugin.ts';
import type { Asked } from './admission-response.ts';
import { CallingError } from './calling-error.ts';
import type { ConfiguredWebhook } from './configured-webhooks.ts';
import { encodedObjects } from './shown-object.ts';

/** What a webhook is asked about, and in which words. */
export interface Subject {
  readonly review: AdmissionReview;
  readonly requested: Requested;
  readonly matched: Matched;
  readonly shown: Shown;
  /** What tells this request from another one that says the same; the same whenever it is decided again. */
  readonly seed: string;
}

export interface Question {
  readonly ask: Ask;
  readonly asked: Omit<Asked, 'mutates'>;
}

/**
 * The AdmissionReview that a webhook is sent (apiserver's pkg/admission/plugin/webhook/request). Its uid follows from what it says, so that a decision that is made again asks the
 * same. Throws a CallingError when the webhook takes no version of it that there is.
 */
export function questionTo(webhook: ConfiguredWebhook, { review, requested, matched, shown, seed }: Subject): Question {
  const { clientConfig, admissionReviewVersions = [], timeoutSeconds = DEFAULT_SECONDS } = webhook.hook;
  const version = admissionReviewVersions.find((one) => one === 'v1' || one === 'v1beta1');
  if (!version) throw new CallingError(webhook, 'could not create admission objects: webhook does not accept known AdmissionReview versions (v1, v1beta1)');
  const request = { ...admissionRequest(review, requested, matched), ...encodedObjects(shown, matched.kind, review) };
  const uid = contentUid(seed, webhook.id, JSON.stringify(request));
  const question = { kind: 'AdmissionReview', apiVersion: `admission.k8s.io/${version}`, request: { uid, ...request } };
  return { ask: { type: 'AdmissionReview', client: clientConfig, question, timeoutMs: timeoutSeconds * 1_000 }, asked: { uid, version } };
}

const DEFAULT_SECONDS = 10;

import { badRequest, type Status, StatusError } from '../../kube/status.ts';
import { qualifiedName } from '../../kube/validation/names.ts';
import { type Question, questionTo, type Subject } from './admission-question.ts';
import { type AdmissionResponse, decodedReview, responseIn } from './admission-response.ts';
import { CallingError } from './calling-error.ts';
import type { ConfiguredWebhook } from './configured-webhooks.ts';

/**
 * What a webhook answers; undefined: it has been asked, and has not answered yet. What it says besides is told to the client and the audit. Throws a CallingError when there is no
 * answer, or one that is none, and the Status of a refusal.
 */
export function verdictOf(webhook: ConfiguredWebhook, subject: Subject, { mutates }: { mutates: boolean }): AdmissionResponse | undefined {
  const { review } = subject;
  const { name, sideEffects } = webhook.hook;
  if (review.dryRun && sideEffects !== 'None' && sideEffects !== 'NoneOnDryRun') {
    throw badRequest(`admission webhook ${JSON.stringify(name)} does not support dry run`);
  }
  const question = questionTo(webhook, subject);
  const answer = review.ask(question.ask);
  if (!answer) return undefined;
  if (answer.type === 'failed') throw new CallingError(webhook, `failed to call webhook: ${answer.message}`);
  const response = responseTo(question, answer.value, { webhook, mutates });
  for (const [key, value] of Object.entries(response.auditAnnotations)) annotate(review, `${name}/${key}`, value);
  for (const warning of response.warnings) review.warn(warning);
  if (!response.allowed) throw rejection(name, response.status);
  return response;
}

function responseTo({ asked }: Question, value: unknown, { webhook, mutates }: { webhook: ConfiguredWebhook; mutates: boolean }): AdmissionResponse {
  const orFails = <T>(what: string, act: () => T): T => {
    try {
      return act();
    } catch (error) {
      throw new CallingError(webhook, `${what}: ${(error as Error).message}`);
    }
  };
  const decoded = orFails('failed to call webhook', () => decodedReview(value, asked));
  return orFails('received invalid webhook response', () => responseIn(decoded, { ...asked, mutates }));
}

/** A key that is none is passed over (admission.checkKeyFormat). */
function annotate({ annotate: add }: Subject['review'], key: string, value: string): void {
  if (key.split('/').length === 2 && qualifiedName(key).length === 0) add(key, value);
}

/** The refusal as the webhook words it (apiserver's plugin/webhook/errors, ToStatusErr): it cannot pass for a success. */
function rejection(name: string, { status, code = 0, message, reason, details, metadata = {} }: Partial<Status> = {}): StatusError {
  const denied = `admission webhook ${JSON.stringify(name)} denied the request`;
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata,
    status: !status || status === 'Success' ? 'Failure' : status,
    message: message || reason ? `${denied}: ${message || reason}` : `${denied} without explanation`,
    ...(reason && { reason }),
    ...(details && { details }),
    code: Math.max(code, 400),
  });
}

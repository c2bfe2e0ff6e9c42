import { internalError, type StatusError } from '../../kube/status.ts';
import type { ConfiguredWebhook } from './configured-webhooks.ts';

/** A webhook that came to no answer, or to one that is none (webhookutil.ErrCallingWebhook): what that means says its failure policy. */
export class CallingError extends Error {
  constructor({ hook: { name } }: ConfiguredWebhook, why: string) {
    super(`failed calling webhook ${JSON.stringify(name)}: ${why}`);
  }
}

export const ignoresFailures = ({ hook: { failurePolicy } }: ConfiguredWebhook): boolean => failurePolicy === 'Ignore';

/** 500: the write is refused because nobody could say that it is good. */
export const failedClosed = ({ message }: CallingError): StatusError => internalError(message);

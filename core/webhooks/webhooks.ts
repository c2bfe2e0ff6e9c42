import type { Answer, AskPort } from '../admission/ask.ts';
import { postFailed, type WebhookCall, webhookCall } from '../admission/webhook-call.ts';
import type { State } from '../state/state.ts';
import { inGoWords } from './go-errors.ts';
import { HttpsPost } from './https-post.ts';
import { type Address, serviceAddress } from './service-address.ts';
import { answerIn } from './webhook-answer.ts';

/**
 * The port by which a host calls webhooks, of conversion and of admission: a review is posted over HTTPS, as kube-apiserver does it (apiserver's pkg/util/webhook), and what comes back
 * is the answer, or why there is none, in the words of Go. What the answer has to be its asker knows.
 */
export function webhooks({ allowsLoopback }: WebhookOptions): AskPort {
  const https = new HttpsPost({ allowsLoopback });
  return async ({ client, question, timeoutMs }, { state, signal }): Promise<Answer> => {
    const call = webhookCall({ client, timeoutMs });
    const body = JSON.stringify(question);
    try {
      return answerIn(await https.post(call, { to: addressOf(call, state), body, limit: answerLimit(body), signal }));
    } catch (error) {
      return { type: 'failed', message: postFailed(call, inGoWords(error as Error, call)) };
    }
  };
}

interface WebhookOptions {
  /** Whether a webhook may be on the machine of the host: on that of a developer it may, in a function there is nothing but its runtime. */
  readonly allowsLoopback: boolean;
}

const addressOf = ({ service, hostname, port }: WebhookCall, state: () => State): Address =>
  service ? serviceAddress({ ...service, port }, state()) : { host: hostname, port };

/** A converted object may have more in it than the one that it was made of, and what patches an object may be as large as that. */
const answerLimit = (body: string): number => Math.max(8 * 1_024 ** 2, 4 * body.length);

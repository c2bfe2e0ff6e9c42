import { type Answer, type AskPort, noWebhooks } from '../admission/ask.ts';
import { postFailed, type WebhookCall, webhookCall } from '../admission/webhook-call.ts';
import type { Clock } from '../env.ts';
import { int64Json } from '../kube/int64.ts';
import { inGoWords } from './go-errors.ts';
import { type HttpAnswer, HttpsPost } from './https-post.ts';
import { serviceAddress } from './service-address.ts';
import type { WebhookServices } from './services-setting.ts';
import { answerIn } from './webhook-answer.ts';

/**
 * The port by which a host calls webhooks, of conversion and of admission: a review is posted over HTTPS, as kube-apiserver does it (apiserver's pkg/util/webhook), and what comes back
 * is the answer, or why there is none, in the words of Go. What the answer has to be its asker knows.
 */
export function webhooks({ clock, allowsPrivate, services = new Map() }: WebhookOptions): AskPort {
  const https = new HttpsPost({ allowsPrivate });
  // Where a Service is that the operator of the host knows, the operator answers for; no connection of these serves a call of a tenant's.
  const ofOperator = new HttpsPost({ allowsPrivate: true });
  return async (ask, { state, signal }): Promise<Answer> => {
    if (ask.type === 'Moment') return noWebhooks(ask, { state, signal });
    const { client, question, timeoutMs } = ask;
    const call = webhookCall({ client, timeoutMs });
    const body = int64Json(question);
    const options = { body, limit: answerLimit(body), signal };
    const post = async () => {
      const known = knownAddress(call, services);
      if (known) return ofOperator.post(call, { ...options, to: known });
      const { service, hostname, port } = call;
      return https.post(call, { ...options, to: service ? serviceAddress({ ...service, port }, state()) : { host: hostname, port } });
    };
    try {
      return answerIn(await withRetries(post, { clock, signal }));
    } catch (error) {
      return { type: 'failed', message: postFailed(call, inGoWords(error as Error, call)) };
    }
  };
}

interface WebhookOptions {
  readonly clock: Pick<Clock, 'sleep'>;
  /** Whether a webhook may be on the machine of the host or in a private network: on the machine of a developer it may, a function is nobody's neighbour. */
  readonly allowsPrivate: boolean;
  /** Where Services are, by the operator of the host; none, unless told. */
  readonly services?: WebhookServices;
}

const knownAddress = ({ service, port }: WebhookCall, services: WebhookServices) => service && services.get(`${service.namespace}/${service.name}:${port}`);

/** A converted object may have more in it than the one that it was made of, and what patches an object may be as large as that. */
const answerLimit = (body: string): number => Math.max(8 * 1_024 ** 2, 4 * body.length);

/** As often as client-go asks again, at most. */
const MAX_RETRIES = 10;

/** No call takes longer. */
const LONGEST_MS = 60_000;

/** A server that has no time now may say when it will (client-go's rest/with_retry.go): nothing else is asked again, as it may have been done. */
async function withRetries(post: () => Promise<HttpAnswer>, { clock, signal }: { clock: Pick<Clock, 'sleep'>; signal: AbortSignal }): Promise<HttpAnswer> {
  for (let retries = 0; ; retries++) {
    const answer = await post();
    const seconds = retries < MAX_RETRIES ? retryAfter(answer) : undefined;
    if (seconds === undefined) return answer;
    if (seconds > 0) await clock.sleep(Math.min(seconds * 1_000, LONGEST_MS), signal);
  }
}

/** Seconds; undefined: it is not to be asked again. */
function retryAfter({ status, retryAfter: text = '' }: HttpAnswer): number | undefined {
  return (status === 429 || status >= 500) && /^[+-]?\d+$/.test(text) ? Number(text) : undefined;
}

import type { Answer, Ask, AskPort } from '../admission/ask.ts';
import { type AdmissionPlugin, type AdmissionReview, refusal } from '../admission/plugin.ts';

/** What the tests of asking share: a plugin that asks about every ConfigMap and pod, and a webhook that answers when the test says so. */

export const TIMEOUT_MS = 10_000;

/** Asks once an object is complete; refuses what is denied, and what got no answer. */
export const askingPlugin = (question: (review: AdmissionReview) => unknown = questionOf): AdmissionPlugin => ({
  name: 'Asking',
  validate(review) {
    if (review.subresource || review.operation === 'DELETE' || !['configmaps', 'pods'].includes(review.resource.groupResource)) return;
    const answer = review.ask(askOf(question(review)));
    if (!answer) return;
    if (answer.type === 'failed') throw refusal(review, `no answer: ${answer.message}`);
    const { allowed, warning } = answer.value as { allowed: boolean; warning?: string };
    if (warning) review.warn(warning);
    if (!allowed) throw refusal(review, 'denied');
  },
});

export const askOf = (question: unknown): Ask => ({ type: 'AdmissionReview', client: { url: 'https://policy.example' }, question, timeoutMs: TIMEOUT_MS });

export const questionOf = ({ operation, object, dryRun }: AdmissionReview) => ({ operation, object, dryRun });

type Question = ReturnType<typeof questionOf>;

/** The webhook that is asked: it holds every question back until the test answers it. */
export class Oracle {
  readonly #open: { readonly question: Question; readonly signal: AbortSignal; readonly answer: (answer: Answer) => void }[] = [];
  /** All that was asked, in its order. */
  readonly asked: Question[] = [];
  #news = Promise.withResolvers<void>();

  readonly ask: AskPort = ({ question }, { signal }) =>
    new Promise((answer) => {
      this.asked.push(question as Question);
      this.#open.push({ question: question as Question, signal, answer });
      this.#news.resolve();
      this.#news = Promise.withResolvers<void>();
    });

  /** Resolves once so many questions have been asked in all. */
  async askedTimes(count: number): Promise<void> {
    while (this.asked.length < count) await this.#news.promise;
  }

  /** Answers the oldest question that is open. */
  answer(value: object = { allowed: true }): void {
    this.#open.shift()!.answer({ type: 'answered', value });
  }

  get isAsked(): boolean {
    return this.#open.length > 0;
  }

  /** Of the oldest question that is open: whether it need not be answered any more. */
  get isTooLate(): boolean {
    return this.#open[0]!.signal.aborted;
  }
}

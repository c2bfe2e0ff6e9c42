import { createHash } from 'node:crypto';
import type { Offset } from '../log/event.ts';
import type { AdmissionregistrationWebhookClientConfig } from '../schema/generated/kinds.ts';
import type { State } from '../state/state.ts';

/**
 * A question that a decision needs answered and cannot answer itself, because that takes time. It is data: the decision returns it, and the edge (`decide/rounds.ts`,
 * `reconcile/waiting.ts`) has it answered. By its content its answer is found again: nothing in it may differ from one decision to the next.
 */
export type Ask = WebhookAsk | MomentAsk;

/** A webhook's AdmissionReview or ConversionReview. */
export interface WebhookAsk {
  readonly type: 'AdmissionReview' | 'ConversionReview';
  /** Where the webhook is. */
  readonly client: AdmissionregistrationWebhookClientConfig;
  /** What it is asked, as JSON. */
  readonly question: unknown;
  readonly timeoutMs: number;
}

/** Which offset of another cluster a moment is (clusters/moments.ts): its answer is a `MomentFound`. */
export interface MomentAsk {
  readonly type: 'Moment';
  readonly question: { readonly cluster: string; readonly at: string };
  readonly timeoutMs: number;
}

/** The offset right after which a moment is, and the newest; or why there is no such moment. */
export type MomentFound =
  | { readonly offset: Offset; readonly newest: Offset; readonly log: string }
  | { readonly absent: 'not found' | 'invalid'; readonly why: string };

/** What became of a question. What a failure means, its asker says (`failurePolicy`). */
export type Answer = { readonly type: 'answered'; readonly value: unknown } | { readonly type: 'failed'; readonly message: string };

/** The host's side of asking: resolves with the answer, rejects when there is none (`core/webhooks/webhooks.ts`). */
export type AskPort = (ask: Ask, around: AskedAt) => Promise<Answer>;

export interface AskedAt {
  /** The newest state of the cluster that asks: in it a Service says where it is. */
  readonly state: () => State;
  /** Aborts when the answer comes too late. */
  readonly signal: AbortSignal;
}

/** For a host that calls no webhooks: every question fails. */
export const noWebhooks: AskPort = async () => ({ type: 'failed', message: 'this host calls no webhooks' });

/** The answers that a commit has got so far, by the content of their questions. */
export class Answers {
  /** None as long as nothing was asked, as in nearly every commit. */
  #byQuestion: Map<string, Answer> | undefined;

  to(ask: Ask): Answer | undefined {
    return this.#byQuestion?.get(questionHash(ask));
  }

  /** The first answer to a question stays. */
  learn(ask: Ask, answer: Answer): void {
    this.#byQuestion ??= new Map();
    const hash = questionHash(ask);
    if (!this.#byQuestion.has(hash)) this.#byQuestion.set(hash, answer);
  }
}

/** The same for two questions of the same content, in whatever order their fields stand. */
const questionHash = (ask: Ask): string =>
  createHash('sha256')
    .update(JSON.stringify([ask.type, 'client' in ask ? ask.client : null, ask.question], inOrder))
    .digest('base64');

/** Canonical JSON: the keys of each object in their order (RFC 8785, of which the rest is what `JSON.stringify` does). */
function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

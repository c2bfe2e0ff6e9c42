import type { Answer, AskPort, WebhookAsk } from '../admission/ask.ts';
import { type ConfiguredWebhook, mutatingWebhooks, validatingWebhooks } from '../admission/webhook/configured-webhooks.ts';
import type { PlanSpec } from '../apis/logplane/plan.ts';
import { fieldsOf, isFields, objectOf } from '../kube/fields.ts';
import { same } from '../kube/object.ts';
import type { State } from '../state/state.ts';

/**
 * What answers in the place of webhooks: they belong to the real cluster, and one that is asked may do something for what it was asked about. Only those that do nothing then, or nothing in a dry
 * run, are asked, where the plan says so. The others are taken to admit everything, and are named.
 */
export class WebhooksAsked {
  readonly #asks: PlanSpec['webhooks'];
  readonly #outside: AskPort;
  readonly #unasked = new Set<string>();

  constructor({ asks, outside }: { asks: PlanSpec['webhooks']; outside: AskPort }) {
    this.#asks = asks;
    this.#outside = outside;
  }

  /** Those that would have been asked. */
  get unasked(): readonly string[] {
    return [...this.#unasked].sort();
  }

  readonly port: AskPort = async (ask, around) => {
    // It is looked up, and does nothing to anybody.
    if (ask.type === 'Moment') return this.#outside(ask, around);
    if (ask.type === 'ConversionReview') return this.#convert(ask, around);
    const webhook = webhookOf(ask, around.state());
    const { sideEffects } = webhook?.hook ?? {};
    const isSafe = sideEffects === 'None' || sideEffects === 'NoneOnDryRun';
    if (this.#asks === 'IfSafe' && isSafe) return this.#outside(inDryRun(ask), around);
    this.#unasked.add(webhook ? `${webhook.hook.name} of ${webhook.configuration}` : 'a webhook that is gone');
    return admitted(ask);
  };

  /** A conversion has no side effects, and what is not converted cannot go on. */
  async #convert(ask: WebhookAsk, around: Parameters<AskPort>[1]): Promise<Answer> {
    if (this.#asks === 'IfSafe') return this.#outside(ask, around);
    const { service, url } = ask.client;
    this.#unasked.add(`the conversion webhook at ${url ?? `${service?.namespace}/${service?.name}`}`);
    return { type: 'failed', message: 'a plan asks no webhook, unless told' };
  }
}

function webhookOf({ client }: WebhookAsk, state: State): ConfiguredWebhook | undefined {
  const all: readonly ConfiguredWebhook[] = [...state.view(mutatingWebhooks).all, ...state.view(validatingWebhooks).all];
  return all.find(({ hook }) => same(hook.clientConfig, client));
}

/** What the question says stays the same; the answer names it by its uid. */
function inDryRun(ask: WebhookAsk): WebhookAsk {
  const { request, ...question } = reviewOf(ask);
  return { ...ask, question: { ...question, request: { ...(isFields(request) ? request : {}), dryRun: true } } };
}

function admitted(ask: WebhookAsk): Answer {
  const { apiVersion, kind, request } = reviewOf(ask);
  return { type: 'answered', value: { apiVersion, kind, response: { uid: isFields(request) ? request['uid'] : '', allowed: true } } };
}

const reviewOf = ({ question }: WebhookAsk) => fieldsOf(objectOf(isFields(question) ? question : {}));

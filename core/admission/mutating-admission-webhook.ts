import type { Fields } from '../kube/fields.ts';
import { clone, same } from '../kube/object.ts';
import { internalError } from '../kube/status.ts';
import type { MutatingWebhook } from '../schema/generated/kinds.ts';
import { type Requested, requestedBy } from './matching/requested.ts';
import type { AdmissionPlugin, MutatingReview } from './plugin.ts';
import { CallingError, failedClosed, ignoresFailures } from './webhook/calling-error.ts';
import { type ConfiguredWebhook, mutatingWebhooks } from './webhook/configured-webhooks.ts';
import { type Invocation, invocationOf, isExempt } from './webhook/invocation.ts';
import { operationsIn, patched } from './webhook/patched-object.ts';
import { verdictOf } from './webhook/verdict.ts';

const NAME = 'MutatingAdmissionWebhook';

/** Asks the webhooks of MutatingWebhookConfigurations that a request concerns, each about what the one before it left (apiserver's pkg/admission/plugin/webhook/mutating). */
export const mutatingAdmissionWebhook: AdmissionPlugin = {
  name: NAME,
  mutate(review) {
    const { all } = review.state.view(mutatingWebhooks);
    if (all.length === 0 || isExempt(review)) return;
    const invoked = review.reinvocation.memory(NAME, () => new Invoked());
    // Plugins of this server that changed the object once more are a change like another.
    if (review.reinvocation.isReinvoke && !same(review.object, invoked.left)) invoked.askAgain();
    const requested = requestedBy(review);
    let seed: string | undefined;
    for (const [i, webhook] of all.entries()) {
      const invocation = invocationOf(webhook, review, requested);
      if (invocation === 'asked') return;
      if (!invocation || (review.reinvocation.isReinvoke && !invoked.isAskedAgain(webhook))) continue;
      seed ??= review.env.ids.uid();
      const outcome = callOn(invocation, { review, requested, seed, i });
      if (outcome === 'asked') return;
      if (outcome === 'changed') {
        invoked.askAgain();
        review.reinvocation.isRequested = true;
      }
      if (webhook.hook.reinvocationPolicy === 'IfNeeded') invoked.add(webhook);
    }
    // Plugins change the object in place.
    if (review.reinvocation.isRequested) invoked.left = clone(review.object);
  },
};

/** Which webhooks want to be asked again, and which are to be. One that was not asked the first time is not asked the second time either. */
class Invoked {
  readonly #before = new Set<string>();
  readonly #again = new Set<string>();
  /** The object as the webhooks left it. */
  left: MutatingReview['object'];

  add({ id }: ConfiguredWebhook): void {
    this.#before.add(id);
  }

  askAgain(): void {
    for (const id of this.#before) this.#again.add(id);
    this.#before.clear();
  }

  isAskedAgain({ id }: ConfiguredWebhook): boolean {
    return this.#again.has(id);
  }
}

interface Call {
  readonly review: MutatingReview;
  readonly requested: Requested;
  readonly seed: string;
  /** Its place among all that are configured. */
  readonly i: number;
}

/** Throws the Status that refuses the request. */
function callOn(invocation: Invocation<ConfiguredWebhook<MutatingWebhook>>, { i, ...of }: Call): 'asked' | 'changed' | 'unchanged' {
  const { webhook } = invocation;
  const position = `round_${of.review.reinvocation.isReinvoke ? 1 : 0}_index_${i}`;
  const place = `mutation.webhook.admission.k8s.io/${position}`;
  try {
    const outcome = call(invocation, of, `patch.webhook.admission.k8s.io/${position}`);
    if (outcome !== 'asked') annotate(of.review, place, { webhook, mutated: outcome === 'changed' });
    return outcome;
  } catch (error) {
    annotate(of.review, place, { webhook, mutated: false });
    if (!(error instanceof CallingError)) throw error;
    if (!ignoresFailures(webhook)) throw failedClosed(error);
    of.review.annotate(`failed-open.${place}`, webhook.hook.name);
    return 'unchanged';
  }
}

function annotate({ annotate: add }: MutatingReview, key: string, { webhook, mutated }: { webhook: ConfiguredWebhook; mutated: boolean }): void {
  add(key, JSON.stringify({ configuration: webhook.configuration, webhook: webhook.hook.name, mutated }));
}

function call({ webhook, matched, shown }: Invocation, { review, requested, seed }: Omit<Call, 'i'>, place: string): 'asked' | 'changed' | 'unchanged' {
  const response = verdictOf(webhook, { review, requested, matched, shown, seed }, { mutates: true });
  if (!response) return 'asked';
  const { patch } = response;
  const operations = patch ? operationsIn(patch.text, webhook) : [];
  if (operations.length === 0) return 'unchanged';
  if (!shown.object) {
    throw internalError(`admission webhook ${JSON.stringify(webhook.hook.name)} attempted to modify the object, which is not supported for this operation`);
  }
  if (patch!.type !== 'JSONPatch') throw new CallingError(webhook, `unsupported patch type ${JSON.stringify(patch!.type)}`);
  const outcome = patched(operations, { review, matched, shown });
  // A patch may have in it what the object has: it is told where that is told.
  const applied = { configuration: webhook.configuration, webhook: webhook.hook.name, patch: operations.map(sorted), patchType: 'JSONPatch' };
  if (outcome !== 'asked') review.annotate(place, goJson(applied), 'Request');
  return outcome;
}

/** As Go encodes a map. */
const sorted = (operation: Fields): Fields => Object.fromEntries(Object.entries(operation).sort(([a], [b]) => (a < b ? -1 : 1)));

/** As Go encodes JSON that may come to stand in a page. */
const goJson = (value: unknown): string => JSON.stringify(value).replaceAll(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);

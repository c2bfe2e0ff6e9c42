import { describe, it } from 'vitest';
import { defaultAdmissionPlugins } from '../../../core/admission/default-plugins.ts';
import { mutatingAdmissionWebhook } from '../../../core/admission/mutating-admission-webhook.ts';
import type { AdmissionPlugin, MutatingReview } from '../../../core/admission/plugin.ts';
import type { State } from '../../../core/state/state.ts';
import { type Defect, finds } from './finds.ts';

/** Defects of mutating admission. */
describe('a run without faults', () => {
  const defects: Defect[] = [
    { name: 'mutating webhooks that are taken from a cache', parts: { admissionPlugins: webhooksBy(cached()) }, found: /mutations: .* is stamped / },
    { name: 'mutating plugins that have no second turn', parts: { admissionPlugins: webhooksBy(once) }, found: /mutations: .* is sealed / },
  ];
  for (const defect of defects) it(`finds ${defect.name}`, () => finds({ ...defect, stamping: true }));
});

const webhooksBy = (mutate: (review: MutatingReview) => void): AdmissionPlugin[] =>
  defaultAdmissionPlugins.map((plugin) => (plugin === mutatingAdmissionWebhook ? { ...plugin, mutate } : plugin));

/** Configurations as they were up to three seconds ago, as kube-apiserver's caches have them. */
function cached(): (review: MutatingReview) => void {
  let state: State | undefined;
  return (review) => {
    if (!state || review.now - state.time > 3_000) ({ state } = review);
    const seen = new Proxy(review, { get: (target, name) => (name === 'state' ? state : Reflect.get(target, name)) });
    mutatingAdmissionWebhook.mutate!(seen);
  };
}

function once(review: MutatingReview): void {
  mutatingAdmissionWebhook.mutate!(review);
  review.reinvocation.isRequested = false;
}

import { it } from 'vitest';
import { defaultAdmissionPlugins } from '../../../core/admission/default-plugins.ts';
import type { AdmissionPlugin } from '../../../core/admission/plugin.ts';
import { validatingAdmissionPolicy } from '../../../core/admission/validating-admission-policy.ts';
import type { State } from '../../../core/state/state.ts';
import { finds } from './finds.ts';

/** Policies as they were up to three seconds ago, as kube-apiserver's caches have them. */
function cached(): AdmissionPlugin {
  let state: State | undefined;
  return {
    ...validatingAdmissionPolicy,
    validate(review) {
      if (!state || review.now - state.time > 3_000) ({ state } = review);
      validatingAdmissionPolicy.validate!({ ...review, state });
    },
  };
}

it('A run finds policies that are taken from a cache', () =>
  finds({
    name: 'policies that are taken from a cache',
    found: /policies: configmaps\/default\/painted-\d became \w+ at \d+, where that was forbidden/,
    painting: true,
    parts: { admissionPlugins: defaultAdmissionPlugins.map((plugin) => (plugin === validatingAdmissionPolicy ? cached() : plugin)) },
  }));

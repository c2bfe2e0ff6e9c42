import { describe, it } from 'vitest';
import { defaultAdmissionPlugins } from '../../../core/admission/default-plugins.ts';
import type { AdmissionPlugin, AdmissionReview } from '../../../core/admission/plugin.ts';
import { validatingAdmissionWebhook } from '../../../core/admission/validating-admission-webhook.ts';
import { type Defect, finds } from './finds.ts';

/** Defects of how admission asks. */
describe('a run', () => {
  const defects: Defect[] = [
    {
      name: 'a plugin that does not ask about every object',
      parts: { admissionPlugins: asking((review) => (review.object && review.object.metadata.uid! < '8' ? review : undefined)) },
      found: /asks: (configmaps|pods)\/.* was stored without an answer/,
    },
    {
      name: 'an answer to another object than the one that is stored',
      parts: { admissionPlugins: asking((review) => renamed(review)) },
      found: /asks: (configmaps|pods)\/.* was asked about as other/,
    },
  ];
  for (const defect of defects) it(`finds ${defect.name}`, () => finds(defect));
});

/** The plugins of a cluster, of which the one that asks is shown something else. */
const asking = (shown: (review: AdmissionReview) => AdmissionReview | undefined): AdmissionPlugin[] =>
  defaultAdmissionPlugins.map((plugin) => {
    if (plugin !== validatingAdmissionWebhook) return plugin;
    return {
      name: plugin.name,
      validate(review) {
        const another = shown(review);
        if (another) plugin.validate!(another);
      },
    };
  });

const renamed = (review: AdmissionReview): AdmissionReview => {
  const { object } = review;
  return { ...review, object: object && { ...object, metadata: { ...object.metadata, name: 'other' } } };
};

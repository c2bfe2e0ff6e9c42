import { describe, it } from 'vitest';
import { defaultAdmissionPlugins } from '../../../core/admission/default-plugins.ts';
import type { AdmissionPlugin } from '../../../core/admission/plugin.ts';
import type { KubeObject } from '../../../core/kube/object.ts';
import { isAskedAbout } from '../policy.ts';
import { type Defect, finds } from './finds.ts';

/** Defects of how admission asks. */
describe('a run', () => {
  const defects: Defect[] = [
    {
      name: 'a plugin that does not ask about every object',
      parts: { admissionPlugins: [...defaultAdmissionPlugins, asking((object) => (object.metadata.uid! < '8' ? object : undefined))] },
      found: /asks: (configmaps|pods)\/.* was stored without an answer/,
    },
    {
      name: 'an answer to another object than the one that is stored',
      parts: { admissionPlugins: [...defaultAdmissionPlugins, asking((object) => ({ ...object, metadata: { ...object.metadata, name: 'other' } }))] },
      found: /asks: (configmaps|pods)\/.* was asked about as other/,
    },
  ];
  for (const defect of defects) it(`finds ${defect.name}`, () => finds(defect));
});

function asking(questionAbout: (object: KubeObject) => KubeObject | undefined): AdmissionPlugin {
  return {
    name: 'Policy',
    validate(review) {
      const question = isAskedAbout(review) ? questionAbout(review.object!) : undefined;
      if (question) review.ask({ type: 'AdmissionReview', client: { url: 'https://policy.example' }, question, timeoutMs: 60_000 });
    },
  };
}

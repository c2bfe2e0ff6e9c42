import type { ValidatingWebhookConfiguration } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import type { Strategy } from '../strategy.ts';
import { reservedNameWarnings } from './reserved-names.ts';
import { defaultWebhook, validateWebhooks } from './webhook.ts';

/** admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration. */
export const strategy: Strategy<ValidatingWebhookConfiguration> = {
  metadataRules: 'apimachinery',
  metadataUpdateRules: 'generic',
  unconditionalUpdate: false,
  generation: 'spec',
  defaults({ webhooks = [] }) {
    for (const hook of webhooks) {
      defaultWebhook(hook);
    }
  },
  validate: ({ webhooks = [] }, previous) => validateWebhooks(webhooks, previous && (previous.webhooks ?? [])),
  warnings: reservedNameWarnings,
  table: {
    columns: [nameColumn, column('Webhooks', 'integer', 'Webhooks indicates the number of webhooks registered in this configuration'), ageColumn],
    cells: (configuration, now) => [configuration.metadata.name, configuration.webhooks?.length ?? 0, ageOf(configuration, now)],
  },
};

import type { PodTemplate } from '../../schema/generated/kinds.ts';
import { isChanged } from '../apps/workload.ts';
import { column, containerCells, containerColumns, formatLabels, nameColumn } from '../columns.ts';
import type { Strategy } from '../strategy.ts';
import { dropDisabledFields } from './disabled-fields.ts';
import { defaultPodTemplate, validatePodTemplate } from './pod-spec.ts';
import { podTemplateWarnings } from './pod-warnings.ts';

/** PodTemplates: a template that stands alone. */
export const strategy: Strategy<PodTemplate> = {
  generation: 'spec',

  defaults({ template }) {
    if (template) defaultPodTemplate(template);
  },

  prepareForCreate: ({ template }) => dropDisabledFields(template?.spec),
  prepareForUpdate: ({ template }, previous) => dropDisabledFields(template?.spec, previous.template?.spec),

  warnings: (object, previous) => (isChanged(object, previous) ? podTemplateWarnings(object.template, 'template') : []),

  validate: ({ template }) => validatePodTemplate(template ?? {}, 'template'),

  table: {
    columns: [
      nameColumn,
      ...containerColumns.map((shown) => ({ ...shown, priority: 0 as const })),
      column('Pod Labels', 'string', 'The labels for the pod template.'),
    ],
    cells: ({ metadata, template }) => [metadata.name, ...containerCells(template?.spec?.containers), formatLabels(template?.metadata?.labels)],
  },
};

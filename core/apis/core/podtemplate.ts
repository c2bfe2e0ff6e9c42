import type { PodTemplate } from '../../schema/generated/kinds.ts';
import { column, containerCells, containerColumns, formatLabels, nameColumn } from '../columns.ts';
import type { Strategy } from '../strategy.ts';
import { defaultPodTemplate, validatePodTemplate } from './pod-spec.ts';

/** PodTemplates: a template that stands alone. */
export const strategy: Strategy<PodTemplate> = {
  generation: 'spec',

  defaults({ template }) {
    if (template) defaultPodTemplate(template);
  },

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

import { goValue } from '../../kube/go-value.ts';
import type { FieldError } from '../../kube/status.ts';
import { duplicate, immutable, invalidValues, required } from '../../kube/validation/field.ts';
import { validateLabels } from '../../kube/validation/metadata.ts';
import { label } from '../../kube/validation/names.ts';
import { repeats } from '../../kube/validation/repeats.ts';
import type { RuntimeClass, Toleration } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { labelDeprecation } from '../core/node-label-warnings.ts';
import { validateTolerations } from '../core/placement.ts';
import { validateContainerResources } from '../core/resource-requirements.ts';
import type { Strategy } from '../strategy.ts';

/** node.k8s.io/v1 RuntimeClass (pkg/apis/node/validation). */
export const strategy: Strategy<RuntimeClass> = {
  createOnUpdate: true,
  metadataRules: 'apimachinery',
  unconditionalUpdate: false,
  validate: ({ handler = '', overhead, scheduling }) => [
    ...(handler ? invalidValues('handler', handler, label(handler)) : [required('handler')]),
    ...(overhead?.podFixed ? validateContainerResources({ limits: overhead.podFixed }, 'overhead', new Set()) : []),
    ...validateLabels(scheduling?.nodeSelector, 'scheduling.nodeSelector'),
    ...validateTolerations(scheduling?.tolerations ?? [], 'scheduling.tolerations'),
    ...validateDistinct(scheduling?.tolerations ?? [], 'scheduling.tolerations'),
  ],
  validateUpdate: (runtimeClass, previous) => immutable('handler', runtimeClass.handler, previous.handler),
  warnings: ({ scheduling }) =>
    Object.keys(scheduling?.nodeSelector ?? {}).flatMap((key) => {
      const why = labelDeprecation(key);
      return why ? [`scheduling.nodeSelector: ${why}`] : [];
    }),
  table: {
    columns: [
      nameColumn,
      column(
        'Handler',
        'string',
        'handler specifies the underlying runtime and configuration that the CRI implementation will use to handle pods of this class.',
      ),
      ageColumn,
    ],
    cells: (runtimeClass, now) => [runtimeClass.metadata.name, runtimeClass.handler, ageOf(runtimeClass, now)],
  },
};

/** By what makes them elements of their list. */
function validateDistinct(tolerations: readonly Toleration[], path: string): FieldError[] {
  const repeated = repeats(tolerations, ({ key = '', operator = '', value = '', effect = '' }) => JSON.stringify([key, operator, value, effect]));
  return tolerations.flatMap((toleration, i) => (repeated.has(i) ? [duplicate(`${path}[${i}]`, goValue('core.Toleration', toleration))] : []));
}

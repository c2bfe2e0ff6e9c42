import { goValue } from '../../kube/go-value.ts';
import type { FieldError } from '../../kube/status.ts';
import { duplicate, immutable, invalidValues, required } from '../../kube/validation/field.ts';
import { validateLabels } from '../../kube/validation/metadata.ts';
import { label } from '../../kube/validation/names.ts';
import type { RuntimeClass, Toleration } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { validateTolerations } from '../core/placement.ts';
import { validateResourceRequirements } from '../core/resource-requirements.ts';
import type { Strategy } from '../strategy.ts';

/** node.k8s.io/v1 RuntimeClass (pkg/apis/node/validation). */
export const strategy: Strategy<RuntimeClass> = {
  createOnUpdate: true,
  metadataRules: 'apimachinery',
  unconditionalUpdate: false,
  // An update is checked for what it changes alone.
  validate: () => [],
  validateCreate: ({ handler = '', overhead, scheduling }) => [
    ...(handler ? invalidValues('handler', handler, label(handler)) : [required('handler')]),
    ...(overhead ? validateResourceRequirements({ limits: overhead.podFixed ?? {} }, 'overhead') : []),
    ...validateLabels(scheduling?.nodeSelector, 'scheduling.nodeSelector'),
    ...validateTolerations(scheduling?.tolerations ?? [], 'scheduling.tolerations'),
    ...validateDistinct(scheduling?.tolerations ?? [], 'scheduling.tolerations'),
  ],
  validateUpdate: (runtimeClass, previous) => immutable('handler', runtimeClass.handler, previous.handler),
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

function validateDistinct(tolerations: readonly Toleration[], path: string): FieldError[] {
  const seen = new Set<string>();
  return tolerations.flatMap((toleration, i) => {
    const { key, operator, value, effect } = toleration;
    const text = JSON.stringify([key, operator, value, effect]);
    const repeated = seen.has(text);
    seen.add(text);
    return repeated ? [duplicate(`${path}[${i}]`, goValue('core.Toleration', toleration))] : [];
  });
}

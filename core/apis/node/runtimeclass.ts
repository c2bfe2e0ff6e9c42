import { compareQuantities } from '../../kube/quantity.ts';
import type { FieldError } from '../../kube/status.ts';
import { duplicate, immutable, invalidValue, invalidValues } from '../../kube/validation/field.ts';
import { validateLabels } from '../../kube/validation/metadata.ts';
import { label } from '../../kube/validation/names.ts';
import type { RuntimeClass, Toleration } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { validateTolerations } from '../core/placement.ts';
import type { Strategy } from '../strategy.ts';

/** node.k8s.io/v1 RuntimeClass (pkg/apis/node/validation). */
export const strategy: Strategy<RuntimeClass> = {
  createOnUpdate: true,
  metadataRules: 'apimachinery',
  unconditionalUpdate: false,
  validate: ({ handler = '', overhead, scheduling }) => [
    ...invalidValues('handler', handler, label(handler)),
    ...Object.entries(overhead?.podFixed ?? {}).flatMap(([name, quantity]) =>
      compareQuantities(quantity, '0') < 0 ? [invalidValue(`overhead.podFixed[${name}]`, quantity, 'must be greater than or equal to 0')] : [],
    ),
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
    const text = JSON.stringify(toleration);
    const repeated = seen.has(text);
    seen.add(text);
    return repeated ? [duplicate(`${path}[${i}]`, toleration)] : [];
  });
}

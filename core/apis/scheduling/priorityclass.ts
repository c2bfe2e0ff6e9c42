import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, immutable, notSupported } from '../../kube/validation/field.ts';
import type { PriorityClass } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import type { Strategy } from '../strategy.ts';

/** The highest value that is not the system's own. */
const HIGHEST_USER_PRIORITY = 1_000_000_000;
const SYSTEM_PREFIX = 'system-';

/** The classes that Kubernetes has from the start, and may have a value above the others. */
const SYSTEM_CLASSES: Readonly<Record<string, number>> = { 'system-node-critical': 2_000_001_000, 'system-cluster-critical': 2_000_000_000 };

/** scheduling.k8s.io/v1 PriorityClass (pkg/apis/scheduling/validation). */
export const strategy: Strategy<PriorityClass> = {
  generation: 'never',
  defaults(priorityClass) {
    priorityClass.preemptionPolicy ??= 'PreemptLowerPriority';
  },
  // An update is checked for what it changes alone.
  validate: () => [],
  validateCreate: (priorityClass) => {
    const { metadata, value = 0, preemptionPolicy } = priorityClass;
    const errors: FieldError[] = [];
    const { name = '' } = metadata;
    if (name.startsWith(SYSTEM_PREFIX)) {
      const wrong = systemClassError(priorityClass);
      if (wrong)
        errors.push(forbiddenField('metadata.name', `priority class names with '${SYSTEM_PREFIX}' prefix are reserved for system use only. error: ${wrong}`));
    } else if (value > HIGHEST_USER_PRIORITY) {
      errors.push(forbiddenField('value', `maximum allowed value of a user defined priority is ${HIGHEST_USER_PRIORITY}`));
    }
    if (preemptionPolicy !== undefined && preemptionPolicy !== 'PreemptLowerPriority' && preemptionPolicy !== 'Never')
      errors.push(notSupported('preemptionPolicy', preemptionPolicy, ['PreemptLowerPriority', 'Never']));
    return errors;
  },
  // Pods have copied both by the time they could change.
  validateUpdate: (priorityClass, previous) => [
    ...((priorityClass.value ?? 0) === (previous.value ?? 0) ? [] : [forbiddenField('value', 'may not be changed in an update.')]),
    ...immutable('preemptionPolicy', priorityClass.preemptionPolicy, previous.preemptionPolicy),
  ],
  // pkg/registry/scheduling/priorityclass/storage
  refuseDeletion: (name) => (Object.hasOwn(SYSTEM_CLASSES, name) ? 'this is a system priority class and cannot be deleted' : undefined),
  table: {
    columns: [
      nameColumn,
      column(
        'Value',
        'integer',
        'value represents the integer value of this priority class. This is the actual priority that pods receive when they have the name of this class in their pod spec.',
      ),
      column(
        'Global-Default',
        'boolean',
        'globalDefault specifies whether this PriorityClass should be considered as the default priority for pods that do not have any priority class. Only one PriorityClass can be marked as `globalDefault`. However, if more than one PriorityClasses exists with their `globalDefault` field set to true, the smallest value of such global default PriorityClasses will be used as the default priority.',
      ),
      ageColumn,
      column(
        'PreemptionPolicy',
        'string',
        'preemptionPolicy is the Policy for preempting pods with lower priority. One of Never, PreemptLowerPriority. Defaults to PreemptLowerPriority if unset.',
      ),
    ],
    cells: (priorityClass, now) => [
      priorityClass.metadata.name,
      priorityClass.value ?? 0,
      priorityClass.globalDefault ?? false,
      ageOf(priorityClass, now),
      priorityClass.preemptionPolicy ?? '',
    ],
  },
};

/** What is wrong with a class of a system name (IsKnownSystemPriorityClass). */
function systemClassError({ metadata: { name }, value = 0, globalDefault = false }: PriorityClass): string | undefined {
  if (!Object.hasOwn(SYSTEM_CLASSES, name)) return `${name} is not a known system priority class`;
  if (SYSTEM_CLASSES[name] !== value) return `value of ${name} PriorityClass must be ${SYSTEM_CLASSES[name]}`;
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}

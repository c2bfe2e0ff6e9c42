import type { FieldError } from '../../kube/status.ts';
import { duplicate, invalidValue, invalidValues, nonNegative, notSupported, quoted, required, tooMany } from '../../kube/validation/field.ts';
import { qualifiedName } from '../../kube/validation/names.ts';
import { repeats } from '../../kube/validation/repeats.ts';
import type {
  JobSpec,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
  PodFailurePolicyRule,
  SuccessPolicyRule,
} from '../../schema/generated/kinds.ts';
import { countIndexes, IndexesError } from './job-indexes.ts';

/** When a Job fails or succeeds before its counts say so: its podFailurePolicy and successPolicy. */

const MAX_RULES = 20;
const MAX_EXIT_CODES = 255;
const MAX_CONDITIONS = 20;
const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore'];

/** A condition that a rule names is one that is true, unless it says otherwise. */
export function defaultPodFailurePolicy(spec: JobSpec): void {
  for (const rule of spec.podFailurePolicy?.rules ?? []) for (const pattern of rule.onPodConditions ?? []) pattern.status ||= 'True';
}

export function validatePodFailurePolicy(spec: JobSpec, path: string): FieldError[] {
  const rules = spec.podFailurePolicy?.rules ?? [];
  const pod = spec.template?.spec;
  const containers = [...(pod?.containers ?? []), ...(pod?.initContainers ?? [])].map(({ name }) => name);
  return [
    ...(rules.length > MAX_RULES ? [tooMany(`${path}.rules`, rules.length, MAX_RULES)] : []),
    ...rules.flatMap((rule, i) => validateFailureRule(rule, `${path}.rules[${i}]`, { containers, perIndex: spec.backoffLimitPerIndex !== undefined })),
  ];
}

function validateFailureRule(rule: PodFailurePolicyRule, path: string, job: { containers: string[]; perIndex: boolean }): FieldError[] {
  const { action, onExitCodes, onPodConditions = [] } = rule;
  const errors: FieldError[] = [];
  if (!action) errors.push(required(`${path}.action`, validValues(ACTIONS)));
  else if (action === 'FailIndex' && !job.perIndex) errors.push(invalidValue(`${path}.action`, action, 'requires the backoffLimitPerIndex to be set'));
  else if (!ACTIONS.includes(action)) errors.push(notSupported(`${path}.action`, action, ACTIONS));
  if (onExitCodes) errors.push(...validateExitCodes(onExitCodes, `${path}.onExitCodes`, job.containers));
  errors.push(...validateConditions(onPodConditions, `${path}.onPodConditions`));
  if (onExitCodes && onPodConditions.length) errors.push(invalid(path, 'specifying both OnExitCodes and OnPodConditions is not supported'));
  if (!onExitCodes && !onPodConditions.length) errors.push(invalid(path, 'specifying one of OnExitCodes and OnPodConditions is required'));
  return errors;
}

function validateConditions(patterns: readonly PodFailurePolicyOnPodConditionsPattern[], path: string): FieldError[] {
  const statuses = ['False', 'True', 'Unknown'];
  return [
    ...(patterns.length > MAX_CONDITIONS ? [tooMany(path, patterns.length, MAX_CONDITIONS)] : []),
    ...patterns.flatMap(({ type, status }, i) => [
      ...invalidValues(`${path}[${i}].type`, type, qualifiedName(type)),
      ...validateChoice(`${path}[${i}].status`, status, statuses),
    ]),
  ];
}

function validateExitCodes(requirement: PodFailurePolicyOnExitCodesRequirement, path: string, containers: readonly string[]): FieldError[] {
  const { operator, containerName, values = [] } = requirement;
  const errors = validateChoice(`${path}.operator`, operator, ['In', 'NotIn']);
  if (containerName !== undefined && !containers.includes(containerName))
    errors.push(invalidValue(`${path}.containerName`, containerName, 'must be one of the container or initContainer names in the pod template'));
  if (!values.length) errors.push(invalidValue(`${path}.values`, values, 'at least one value is required'));
  else if (values.length > MAX_EXIT_CODES) errors.push(tooMany(`${path}.values`, values.length, MAX_EXIT_CODES));
  const repeated = repeats(values, (value) => value);
  values.forEach((value, i) => {
    if (operator === 'In' && value === 0) errors.push(invalidValue(`${path}.values[${i}]`, value, 'must not be 0 for the In operator'));
    if (repeated.has(i)) errors.push(duplicate(`${path}.values[${i}]`, value));
  });
  if (values.some((value, i) => i > 0 && values[i - 1]! > value)) errors.push(invalidValue(`${path}.values`, values, 'must be ordered'));
  return errors;
}

export function validateSuccessPolicy(spec: JobSpec, path: string): FieldError[] {
  const rules = spec.successPolicy?.rules ?? [];
  return [
    ...(rules.length ? [] : [required(`${path}.rules`, 'at least one rules must be specified when the successPolicy is specified')]),
    ...(rules.length > MAX_RULES ? [tooMany(`${path}.rules`, rules.length, MAX_RULES)] : []),
    ...rules.flatMap((rule, i) => validateSuccessRule(rule, `${path}.rules[${i}]`, spec.completions ?? 0)),
  ];
}

function validateSuccessRule({ succeededCount, succeededIndexes }: SuccessPolicyRule, path: string, completions: number): FieldError[] {
  if (succeededCount === undefined && succeededIndexes === undefined)
    return [required(path, 'at least one of succeededCount or succeededIndexes must be specified')];
  const errors: FieldError[] = [];
  let total = 0;
  if (succeededIndexes !== undefined) {
    try {
      total = countIndexes(succeededIndexes, completions);
    } catch (error) {
      if (!(error instanceof IndexesError)) throw error;
      errors.push(invalidValue(`${path}.succeededIndexes`, succeededIndexes, `error parsing succeededIndexes: ${error.message}`));
    }
  }
  if (succeededCount !== undefined) {
    const field = `${path}.succeededCount`;
    errors.push(...nonNegative(field, succeededCount));
    if (succeededCount > completions)
      errors.push(invalidValue(field, succeededCount, `must be less than or equal to ${completions} (the number of specified completions)`));
    if (succeededIndexes !== undefined && succeededCount > total)
      errors.push(
        invalidValue(field, succeededCount, `must be less than or equal to ${total} (the number of indexes in the specified succeededIndexes field)`),
      );
  }
  return errors;
}

const validValues = (values: readonly string[]) => `valid values: [${values.map(quoted).join(' ')}]`;

function validateChoice(path: string, value: string | undefined, values: readonly string[]): FieldError[] {
  if (!value) return [required(path, validValues(values))];
  return values.includes(value) ? [] : [notSupported(path, value, values)];
}

/** An error that shows no value (field.OmitValueType). */
const invalid = (field: string, detail: string): FieldError => ({ reason: 'FieldValueInvalid', field, message: `Invalid value: ${detail}` });

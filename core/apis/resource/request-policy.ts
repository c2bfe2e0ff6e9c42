import { canonicalQuantity, compareQuantities, sumQuantities, value as wholeValue } from '../../kube/quantity.ts';
import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, invalidValue, required } from '../../kube/validation/field.ts';
import type { CapacityRequestPolicy, CapacityRequestPolicyRange } from '../../schema/generated/kinds.ts';
import { boundedSet } from './bounded.ts';

/** How much of a capacity one request may take (validateRequestPolicy). `capacity`: all that there is. */
export function validateRequestPolicy(
  { default: byDefault, validValues = [], validRange }: CapacityRequestPolicy,
  capacity: string,
  path: string,
): FieldError[] {
  if (validValues.length && validRange)
    return [forbiddenField(path, 'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time')];
  if (validValues.length)
    return byDefault === undefined
      ? [required(`${path}.default`, 'required when validValues is defined')]
      : validateValues(validValues, { byDefault, capacity }, `${path}.validValues`);
  if (!validRange) return [];
  return byDefault === undefined
    ? [required(`${path}.default`, 'required when validRange is defined')]
    : validateRange(validRange, { byDefault, capacity }, `${path}.validRange`);
}

interface Bounds {
  readonly byDefault: string;
  readonly capacity: string;
}

const MAX_VALUES = 10;
const above = (a: string, b: string): boolean => compareQuantities(a, b) > 0;
const text = canonicalQuantity;

function validateValues(values: readonly string[], { byDefault, capacity }: Bounds, path: string): FieldError[] {
  return [
    ...values
      .slice(1)
      .flatMap((value, i) => (above(values[i]!, value) ? [invalidValue(`${path}[${i + 1}]`, text(value), 'values must be sorted in ascending order')] : [])),
    ...boundedSet(
      values,
      MAX_VALUES,
      (value, at) => (above(value, capacity) ? [invalidValue(at, text(value), `option is larger than capacity value: ${text(capacity)}`)] : []),
      path,
      (value) => `${wholeValue(value)}`,
    ),
    // Of too many values none is looked at.
    ...(values.length <= MAX_VALUES && values.some((value) => compareQuantities(value, byDefault) === 0)
      ? []
      : [invalidValue(path, text(byDefault), 'default value is not valid according to the requestPolicy')]),
  ];
}

function validateRange({ min, max, step }: CapacityRequestPolicyRange, { byDefault, capacity }: Bounds, path: string): FieldError[] {
  if (min === undefined) return [required(`${path}.min`, 'required when validRange is defined')];
  const errors: FieldError[] = [];
  if (above(min, capacity)) errors.push(invalidValue(`${path}.min`, text(min), `min is larger than capacity value: ${text(capacity)}`));
  if (above(min, byDefault)) errors.push(invalidValue(`${path}.min`, text(byDefault), `default is less than min: ${text(min)}`));
  if (max !== undefined) {
    if (above(min, max)) errors.push(invalidValue(`${path}.max`, text(min), `min is larger than max: ${text(max)}`));
    if (above(max, capacity)) errors.push(invalidValue(`${path}.max`, text(max), `max is larger than capacity value: ${text(capacity)}`));
    if (above(byDefault, max)) errors.push(invalidValue(`${path}.max`, text(byDefault), `default is more than max: ${text(max)}`));
  }
  if (step !== undefined) {
    const one = sumQuantities(min, step);
    if (above(one, capacity)) errors.push(invalidValue(`${path}.step`, text(step), `one step ${one} is larger than capacity value: ${text(capacity)}`));
    for (const value of max === undefined ? [byDefault] : [byDefault, max]) errors.push(...validateStep(value, { min, step }, `${path}.step`));
  }
  return errors;
}

function validateStep(value: string, { min, step }: { min: string; step: string }, path: string): FieldError[] {
  const rest = (wholeValue(value) - wholeValue(min)) % wholeValue(step);
  return rest === 0 ? [] : [invalidValue(path, text(value), `value is not a multiple of a given step (${text(step)}) from (${text(min)})`)];
}

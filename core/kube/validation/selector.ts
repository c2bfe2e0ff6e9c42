import type { FieldError } from '../status.ts';
import { forbiddenField, invalidValue, invalidValues, required } from './field.ts';
import { validateLabels } from './metadata.ts';
import { labelValue, qualifiedName } from './names.ts';

/** A LabelSelector as it comes in, before anything is known to be right about it. */
interface Selector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key?: string; operator?: string; values?: string[] }[];
}

/** Checks a LabelSelector (apimachinery's pkg/apis/meta/v1/validation). */
export function validateLabelSelector(selector: Selector | undefined, path: string): FieldError[] {
  if (!selector) return [];
  return [
    ...validateLabels(selector.matchLabels, `${path}.matchLabels`),
    ...(selector.matchExpressions ?? []).flatMap((requirement, i) => validateRequirement(requirement, `${path}.matchExpressions[${i}]`)),
  ];
}

function validateRequirement({ key = '', operator = '', values = [] }: NonNullable<Selector['matchExpressions']>[number], path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (operator === 'In' || operator === 'NotIn') {
    if (!values.length) errors.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length) errors.push(forbiddenField(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  } else {
    errors.push(invalidValue(`${path}.operator`, operator, 'not a valid selector operator'));
  }
  errors.push(...invalidValues(`${path}.key`, key, qualifiedName(key)));
  errors.push(...values.flatMap((value, i) => invalidValues(`${path}.values[${i}]`, value, labelValue(value))));
  return errors;
}

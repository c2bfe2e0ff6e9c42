import { compareQuantities, milliValue, value } from '../../kube/quantity.ts';
import type { FieldError } from '../../kube/status.ts';
import { duplicate, forbiddenField, invalidValue, invalidValues, required } from '../../kube/validation/field.ts';
import { qualifiedName } from '../../kube/validation/names.ts';
import { repeats } from '../../kube/validation/repeats.ts';
import type { LimitRange, LimitRangeItem } from '../../schema/generated/kinds.ts';
import type { Strategy } from '../strategy.ts';
import { validateContainerResource, validateResourceName, validateResourceQuantity } from './resource-requirements.ts';

/** LimitRanges: what a container may ask for, and asks for when it says nothing (pkg/apis/core/v1/defaults.go, ValidateLimitRange). */
export const strategy: Strategy<LimitRange> = {
  metadataUpdateRules: 'generic',
  createOnUpdate: true,
  defaults({ spec }) {
    for (const item of spec?.limits ?? []) {
      if (item.type !== 'Container') continue;
      item.default = { ...item.max, ...item.default };
      item.defaultRequest = { ...item.min, ...item.default, ...item.defaultRequest };
      for (const field of ['default', 'defaultRequest'] as const) if (!Object.keys(item[field]!).length) delete item[field];
    }
  },

  validate: ({ spec }) => {
    const limits = spec?.limits ?? [];
    const repeated = repeats(limits, ({ type }) => type);
    return limits.flatMap((item, i) => [
      ...invalidValues(`spec.limits[${i}].type`, item.type, qualifiedName(item.type ?? '')),
      ...(repeated.has(i) ? [duplicate(`spec.limits[${i}].type`, item.type)] : []),
      ...validateItem(item, `spec.limits[${i}]`),
    ]);
  },
};

const amounts = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const satisfies (keyof LimitRangeItem)[];

function validateItem(item: LimitRangeItem, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const field of amounts) {
    for (const [name, quantity] of Object.entries(item[field] ?? {})) {
      names.add(name);
      const at = `${path}.${field}[${name}]`;
      errors.push(
        ...(item.type === 'Container' ? validateContainerResource(name, at) : validateResourceName(name, at)),
        ...validateResourceQuantity(name, quantity, at),
      );
    }
  }
  if (item.type === 'Pod') {
    for (const field of ['default', 'defaultRequest'] as const) {
      if (Object.keys(item[field] ?? {}).length) errors.push(forbiddenField(`${path}.${field}`, "may not be specified when `type` is 'Pod'"));
    }
  }
  if (item.type === 'PersistentVolumeClaim' && !item.min?.['storage'] && !item.max?.['storage']) {
    errors.push(required(`${path}.limits`, 'either minimum or maximum storage value is required, but neither was provided'));
  }
  return [...errors, ...[...names].sort().flatMap((name) => validateOrder(item, name, path))];
}

/** Each pair of amounts in the order in which they must be. */
const order = [
  ['min', 'max', 'min', 'min value %a is greater than max value %b'],
  ['defaultRequest', 'max', 'defaultRequest', 'default request value %a is greater than max value %b'],
  ['min', 'defaultRequest', 'defaultRequest', 'min value %a is greater than default request value %b'],
  ['default', 'max', 'default', 'default value %a is greater than max value %b'],
  ['min', 'default', 'default', 'min value %a is greater than default value %b'],
  ['defaultRequest', 'default', 'defaultRequest', 'default request value %a is greater than default limit value %b'],
] as const;

function validateOrder(item: LimitRangeItem, name: string, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [low, high, at, text] of order) {
    const [a, b] = [item[low]?.[name], item[high]?.[name]];
    if (a === undefined || b === undefined || compareQuantities(a, b) <= 0) continue;
    errors.push(invalidValue(`${path}.${at}[${name}]`, item[at]![name], text.replace('%a', a).replace('%b', b)));
  }
  const [ratio, min, max] = [item.maxLimitRequestRatio?.[name], item.min?.[name], item.max?.[name]];
  if (ratio === undefined) return errors;
  const at = `${path}.maxLimitRequestRatio[${name}]`;
  if (compareQuantities(ratio, '1') < 0) errors.push(invalidValue(at, ratio, `ratio ${ratio} is less than 1`));
  if (min === undefined || max === undefined || compareQuantities(min, '0') === 0) return errors;
  const most = milliValue(max) / milliValue(min);
  if (value(ratio) > most) errors.push(invalidValue(at, ratio, `ratio ${ratio} is greater than max/min = ${most.toFixed(6)}`));
  return errors;
}

import { compareQuantities, MOST_MILLI, milliValue, value } from '../../kube/quantity.ts';
import type { FieldError } from '../../kube/status.ts';
import { duplicate, forbiddenField, invalidValue, invalidValues, required } from '../../kube/validation/field.ts';
import { qualifiedName } from '../../kube/validation/names.ts';
import { repeats } from '../../kube/validation/repeats.ts';
import type { LimitRange, LimitRangeItem } from '../../schema/generated/kinds.ts';
import type { Strategy } from '../strategy.ts';
import { defaultResourceList } from './resource-list.ts';
import { overcommits, validateContainerResource, validateResourceName } from './resource-requirements.ts';

/** LimitRanges: what a container may ask for, and asks for when it says nothing (pkg/apis/core/v1/defaults.go, ValidateLimitRange). */
export const strategy: Strategy<LimitRange> = {
  metadataUpdateRules: 'generic',
  createOnUpdate: true,
  defaults({ spec }) {
    for (const item of spec?.limits ?? []) {
      for (const field of ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const) defaultResourceList(item[field]);
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
      ...validateType(item.type ?? '', `spec.limits[${i}].type`),
      ...(repeated.has(i) ? [duplicate(`spec.limits[${i}].type`, item.type)] : []),
      ...validateItem(item, `spec.limits[${i}]`),
    ]);
  },
};

const TYPES = ['Pod', 'Container', 'PersistentVolumeClaim'];

function validateType(type: string, path: string): FieldError[] {
  const errors = invalidValues(path, type, qualifiedName(type));
  return errors.length || type.includes('/') || TYPES.includes(type) ? errors : [invalidValue(path, type, 'must be a standard limit type or fully qualified')];
}

type Amounts = 'max' | 'min' | 'default' | 'defaultRequest' | 'maxLimitRequestRatio';

function validateItem(item: LimitRangeItem, path: string): FieldError[] {
  const names = new Set<string>();
  const check = item.type === 'Container' || item.type === 'Pod' ? validateContainerResource : validateResourceName;
  const validateNames = (field: Amounts) =>
    Object.keys(item[field] ?? {}).flatMap((name) => {
      names.add(name);
      return check(name, `${path}.${field}[${name}]`);
    });
  const pod = item.type === 'Pod';
  const misplaced = (field: Amounts) =>
    Object.keys(item[field] ?? {}).length ? [forbiddenField(`${path}.${field}`, "may not be specified when `type` is 'Pod'")] : [];
  const errors = [
    ...validateNames('max'),
    ...validateNames('min'),
    ...(['default', 'defaultRequest'] as const).flatMap((field) => (pod ? misplaced(field) : validateNames(field))),
    ...(item.type === 'PersistentVolumeClaim' && item.min?.['storage'] === undefined && item.max?.['storage'] === undefined
      ? [required(`${path}.limits`, 'either minimum or maximum storage value is required, but neither was provided')]
      : []),
    ...validateNames('maxLimitRequestRatio'),
  ];
  return [...errors, ...[...names].sort().flatMap((name) => validateOrder(pod ? { ...item, default: {}, defaultRequest: {} } : item, name, path))];
}

/** Each pair of amounts in the order in which they must be, the field that is named, and the one of which the amount is quoted. */
const order = [
  ['min', 'max', 'min', 'min', 'min value %a is greater than max value %b'],
  ['min', 'defaultRequest', 'defaultRequest', 'defaultRequest', 'min value %a is greater than default request value %b'],
  ['defaultRequest', 'max', 'defaultRequest', 'defaultRequest', 'default request value %a is greater than max value %b'],
  ['defaultRequest', 'default', 'defaultRequest', 'defaultRequest', 'default request value %a is greater than default limit value %b'],
  ['min', 'default', 'default', 'min', 'min value %a is greater than default value %b'],
  ['default', 'max', 'default', 'max', 'default value %a is greater than max value %b'],
] as const;

function validateOrder(item: LimitRangeItem, name: string, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [low, high, at, shown, text] of order) {
    const [a, b] = [item[low]?.[name], item[high]?.[name]];
    if (a === undefined || b === undefined || compareQuantities(a, b) <= 0) continue;
    errors.push(invalidValue(`${path}.${at}[${name}]`, item[shown]![name], text.replace('%a', a).replace('%b', b)));
  }
  errors.push(...validateRatio(item, name, `${path}.maxLimitRequestRatio[${name}]`));
  const [limit, request] = [item.default?.[name], item.defaultRequest?.[name]];
  if (limit !== undefined && request !== undefined && !overcommits(name) && compareQuantities(limit, request) !== 0)
    errors.push(invalidValue(`${path}.defaultRequest[${name}]`, request, `default value ${limit} must equal to defaultRequest value ${request} in ${name}`));
  return errors;
}

function validateRatio({ maxLimitRequestRatio, min, max }: LimitRangeItem, name: string, path: string): FieldError[] {
  const ratio = maxLimitRequestRatio?.[name];
  if (ratio === undefined) return [];
  const errors = compareQuantities(ratio, '1') < 0 ? [invalidValue(path, ratio, `ratio ${ratio} is less than 1`)] : [];
  const [low, high] = [min?.[name], max?.[name]];
  if (low === undefined || high === undefined) return errors;
  const inMilli = [ratio, low, high].every((quantity) => value(quantity) < MOST_MILLI);
  const amount = inMilli ? milliValue : value;
  const most = amount(high) / amount(low);
  if ((inMilli ? milliValue(ratio) / 1000 : value(ratio)) > most)
    errors.push(invalidValue(path, ratio, `ratio ${ratio} is greater than max/min = ${most.toFixed(6)}`));
  return errors;
}

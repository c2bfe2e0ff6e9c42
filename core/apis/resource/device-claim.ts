import type { FieldError } from '../../kube/status.ts';
import { duplicate, invalidValue, invalidValues, notSupported, required, tooMany } from '../../kube/validation/field.ts';
import { label, subdomain } from '../../kube/validation/names.ts';
import { repeats } from '../../kube/validation/repeats.ts';
import type { DeviceClaim, DeviceRequest, DeviceSelector, DeviceSubRequest, DeviceToleration, ExactDeviceRequest } from '../../schema/generated/kinds.ts';

/** What a claim asks for (pkg/apis/resource/v1/defaults.go and validation). Expressions of selectors are kept as they are. */

type AnyRequest = ExactDeviceRequest | DeviceSubRequest;

export function defaultDeviceClaim({ requests = [] }: DeviceClaim): void {
  for (const request of requests.flatMap(({ exactly, firstAvailable = [] }): AnyRequest[] => (exactly ? [exactly, ...firstAvailable] : firstAvailable))) {
    request.allocationMode ||= 'ExactCount';
    if (request.allocationMode === 'ExactCount') request.count ??= 1;
    for (const toleration of request.tolerations ?? []) toleration.operator ||= 'Equal';
  }
}

const MAX_REQUESTS = 32;
const MAX_ALTERNATIVES = 8;
const MAX_SELECTORS = 32;

export function validateDeviceClaim({ requests = [] }: DeviceClaim, path: string): FieldError[] {
  return [
    ...(requests.length > MAX_REQUESTS ? [tooMany(`${path}.requests`, requests.length, MAX_REQUESTS)] : []),
    ...requests.flatMap((request, i) => validateRequest(request, `${path}.requests[${i}]`)),
    ...validateUnique(requests, `${path}.requests`),
  ];
}

function validateRequest({ name, exactly, firstAvailable }: DeviceRequest, path: string): FieldError[] {
  const errors = validateName(name, `${path}.name`);
  const alternatives = firstAvailable ?? [];
  if (exactly && alternatives.length)
    return [...errors, invalidValue(path, null, 'exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set')];
  if (exactly) return [...errors, ...validateDevices(exactly, `${path}.exactly`)];
  if (!alternatives.length) return [...errors, required(path, 'exactly one of `exactly` or `firstAvailable` is required')];
  return [
    ...errors,
    ...(alternatives.length > MAX_ALTERNATIVES ? [tooMany(`${path}.firstAvailable`, alternatives.length, MAX_ALTERNATIVES)] : []),
    ...alternatives.flatMap((alternative, i) => [
      ...validateName(alternative.name, `${path}.firstAvailable[${i}].name`),
      ...validateDevices(alternative, `${path}.firstAvailable[${i}]`),
    ]),
    ...validateUnique(alternatives, `${path}.firstAvailable`),
  ];
}

const validateName = (name: string | undefined, path: string): FieldError[] => (name ? invalidValues(path, name, label(name)) : [required(path)]);

function validateUnique(named: readonly { name: string }[], path: string): FieldError[] {
  const repeated = repeats(named, ({ name }) => name);
  return named.flatMap(({ name }, i) => (name && repeated.has(i) ? [duplicate(`${path}[${i}].name`, name)] : []));
}

function validateDevices({ deviceClassName, allocationMode, count, selectors = [], tolerations = [] }: AnyRequest, path: string): FieldError[] {
  const modes = ['All', 'ExactCount'];
  const errors = deviceClassName
    ? invalidValues(`${path}.deviceClassName`, deviceClassName, subdomain(deviceClassName))
    : [required(`${path}.deviceClassName`)];
  if (!allocationMode || !modes.includes(allocationMode)) errors.push(notSupported(`${path}.allocationMode`, allocationMode ?? '', modes));
  else if (allocationMode === 'All' && count) errors.push(invalidValue(`${path}.count`, count, "must not be specified when allocationMode is 'All'"));
  else if (allocationMode === 'ExactCount' && (count ?? 0) <= 0) errors.push(invalidValue(`${path}.count`, count ?? 0, 'must be greater than zero'));
  return [...errors, ...validateSelectors(selectors, `${path}.selectors`), ...validateTolerations(tolerations, `${path}.tolerations`)];
}

export const validateSelectors = (selectors: readonly DeviceSelector[], path: string): FieldError[] => [
  ...(selectors.length > MAX_SELECTORS ? [tooMany(path, selectors.length, MAX_SELECTORS)] : []),
  ...selectors.flatMap(({ cel }, i) => {
    if (!cel) return [required(`${path}[${i}].cel`)];
    return cel.expression ? [] : [required(`${path}[${i}].cel.expression`)];
  }),
];

const validateTolerations = (tolerations: readonly DeviceToleration[], path: string): FieldError[] =>
  tolerations.flatMap(({ key, operator = '', value, effect }, i) => {
    const at = `${path}[${i}]`;
    const effects = ['NoExecute', 'NoSchedule', 'None'];
    return [
      ...(operator === 'Exists' || operator === 'Equal' ? [] : [notSupported(`${at}.operator`, operator, ['Equal', 'Exists'])]),
      ...(!key && operator !== 'Exists'
        ? [invalidValue(`${at}.operator`, operator, 'operator must be Exists when `key` is empty, which means "match all values and all keys"')]
        : []),
      ...(operator === 'Exists' && value ? [invalidValue(`${at}.value`, value, 'must be empty for operator `Exists`')] : []),
      ...(effect && !effects.includes(effect) ? [notSupported(`${at}.effect`, effect, effects)] : []),
    ];
  });

import type { FieldError } from '../../kube/status.ts';
import { duplicate, invalidValue, invalidValues, required, tooLong } from '../../kube/validation/field.ts';
import { cIdentifier, label, qualifiedName, subdomain } from '../../kube/validation/names.ts';
import { repeats } from '../../kube/validation/repeats.ts';
import { validateCsiDriverName } from '../storage/class-parameters.ts';
import { boundedList } from './bounded.ts';

/** How drivers, pools, devices and what is told of them are named (pkg/apis/resource/validation). */

export const validateDriver = validateCsiDriverName;

/** Requests, devices, counters. An empty one is a label of a wrong form. */
export const validateLabel = (name: string | undefined, path: string): FieldError[] => invalidValues(path, name ?? '', label(name));

const validateConditionType = (name: string, path: string): FieldError[] => invalidValues(path, name, qualifiedName(name));

const MAX_POOL = 253;

export function validatePoolName(name: string | undefined, path: string): FieldError[] {
  if (!name) return [required(path)];
  return [...(name.length > MAX_POOL ? [tooLong(path, MAX_POOL)] : []), ...name.split('/').flatMap((part) => invalidValues(path, part, subdomain(part)))];
}

/** An attribute or a capacity: an identifier, of a domain or of the driver's. */
export function validateAttributeName(name: string, path: string): FieldError[] {
  const parts = name.split('/');
  if (parts.length > 2) return [];
  const [domain, identifier] = parts.length === 2 ? [parts[0]!, parts[1]!] : [undefined, parts[0]!];
  if (domain === undefined) return validateIdentifier(identifier, path);
  return [
    ...(domain ? validateDriver(domain, path) : [invalidValue(path, '', 'the domain must not be empty')]),
    ...(identifier ? validateIdentifier(identifier, path) : [invalidValue(path, '', 'the name must not be empty')]),
  ];
}

export const validateFullName = (name: string, path: string): FieldError[] => [
  ...validateAttributeName(name, path),
  ...(name.includes('/') ? [] : [invalidValue(path, name, 'a fully qualified name must be a domain and a name separated by a slash')]),
];

const MAX_IDENTIFIER = 32;

const validateIdentifier = (id: string, path: string): FieldError[] => [
  ...(id.length > MAX_IDENTIFIER ? [tooLong(path, MAX_IDENTIFIER)] : []),
  ...invalidValues(path, id, cIdentifier(id)),
];

/** Conditions that a device waits for before its pod is bound, and those that end the waiting (validateDeviceBindingParameters). */
export function validateBindingConditions(
  { bindingConditions: conditions = [], bindingFailureConditions: failures = [] }: { bindingConditions?: string[]; bindingFailureConditions?: string[] },
  path: string,
): FieldError[] {
  const [atConditions, atFailures] = [`${path}.bindingConditions`, `${path}.bindingFailureConditions`];
  return [
    ...boundedList(conditions, MAX_CONDITIONS, validateConditionType, atConditions),
    ...boundedList(failures, MAX_CONDITIONS, validateConditionType, atFailures),
    ...[...repeats(conditions, (condition) => condition)].map((i) => duplicate(`${atConditions}[${i}]`, conditions[i])),
    ...failures.flatMap((condition, i) => [
      ...(failures.indexOf(condition) < i ? [duplicate(`${atFailures}[${i}]`, condition)] : []),
      ...(conditions.includes(condition)
        ? [invalidValue(`${atFailures}[${i}]`, condition, 'bindingFailureConditions must not overlap with bindingConditions')]
        : []),
    ]),
    ...(!conditions.length && failures.length ? [invalidValue(atConditions, null, 'bindingConditions are required to use bindingFailureConditions')] : []),
    ...(!failures.length && conditions.length ? [invalidValue(atFailures, null, 'bindingFailureConditions are required to use bindingConditions')] : []),
  ];
}

const MAX_CONDITIONS = 4;

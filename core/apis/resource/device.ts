import { goValue } from '../../kube/go-value.ts';
import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, invalidValue, invalidValues, notSupported, required, tooLong } from '../../kube/validation/field.ts';
import { labelValue, qualifiedName, subdomain } from '../../kube/validation/names.ts';
import type { Counter, Device, DeviceAttribute, DeviceCapacity, DeviceTaint } from '../../schema/generated/kinds.ts';
import { validateNodeSelector } from '../core/affinity.ts';
import { boundedList, boundedMap, boundedSet } from './bounded.ts';
import { EFFECTS } from './device-claim.ts';
import { validateAttributeName, validateBindingConditions, validateLabel } from './device-names.ts';
import { validateRequestPolicy } from './request-policy.ts';

const MAX_ATTRIBUTES_AND_CAPACITIES = 32;
const MAX_TAINTS = 16;
const MAX_CONSUMPTIONS = 2;

/** Checks a device of a slice (validateDevice). `perDevice`: each device says itself where it is. */
export function validateDevice(device: Device, path: string, { perDevice }: { perDevice: boolean }): FieldError[] {
  const { name, attributes = {}, capacity = {}, allowMultipleAllocations, taints, consumesCounters } = device;
  const told = Object.keys(attributes).length + Object.keys(capacity).length;
  const many = `the total number of attributes and capacities must not exceed ${MAX_ATTRIBUTES_AND_CAPACITIES}`;
  return [
    ...validateLabel(name, `${path}.name`),
    ...(told > MAX_ATTRIBUTES_AND_CAPACITIES ? [invalidValue(path, told, many)] : []),
    ...boundedMap(attributes, Number.POSITIVE_INFINITY, { key: validateAttributeName, value: validateAttribute }, `${path}.attributes`),
    ...boundedMap(
      capacity,
      Number.POSITIVE_INFINITY,
      { key: validateAttributeName, value: allowMultipleAllocations ? validateSharedCapacity : validateWholeCapacity },
      `${path}.capacity`,
    ),
    ...boundedList(taints, MAX_TAINTS, validateTaint, `${path}.taints`),
    ...boundedSet(
      consumesCounters,
      MAX_CONSUMPTIONS,
      ({ counterSet, counters }, at) => validateCounters({ name: counterSet, counters }, { name: `${at}.counterSet`, counters: `${at}.counters` }),
      `${path}.consumesCounters`,
      ({ counterSet }) => counterSet,
    ),
    ...validatePlace(device, path, perDevice),
    ...validateBindingConditions(device, path),
  ];
}

const MAX_VALUE = 64;
const NUMBER = '(0|[1-9]\\d*)';
const PART = '(0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)';
const semver = new RegExp(`^${NUMBER}\\.${NUMBER}\\.${NUMBER}(-${PART}(\\.${PART})*)?(\\+[0-9a-zA-Z-]+(\\.[0-9a-zA-Z-]+)*)?$`);

function validateAttribute(attribute: DeviceAttribute, path: string): FieldError[] {
  const { bool, int, string, version } = attribute;
  const set = [bool, int, string, version].filter((value) => value !== undefined).length;
  const long = (text: string | undefined, field: string) => (Buffer.byteLength(text ?? '') > MAX_VALUE ? [tooLong(field, MAX_VALUE)] : []);
  return [
    ...long(string, `${path}.string`),
    ...(version === undefined || semver.test(version)
      ? []
      : [invalidValue(`${path}.version`, version, 'must be a string compatible with semver.org spec 2.0.0')]),
    ...long(version, `${path}.version`),
    ...(set === 1 ? [] : [invalidValue(path, set === 0 ? '' : goValue('resource.DeviceAttribute', attribute), 'exactly one value must be specified')]),
  ];
}

const validateSharedCapacity = ({ value, requestPolicy }: DeviceCapacity, path: string): FieldError[] =>
  requestPolicy ? validateRequestPolicy(requestPolicy, value, `${path}.requestPolicy`) : [];

const validateWholeCapacity = ({ requestPolicy }: DeviceCapacity, path: string): FieldError[] =>
  requestPolicy ? [forbiddenField(`${path}.requestPolicy`, 'allowMultipleAllocations must be true')] : [];

const validateTaint = ({ key, value, effect }: DeviceTaint, path: string): FieldError[] => [
  ...invalidValues(`${path}.key`, key ?? '', qualifiedName(key)),
  ...(value ? invalidValues(`${path}.value`, value, labelValue(value)) : []),
  ...(effect ? [] : [required(`${path}.effect`)]),
  ...(effect && !EFFECTS.includes(effect) ? [notSupported(`${path}.effect`, effect, EFFECTS)] : []),
];

const MAX_COUNTERS = 32;

/** Counters of a set, or what a device takes of them. */
export const validateCounters = (
  { name, counters }: { name: string | undefined; counters: Record<string, Counter> | undefined },
  at: { name: string; counters: string },
): FieldError[] => [
  ...(name ? validateLabel(name, at.name) : [required(at.name)]),
  ...(Object.keys(counters ?? {}).length ? boundedMap(counters, MAX_COUNTERS, { key: validateLabel, value: () => [] }, at.counters) : [required(at.counters)]),
];

const ONE = 'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
const NONE = '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec';

function validatePlace({ nodeName, nodeSelector, allNodes }: Device, path: string, perDevice: boolean): FieldError[] {
  if (!perDevice) return nodeName === undefined && nodeSelector === undefined && allNodes === undefined ? [] : [invalidValue(path, null, NONE)];
  const set = [nodeName && '`nodeName`', nodeSelector && '`nodeSelector`', allNodes && '`allNodes`'].filter(Boolean);
  return [
    ...(nodeName ? invalidValues(`${path}.nodeName`, nodeName, subdomain(nodeName)) : []),
    ...(nodeName === '' ? [invalidValue(`${path}.nodeName`, nodeName, 'must not be empty')] : []),
    ...(nodeSelector ? validateNodeSelector(nodeSelector, `${path}.nodeSelector`) : []),
    ...(allNodes === false ? [invalidValue(`${path}.allNodes`, allNodes, 'must be either unset or set to true')] : []),
    ...(set.length === 0 ? [required(path, ONE)] : []),
    ...(set.length > 1 ? [invalidValue(path, `{${set.join(', ')}}`, ONE)] : []),
  ];
}

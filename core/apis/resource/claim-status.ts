import { same } from '../../kube/object.ts';
import type { FieldError } from '../../kube/status.ts';
import { conditionErrors } from '../../kube/validation/conditions.ts';
import { forbiddenField, immutable, invalidValue, notSupported, required, tooLong, tooMany } from '../../kube/validation/field.ts';
import type {
  AllocatedDeviceStatus,
  AllocationResult,
  DeviceRequestAllocationResult,
  NetworkDeviceData,
  ResourceResourceClaim as ResourceClaim,
  ResourceClaimConsumerReference,
} from '../../schema/generated/kinds.ts';
import { validateNodeSelector } from '../core/affinity.ts';
import { isIP, isIPv4 } from '../core/ip.ts';
import { boundedList, boundedSet } from './bounded.ts';
import { validateConfiguration, validateRawObject } from './device-configuration.ts';
import { validateBindingConditions, validateDriver, validateLabel, validatePoolName } from './device-names.ts';
import { requestNames, validateReference, validateReferences } from './request-names.ts';

/** So many pods may have a claim (ResourceClaimReservedForMaxSize). */
export const MAX_CONSUMERS = 256;

/** Checks what was allocated for a claim, and who uses it (validateResourceClaimStatusUpdate). */
export function validateClaimStatus({ metadata, spec, status = {} }: ResourceClaim, previous: ResourceClaim): FieldError[] {
  const { allocation, reservedFor = [], devices } = status;
  const before = previous.status ?? {};
  const allocated = new Set((allocation?.devices?.results ?? []).map(deviceId));
  return [
    ...boundedSet(reservedFor, MAX_CONSUMERS, validateConsumer, 'status.reservedFor', ({ uid }) => uid),
    ...boundedSet(devices, Number.POSITIVE_INFINITY, (device, path) => validateDeviceStatus(device, allocated, path), 'status.devices', deviceId),
    ...(reservedFor.length && !allocation ? [forbiddenField('status.reservedFor', 'may not be specified when `allocated` is not set')] : []),
    ...(allocation && metadata.deletionTimestamp && reservedFor.some((consumer) => !before.reservedFor?.some((known) => same(known, consumer)))
      ? [forbiddenField('status.reservedFor', 'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set')]
      : []),
    // What is allocated is given back before something else is allocated.
    ...(allocation && before.allocation ? immutable('status.allocation', allocation, before.allocation) : []),
    ...(allocation && !before.allocation ? validateAllocation(allocation, requestNames(spec?.devices ?? {}), 'status.allocation') : []),
  ];
}

/** A device of a claim: a share of it where several claims have it. */
const deviceId = ({ driver, pool, device, shareID = '' }: Pick<AllocatedDeviceStatus, 'driver' | 'pool' | 'device' | 'shareID'>): string =>
  [driver, pool, device, ...(shareID ? [shareID] : [])].join('/');

/** The status of a device goes with its allocation. */
export function dropDeallocated({ status }: ResourceClaim, previous: ResourceClaim): void {
  if (!status?.devices) return;
  const given = new Set((previous.status?.allocation?.devices?.results ?? []).map(deviceId));
  for (const result of status.allocation?.devices?.results ?? []) given.delete(deviceId(result));
  const left = status.devices.filter((device) => !given.has(deviceId(device)));
  if (left.length > 0) status.devices = left;
  else delete status.devices;
}

const validateConsumer = ({ resource, name, uid }: ResourceClaimConsumerReference, path: string): FieldError[] => [
  ...(resource ? [] : [required(`${path}.resource`)]),
  ...(name ? [] : [required(`${path}.name`)]),
  ...(uid ? [] : [required(`${path}.uid`)]),
];

const MAX_RESULTS = 32;
/** Of the class and of the claim. */
const MAX_CONFIGURATIONS = 64;
const SOURCES = ['FromClaim', 'FromClass'];

const validateAllocation = ({ devices, nodeSelector }: AllocationResult, names: ReadonlySet<string>, path: string): FieldError[] => [
  ...boundedList(devices?.results, MAX_RESULTS, (result, at) => validateResult(result, names, at), `${path}.devices.results`),
  ...boundedList(
    devices?.config,
    MAX_CONFIGURATIONS,
    (config, at) => [
      ...(config.source ? [] : [required(`${at}.source`)]),
      ...(config.source && !SOURCES.includes(config.source) ? [notSupported(`${at}.source`, config.source, SOURCES)] : []),
      ...validateReferences(config.requests, names, `${at}.requests`),
      ...validateConfiguration(config, at),
    ],
    `${path}.devices.config`,
  ),
  ...(nodeSelector ? validateNodeSelector(nodeSelector, `${path}.nodeSelector`) : []),
];

const validateResult = (result: DeviceRequestAllocationResult, names: ReadonlySet<string>, path: string): FieldError[] => [
  ...validateReference(result.request, names, `${path}.request`),
  ...validateDriver(result.driver, `${path}.driver`),
  ...validatePoolName(result.pool, `${path}.pool`),
  ...validateLabel(result.device, `${path}.device`),
  ...validateBindingConditions(result, path),
  ...validateShareId(result.shareID, `${path}.shareID`),
];

const MAX_CONDITIONS = 8;

function validateDeviceStatus(status: AllocatedDeviceStatus, allocated: ReadonlySet<string>, path: string): FieldError[] {
  const { conditions = [], data, networkData } = status;
  return [
    ...validateDriver(status.driver, `${path}.driver`),
    ...validatePoolName(status.pool, `${path}.pool`),
    ...validateLabel(status.device, `${path}.device`),
    ...validateShareId(status.shareID, `${path}.shareID`),
    ...(allocated.has(deviceId(status)) ? [] : [invalidValue(path, UNPRINTABLE, 'must be an allocated device in the claim')]),
    ...(conditions.length > MAX_CONDITIONS ? [tooMany(`${path}.conditions`, conditions.length, MAX_CONDITIONS)] : []),
    ...conditionErrors(conditions, `${path}.conditions`),
    ...(data === undefined || data === null ? [] : validateRawObject(data, `${path}.data`)),
    ...(networkData ? validateNetwork(networkData, `${path}.networkData`) : []),
  ];
}

/** How Go prints the id of a device: its strings are handles, which JSON does not show. */
const UNPRINTABLE = { Driver: {}, Pool: {}, Device: {}, ShareID: {} };

/** A UUID, as google/uuid's Validate takes it. */
function validateShareId(id: string | undefined, path: string): FieldError[] {
  if (id === undefined) return [];
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return [];
  const wrong = uuidError(id);
  return wrong
    ? [invalidValue(path, id, `error validating uid: ${wrong}`)]
    : [invalidValue(path, id, 'uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters')];
}

function uuidError(id: string): string | undefined {
  const lengths = [32, 36, 38, 45];
  if (!lengths.includes(id.length)) return `invalid UUID length: ${id.length}`;
  if (id.length === 45 && id.slice(0, 9).toLowerCase() !== 'urn:uuid:') return `invalid urn prefix: ${JSON.stringify(id.slice(0, 9))}`;
  if (id.length === 38 && !/^\{.*\}$/.test(id)) return 'invalid bracketed UUID format';
  const bare = id.length === 45 ? id.slice(9) : id.length === 38 ? id.slice(1, -1) : id;
  return /^([0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i.test(bare) ? undefined : 'invalid UUID format';
}

const MAX_ADDRESSES = 16;
const MAX_INTERFACE = 256;
const MAX_HARDWARE_ADDRESS = 128;

const validateNetwork = ({ interfaceName = '', hardwareAddress = '', ips }: NetworkDeviceData, path: string): FieldError[] => [
  ...(Buffer.byteLength(interfaceName) > MAX_INTERFACE ? [tooLong(`${path}.interfaceName`, MAX_INTERFACE)] : []),
  ...(Buffer.byteLength(hardwareAddress) > MAX_HARDWARE_ADDRESS ? [tooLong(`${path}.hardwareAddress`, MAX_HARDWARE_ADDRESS)] : []),
  ...boundedSet(
    ips,
    MAX_ADDRESSES,
    (address, at) =>
      isInterfaceAddress(address) ? [] : [invalidValue(at, address, 'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)')],
    `${path}.ips`,
    (address) => address,
  ),
];

function isInterfaceAddress(text: string): boolean {
  const slash = text.indexOf('/');
  const [address, bits] = [text.slice(0, slash), text.slice(slash + 1)];
  return slash > 0 && /^\d{1,3}$/.test(bits) && isIP(address) && Number(bits) <= (isIPv4(address) ? 32 : 128);
}

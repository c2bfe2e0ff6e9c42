import type {
  CapacityRequirements,
  DeviceClass,
  DeviceSelector,
  DeviceToleration,
  ResourceResourceClaim as ResourceClaim,
} from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import type { Device } from './device.ts';
import type { DevicePool } from './device-pools.ts';
import { selectsDevice } from './device-selectors.ts';

/** One way to satisfy a request of a claim: the request itself, or one of the alternatives of `firstAvailable`. */
export interface DeviceWish {
  readonly request: string;
  /** The alternative. */
  readonly subRequest?: string;
  readonly deviceClass: DeviceClass;
  readonly selectors: readonly DeviceSelector[];
  readonly count: number;
  /** All that match, instead of a number of them. */
  readonly all?: readonly Device[];
  readonly adminAccess?: true;
  readonly tolerations?: readonly DeviceToleration[];
  readonly capacity?: CapacityRequirements;
  /** `claim default/c` */
  readonly of: string;
}

/** Why no device is looked for at all: it is told as an error, and not as a node's objection. */
export interface Trouble {
  readonly error: string;
}

/** As a result names what it was allocated for. */
export const requestName = ({ request, subRequest }: Pick<DeviceWish, 'request' | 'subRequest'>): string =>
  subRequest === undefined ? request : `${request}/${subRequest}`;

/** What a claim asks for: a list for each request, of its alternatives. */
export function wishesOf(claim: ResourceClaim, pools: readonly DevicePool[], state: State): (readonly DeviceWish[])[] | Trouble {
  const { namespace, name } = claim.metadata;
  const wishes: (readonly DeviceWish[])[] = [];
  for (const { name: request, exactly, firstAvailable = [] } of claim.spec.devices?.requests ?? []) {
    const alternatives: DeviceWish[] = [];
    const asked = exactly ? [{ ...exactly, subRequest: undefined }] : firstAvailable.map((sub) => ({ ...sub, adminAccess: undefined, subRequest: sub.name }));
    for (const { deviceClassName, selectors = [], allocationMode, count = 1, adminAccess, tolerations, capacity, subRequest } of asked) {
      const of = `claim ${namespace}/${name}`;
      const deviceClass = state.get('deviceclasses.resource.k8s.io', undefined, deviceClassName);
      if (!deviceClass) {
        const missing = `deviceclass.resource.k8s.io ${JSON.stringify(deviceClassName)} not found`;
        return { error: `${of}, request ${subRequest ?? request}: could not retrieve device class ${deviceClassName}: ${missing}` };
      }
      const wish: DeviceWish = {
        request,
        ...(subRequest !== undefined && { subRequest }),
        deviceClass,
        selectors,
        count,
        ...(adminAccess && { adminAccess }),
        ...(tolerations && { tolerations }),
        ...(capacity && { capacity }),
        of,
      };
      if (allocationMode !== 'All') alternatives.push(wish);
      else {
        const all = allFor(wish, pools);
        if ('error' in all) return all;
        alternatives.push({ ...wish, all, count: all.length });
      }
    }
    wishes.push(alternatives);
  }
  return wishes;
}

function allFor(wish: DeviceWish, pools: readonly DevicePool[]): readonly Device[] | Trouble {
  const all: Device[] = [];
  for (const pool of pools) {
    if (pool.state !== 'complete') {
      const why = pool.state === 'incomplete' ? 'being updated' : 'invalid';
      return { error: `${wish.of}, request ${wish.subRequest ?? wish.request}: asks for all devices, but resource pool ${pool.id} is currently ${why}` };
    }
    for (const device of pool.devices) {
      const selected = isSelected(device, wish);
      if (typeof selected !== 'boolean') return selected;
      if (selected) all.push(device);
    }
  }
  return all;
}

/** Whether the class and the wish itself select a device. */
export function isSelected(device: Device, { deviceClass, selectors, of }: DeviceWish): boolean | Trouble {
  const byClass = selectsDevice(deviceClass.spec.selectors, device);
  if (typeof byClass !== 'boolean') return { error: `class ${deviceClass.metadata.name}: ${byClass.error}` };
  if (!byClass) return false;
  const selected = selectsDevice(selectors, device);
  return typeof selected === 'boolean' ? selected : { error: `${of}: ${selected.error}` };
}

import type { Device as DeviceOfSlice, ResourceSlice } from '../../schema/generated/kinds.ts';

/** A device of a ResourceSlice. */
export interface Device {
  readonly id: DeviceId;
  readonly driver: string;
  readonly pool: string;
  readonly poolId: PoolId;
  readonly of: DeviceOfSlice;
  readonly slice: ResourceSlice;
}

/** `driver/pool/device`: what tells devices apart. */
export type DeviceId = string;

export const deviceId = ({ driver, pool, device }: { driver: string; pool: string; device: string }): DeviceId => `${driver}/${pool}/${device}`;

/** `driver/pool` */
export type PoolId = string;

export const poolId = ({ driver, pool }: { driver: string; pool: string }): PoolId => `${driver}/${pool}`;

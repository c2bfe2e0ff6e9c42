import { value } from '../../kube/quantity.ts';
import type { ResourceResourceClaim as ResourceClaim } from '../../schema/generated/kinds.ts';
import { emptyTree, type Tree } from '../../state/tree.ts';
import type { View } from '../../state/view.ts';
import { type DeviceId, deviceId, type PoolId, poolId } from './device.ts';

/** What claims have of the devices of each pool. That of a pool is another value whenever one of its devices is given out or given back. */
export type DevicesInUse = Tree<PoolInUse>;

export interface PoolInUse {
  /** Those that are one claim's alone: by how many of them (which is one, unless a status says what cannot be). */
  readonly whole: ReadonlyMap<DeviceId, number>;
  /** How much of each capacity is taken of those that several claims share. */
  readonly shared: ReadonlyMap<DeviceId, Taken>;
}

export interface Taken {
  readonly claims: number;
  readonly capacity: Readonly<Record<string, number>>;
}

export const devicesInUse: View<DevicesInUse, 'resourceclaims.resource.k8s.io'> = {
  of: ['resourceclaims.resource.k8s.io'],
  initial: emptyTree(),
  evolve: (known, changes) => {
    const concerned = changes.filter(({ object, previous }) => object.status?.allocation !== previous?.status?.allocation || object.status?.allocation);
    if (concerned.length === 0) return known;
    const after = known.clone();
    const changed = new Map<PoolId, Counts>();
    const countsOf = (pool: PoolId): Counts => {
      let counts = changed.get(pool);
      if (!counts) {
        const { whole, shared } = known.get(pool) ?? NOTHING_IN_USE;
        counts = { whole: new Map(whole), shared: new Map(shared) };
        changed.set(pool, counts);
        after.set(pool, counts);
      }
      return counts;
    };
    for (const { type, object, previous } of concerned) {
      if (previous) count(previous, -1, countsOf);
      if (type !== 'DELETED') count(object, 1, countsOf);
    }
    for (const [pool, { whole, shared }] of changed) if (whole.size + shared.size === 0) after.delete(pool);
    return after;
  },
};

export const NOTHING_IN_USE: PoolInUse = { whole: new Map(), shared: new Map() };

interface Counts {
  readonly whole: Map<DeviceId, number>;
  readonly shared: Map<DeviceId, Taken>;
}

function count({ status }: ResourceClaim, by: 1 | -1, countsOf: (pool: PoolId) => Counts): void {
  for (const result of status?.allocation?.devices?.results ?? []) {
    // Who watches over a device does not take it from others.
    if (result.adminAccess) continue;
    const id = deviceId(result);
    const { whole, shared } = countsOf(poolId(result));
    if (result.shareID === undefined) {
      const after = (whole.get(id) ?? 0) + by;
      if (after > 0) whole.set(id, after);
      else whole.delete(id);
      continue;
    }
    const { claims = 0, capacity = {} } = shared.get(id) ?? {};
    if (claims + by > 0) shared.set(id, { claims: claims + by, capacity: plus(capacity, result.consumedCapacity ?? {}, by) });
    else shared.delete(id);
  }
}

function plus(capacity: Readonly<Record<string, number>>, more: Readonly<Record<string, string>>, by: 1 | -1): Readonly<Record<string, number>> {
  const sum = { ...capacity };
  for (const [name, amount] of Object.entries(more)) sum[name] = (sum[name] ?? 0) + by * value(amount);
  return sum;
}

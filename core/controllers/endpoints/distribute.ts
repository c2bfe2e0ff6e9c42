import { same } from '../../kube/object.ts';
import type { Endpoint, EndpointSlice } from '../../schema/generated/kinds.ts';

const MAX_ENDPOINTS = 100;

/** A slice with what it is to hold; without a `slice`, a new one. */
interface Filled {
  readonly slice: EndpointSlice | undefined;
  readonly endpoints: readonly Endpoint[];
}

/**
 * Distributes endpoints over the slices that there are and as many new ones as it takes, so that as few slices as possible change
 * (reconcileByPortMapping): endpoints stay where they are; new ones go first into slices that change anyway, the fullest first; then, if they
 * all have room there, into one that does not; then into new slices. Slices that would be empty are left out.
 */
export function distribute(endpoints: readonly Endpoint[], slices: readonly EndpointSlice[]): Filled[] {
  const wanted = new Map(endpoints.map((endpoint) => [idOf(endpoint), endpoint]));
  const kept = slices.map((slice) => keep(slice, wanted)).filter(({ endpoints: still, slice }) => still.length > 0 || !slice.endpoints?.length);
  const fresh = [...wanted.values()];
  for (const { endpoints: still } of kept.filter(({ changed }) => changed).sort((a, b) => b.endpoints.length - a.endpoints.length)) {
    still.push(...fresh.splice(0, MAX_ENDPOINTS - still.length));
  }
  const created: Filled[] = [];
  while (fresh.length > 0) {
    const room = fullestWithRoom(
      kept.filter(({ changed }) => !changed),
      fresh.length,
    );
    if (room) room.endpoints.push(...fresh.splice(0));
    else created.push({ slice: undefined, endpoints: fresh.splice(0, MAX_ENDPOINTS) });
  }
  return [...kept.filter(({ endpoints: still }) => still.length > 0), ...created];
}

interface Kept extends Filled {
  readonly slice: EndpointSlice;
  readonly endpoints: Endpoint[];
  readonly changed: boolean;
}

/** What of a slice is wanted still, as it is now; takes it out of `wanted`. */
function keep(slice: EndpointSlice, wanted: Map<string, Endpoint>): Kept {
  const before = slice.endpoints ?? [];
  const endpoints: Endpoint[] = [];
  let changed = false;
  for (const endpoint of before) {
    const now = wanted.get(idOf(endpoint));
    if (!now) continue;
    const unchanged = same(now, endpoint);
    if (!unchanged) changed = true;
    endpoints.push(unchanged ? endpoint : now);
    wanted.delete(idOf(endpoint));
  }
  return { slice, endpoints, changed: changed || endpoints.length !== before.length };
}

/** Of the slices that have room for all of `count` endpoints, the one with the least room left then. */
function fullestWithRoom(slices: readonly Kept[], count: number): Kept | undefined {
  let best: Kept | undefined;
  for (const slice of slices) {
    const { length } = slice.endpoints;
    if (length + count <= MAX_ENDPOINTS && (!best || length > best.endpoints.length)) best = slice;
  }
  return best;
}

const idOf = ({ targetRef, addresses }: Endpoint) => targetRef?.uid ?? addresses[0]!;

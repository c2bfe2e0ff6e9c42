import { milliValue } from '../../kube/quantity.ts';
import type { Endpoint, Node, Service } from '../../schema/generated/kinds.ts';
import type { View } from '../../state/view.ts';

const MODES = ['service.kubernetes.io/topology-mode', 'service.kubernetes.io/topology-aware-hints'];
const ZONE = 'topology.kubernetes.io/zone';
const EXCLUDED = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];
/** How much more than its share an endpoint may get at most. */
const OVERLOAD = 0.2;

/** Whether a Service asks that its endpoints be divided among the zones by their CPUs ("Topology Aware Routing"). */
export const isTopologyAware = ({ metadata: { annotations } }: Service): boolean => {
  const mode = MODES.map((name) => annotations?.[name]).find((value) => value !== undefined);
  return mode === 'Auto' || mode === 'auto';
};

export type Allotted =
  | { readonly type: 'allotted'; readonly endpoints: Endpoint[] }
  /** `why`: as the Event says it, without the family of the addresses. */
  | { readonly type: 'impossible'; readonly why: string };

/**
 * Divides endpoints among the zones, so that each zone has its share by the CPUs of its nodes: as many as possible are for their own zone, the others are for one that
 * has too few (k8s.io/endpointslice/topologycache).
 */
export function allotted(endpoints: readonly Endpoint[], { zones, isComplete }: ZoneCapacity): Allotted {
  const ready = endpoints.filter(({ conditions }) => conditions?.ready !== false);
  const total = [...zones.values()].reduce((sum, { cpu }) => sum + cpu, 0);
  if (!isComplete || total === 0 || zones.size < 2)
    return impossible('Insufficient Node information: allocatable CPU or zone not specified on one or more nodes');
  const counts = `(${ready.length} endpoints, ${zones.size} zones)`;
  if (zones.size > ready.length) return impossible(`Insufficient number of endpoints ${counts}`);
  const desired = new Map<string, number>();
  let minimum = 0;
  for (const [zone, { cpu }] of zones) {
    const share = (cpu / total) * ready.length;
    const least = Math.ceil(share / (1 + OVERLOAD));
    minimum += least;
    desired.set(zone, Math.max(share, least));
  }
  if (minimum > ready.length) {
    return impossible(`Unable to allocate minimum required endpoints to each zone without exceeding overload threshold ${counts}`);
  }
  if (ready.some(({ zone }) => !zone)) return impossible('One or more endpoints do not have a zone specified');
  const { giving, receiving } = exchanges(
    desired,
    Map.groupBy(ready, ({ zone }) => zone!),
  );
  return { type: 'allotted', endpoints: endpoints.map((endpoint) => hinted(endpoint, giving, receiving)) };
}

const impossible = (why: string): Allotted => ({ type: 'impossible', why });

/** How many endpoints each zone gives away, and gets: the one with the most gives to the one that lacks the most. */
function exchanges(desired: ReadonlyMap<string, number>, had: ReadonlyMap<string, readonly Endpoint[]>) {
  const surplus = new Map([...desired].map(([zone, want]) => [zone, (had.get(zone)?.length ?? 0) - want]));
  for (const [zone, list] of had) if (!desired.has(zone)) surplus.set(zone, list.length);
  const giving = new Map<string, number>();
  const receiving = new Map<string, number>();
  for (;;) {
    const sorted = [...surplus].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
    const [most, least] = [sorted[0]!, sorted.at(-1)!];
    if (most[1] < 1 && -least[1] < 1) return { giving, receiving };
    giving.set(most[0], (giving.get(most[0]) ?? 0) + 1);
    receiving.set(least[0], (receiving.get(least[0]) ?? 0) + 1);
    surplus.set(most[0], most[1] - 1);
    surplus.set(least[0], least[1] + 1);
  }
}

function hinted({ hints: _, ...endpoint }: Endpoint, giving: Map<string, number>, receiving: Map<string, number>): Endpoint {
  if (endpoint.conditions?.ready === false) return endpoint;
  const own = endpoint.zone!;
  const to = (giving.get(own) ?? 0) > 0 ? [...receiving.keys()].find((zone) => receiving.get(zone)! > 0) : undefined;
  if (to !== undefined) {
    giving.set(own, giving.get(own)! - 1);
    receiving.set(to, receiving.get(to)! - 1);
  }
  return { ...endpoint, hints: { forZones: [{ name: to ?? own }] } };
}

export interface ZoneCapacity {
  /** The CPUs of the ready nodes of each zone, in thousandths, and how many nodes those are. */
  readonly zones: ReadonlyMap<string, { readonly cpu: number; readonly nodes: number }>;
  /** Whether all ready nodes say what they have, and where they are. */
  readonly isComplete: boolean;
}

/** Kept up with each node. */
export const zoneCapacity: View<ZoneCapacity & { readonly incomplete: number }, 'nodes'> = {
  of: ['nodes'],
  initial: { zones: new Map(), incomplete: 0, isComplete: true },
  evolve(before, changes) {
    const zones = new Map(before.zones);
    let { incomplete } = before;
    const add = (node: Node, count: 1 | -1) => {
      const { zone, cpu } = capacityOf(node) ?? {};
      if (cpu === undefined) return;
      if (!zone || cpu === 0) {
        incomplete += count;
        return;
      }
      const { cpu: had = 0, nodes = 0 } = zones.get(zone) ?? {};
      if (nodes + count > 0) zones.set(zone, { cpu: had + count * cpu, nodes: nodes + count });
      else zones.delete(zone);
    };
    for (const { type, object, previous } of changes) {
      if (previous) add(previous, -1);
      if (type !== 'DELETED') add(object, 1);
    }
    return { zones, incomplete, isComplete: incomplete === 0 };
  },
};

/** What a node adds to its zone; undefined when it does not count. */
export function capacityOf({ metadata: { labels = {} }, status }: Node): { zone: string | undefined; cpu: number } | undefined {
  if (EXCLUDED.some((label) => label in labels) || !status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True')) {
    return undefined;
  }
  return { zone: labels[ZONE], cpu: milliValue(status.allocatable?.['cpu'] ?? '0') };
}

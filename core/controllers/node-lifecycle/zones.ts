import { readiness } from '../../apis/core/node-agent.ts';
import type { Node } from '../../schema/generated/kinds.ts';
import type { View } from '../../state/view.ts';
import { NOT_READY, UNREACHABLE } from './node-taints.ts';

/** The nodes of a cluster by their zones, as far as evictions ask for them. */
export const zonesOfNodes: View<Zones, 'nodes'> = {
  of: ['nodes'],
  initial: { zones: new Map(), afflicted: new Map() },
  evolve(before, changes) {
    const [zones, afflicted] = [new Map(before.zones), new Map(before.afflicted)];
    for (const { type, object, previous } of changes) {
      if (previous) count(zones, previous, -1);
      afflicted.delete(object.metadata.name);
      if (type === 'DELETED') continue;
      count(zones, object, 1);
      if (readiness(object) !== 'True' || object.spec?.taints?.some(isEvicting)) afflicted.set(object.metadata.name, zoneOf(object));
    }
    return { zones, afflicted };
  },
};

export interface Zones {
  readonly zones: ReadonlyMap<string, Zone>;
  /** The names of nodes that are not Ready or have a taint for it, with their zones: mostly none. */
  readonly afflicted: ReadonlyMap<string, string>;
}

export interface Zone {
  readonly ready: number;
  readonly others: number;
}

function count(zones: Map<string, Zone>, node: Node, by: 1 | -1): void {
  if (node.metadata.labels?.['node.kubernetes.io/exclude-disruption'] !== undefined) return;
  const name = zoneOf(node);
  const { ready, others } = zones.get(name) ?? { ready: 0, others: 0 };
  const after = readiness(node) === 'True' ? { ready: ready + by, others } : { ready, others: others + by };
  if (after.ready + after.others === 0) zones.delete(name);
  else zones.set(name, after);
}

/** component-helpers/node/topology, GetZoneKey: the region and the zone, by the labels of today or of old. */
function zoneOf({ metadata: { labels = {} } }: Node): string {
  const region = labels['topology.kubernetes.io/region'] ?? labels['failure-domain.beta.kubernetes.io/region'] ?? '';
  const zone = labels['topology.kubernetes.io/zone'] ?? labels['failure-domain.beta.kubernetes.io/zone'] ?? '';
  return `${region} ${zone}`;
}

/** Whether a taint is one by which the node controller has pods evicted. */
export const isEvicting = ({ key, effect }: { readonly key: string; readonly effect: string }): boolean =>
  effect === 'NoExecute' && (key === NOT_READY || key === UNREACHABLE);

/** How many ms lie between two nodes of a zone whose pods are evicted (ComputeZoneState, setLimiterInZone; the defaults of kube-controller-manager). */
export function evictionInterval({ ready, others }: Zone): number {
  // Of a zone that is lost as a whole, others are there to take in its pods.
  if (ready === 0) return 10_000;
  const isPartlyLost = others > 2 && others / (ready + others) >= 0.55;
  if (!isPartlyLost) return 10_000;
  return ready + others > 50 ? 100_000 : Number.POSITIVE_INFINITY;
}

/** Whether no node is Ready anywhere: the fault may be with who looks, and nothing is evicted. */
export const areAllLost = ({ zones }: Zones): boolean => [...zones.values()].every(({ ready }) => ready === 0);

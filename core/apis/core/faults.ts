import { parseGoDuration } from '../../kube/go-duration.ts';
import type { ConfigMap, Node } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';

/**
 * What is to go wrong in a cluster: the ConfigMap `faults` in kube-system, for tests of what happens then (docs/nodes.md). What of it is not understood does nothing.
 */
export interface Faults {
  /** Nodes and zones whose machines are lost. */
  readonly nodes: ReadonlySet<string>;
  readonly zones: ReadonlySet<string>;
  /** Hosts of images that nothing can be pulled from. */
  readonly registries: ReadonlySet<string>;
  /** By how much the API answers later, ms. */
  readonly apiLatencyMs: number;
  /** Which share of requests the API refuses as too many, from 0 to 1. */
  readonly apiRefusals: number;
}

export const FAULTS = { namespace: 'kube-system', name: 'faults' } as const;

export function faultsOf(state: State): Faults {
  const map = state.get('configmaps', FAULTS.namespace, FAULTS.name);
  if (!map) return NONE;
  let faults = read.get(map);
  if (!faults) {
    faults = readFaults(map);
    read.set(map, faults);
  }
  return faults;
}

const NONE: Faults = { nodes: new Set(), zones: new Set(), registries: new Set(), apiLatencyMs: 0, apiRefusals: 0 };

/** Objects are never changed, so that each is read once. */
const read = new WeakMap<ConfigMap, Faults>();

function readFaults({ data = {} }: ConfigMap): Faults {
  const names = (key: string) => new Set((data[key] ?? '').split(/[\s,]+/).filter((name) => name !== ''));
  const latency = parseGoDuration(data['apiLatency'] ?? '0') ?? 0;
  const refusals = Number(data['apiRefusals'] ?? 0);
  return {
    nodes: names('nodes'),
    zones: names('zones'),
    registries: names('registries'),
    apiLatencyMs: Math.min(Math.max(0, latency), LONGEST),
    apiRefusals: refusals >= 0 && refusals <= 1 ? refusals : 0,
  };
}

/** Longer than this, a client would not wait either. */
const LONGEST = 60_000;

export const isNodeLost = ({ nodes, zones }: Faults, { metadata }: Node): boolean =>
  nodes.has(metadata.name) || zones.has(metadata.labels?.['topology.kubernetes.io/zone'] ?? '');

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
  return {
    nodes: names('nodes'),
    zones: names('zones'),
    registries: names('registries'),
    apiLatencyMs: Math.min(readLatency(data['apiLatency']) ?? 0, LONGEST),
    apiRefusals: readShare(data['apiRefusals']) ?? 0,
  };
}

/** Longer than this, a client would not wait either. */
const LONGEST = 60_000;

function readLatency(text = '0'): number | undefined {
  const latency = parseGoDuration(text);
  return latency !== undefined && latency >= 0 ? latency : undefined;
}

function readShare(text = '0'): number | undefined {
  const share = text.trim() === '' ? Number.NaN : Number(text);
  return share >= 0 && share <= 1 ? share : undefined;
}

const KEYS: readonly string[] = ['nodes', 'zones', 'registries', 'apiLatency', 'apiRefusals'];

/** What of a ConfigMap that asks for faults is not understood; nothing of any other one. */
export function faultWarnings({ metadata, data = {} }: ConfigMap): string[] {
  if (metadata.namespace !== FAULTS.namespace || metadata.name !== FAULTS.name) return [];
  const unknown = Object.keys(data).filter((key) => !KEYS.includes(key));
  return [
    ...unknown.map((key) => `data[${key}]: no such fault, there are ${KEYS.join(', ')}`),
    ...(readLatency(data['apiLatency']) === undefined ? ['data[apiLatency]: no duration such as 500ms, it does nothing'] : []),
    ...(readShare(data['apiRefusals']) === undefined ? ['data[apiRefusals]: no number from 0 to 1, it does nothing'] : []),
  ];
}

export const isNodeLost = ({ nodes, zones }: Faults, { metadata }: Node): boolean =>
  nodes.has(metadata.name) || zones.has(metadata.labels?.['topology.kubernetes.io/zone'] ?? '');

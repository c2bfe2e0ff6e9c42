import { matchesNodeSelector } from '../../apis/core/node-match.ts';
import type { CounterSet, Node, NodeSelector, ResourceSlice } from '../../schema/generated/kinds.ts';
import { index } from '../../state/indexes.ts';
import type { State } from '../../state/state.ts';
import { compareText } from '../../state/tree.ts';
import type { View } from '../../state/view.ts';
import { type Device, deviceId, type PoolId, poolId } from './device.ts';

/** The devices of one driver that stand together in ResourceSlices, as far as a node can use them. */
export interface DevicePool {
  readonly id: PoolId;
  readonly name: string;
  readonly devices: readonly Device[];
  /** Of the whole pool, those of other nodes too: what they consume of its counters is gone for this node. */
  readonly allDevices: readonly Device[];
  readonly counterSets: readonly CounterSet[];
  /** It is being published: of its slices some are missing. Or its slices contradict each other. */
  readonly state: 'complete' | 'incomplete' | 'invalid';
}

/** The pools with devices for a node, in the order of their names (GatherPools); those whose devices have to be made ready last. They are put together once, until a slice or the node changes. */
export function devicePoolsFor(node: Node, state: State): readonly DevicePool[] {
  const { known } = state.view(slicesAsTheyAre);
  const before = known.get(node.metadata.name);
  if (before?.node === node) return before.pools;
  const pools = poolsOf(node, state);
  known.set(node.metadata.name, { node, pools });
  return pools;
}

interface PoolsOfNode {
  readonly node: Node;
  readonly pools: readonly DevicePool[];
}

/** Another object whenever a slice changes, with what was put together meanwhile. */
const slicesAsTheyAre: View<{ readonly known: Map<string, PoolsOfNode> }, 'resourceslices.resource.k8s.io'> = {
  of: ['resourceslices.resource.k8s.io'],
  initial: { known: new Map() },
  evolve: () => ({ known: new Map() }),
};

function poolsOf(node: Node, state: State): DevicePool[] {
  const slices = [...state.by(slicesByNode, node.metadata.name), ...state.by(slicesByNode, '')].filter((slice) => concerns(slice, node));
  const pools = [...Map.groupBy(slices, poolOf)].flatMap(([id, ofNode]) => poolFrom(id, ofNode, node, state) ?? []);
  return pools.sort((a, b) => Number(needsBinding(a)) - Number(needsBinding(b)) || compareText(a.id, b.id));
}

const poolOf = ({ spec: { driver, pool } }: ResourceSlice): PoolId => poolId({ driver, pool: pool.name });

/** Slices of one node under its name; those that concern several under ''. */
const slicesByNode = index(['resourceslices.resource.k8s.io'], (_key, { spec }) => [spec.sharedCounters?.length ? '' : (spec.nodeName ?? '')]);
const slicesByPool = index(['resourceslices.resource.k8s.io'], (_key, slice) => [poolOf(slice)]);

function concerns({ spec }: ResourceSlice, node: Node): boolean {
  if (spec.sharedCounters?.length) return true;
  return spec.perDeviceNodeSelection ? (spec.devices ?? []).some((device) => isAt(device, node)) : isAt(spec, node);
}

interface Place {
  readonly nodeName?: string;
  readonly allNodes?: boolean;
  readonly nodeSelector?: NodeSelector;
}

const isAt = ({ nodeName, allNodes, nodeSelector }: Place, node: Node): boolean =>
  allNodes === true || (nodeName ? nodeName === node.metadata.name : nodeSelector !== undefined && matchesNodeSelector(nodeSelector, node));

/** Undefined: another generation of it replaces this one. */
function poolFrom(id: string, ofNode: readonly ResourceSlice[], node: Node, state: State): DevicePool | undefined {
  const generation = Math.max(...ofNode.map(({ spec }) => spec.pool.generation));
  const whole = state.by(slicesByPool, id);
  if (whole.some(({ spec }) => spec.pool.generation > generation)) return undefined;
  const current = (slices: readonly ResourceSlice[]) => slices.filter(({ spec }) => spec.pool.generation === generation);
  const all = current(whole);
  const { name, resourceSliceCount } = ofNode.find(({ spec }) => spec.pool.generation === generation)!.spec.pool;
  if (all.length !== resourceSliceCount) return { id, name, devices: [], allDevices: [], counterSets: [], state: 'incomplete' };
  const slices = current(ofNode).sort((a, b) => compareText(a.metadata.name, b.metadata.name));
  const devices = slices.flatMap(devicesOf);
  const counterSets = all.flatMap(({ spec }) => spec.sharedCounters ?? []);
  const allDevices = all.flatMap(devicesOf);
  const isValid = new Set(devices.map(({ id }) => id)).size === devices.length && allDevices.every((device) => hasCounters(device, counterSets));
  return {
    id,
    name,
    devices: devices.filter(({ of, slice }) => !slice.spec.perDeviceNodeSelection || isAt(of, node)),
    allDevices,
    counterSets,
    state: isValid && new Set(counterSets.map((set) => set.name)).size === counterSets.length ? 'complete' : 'invalid',
  };
}

const devicesOf = (slice: ResourceSlice): Device[] => {
  const { driver, pool, devices = [] } = slice.spec;
  const id = poolOf(slice);
  return devices.map((of) => ({ id: deviceId({ driver, pool: pool.name, device: of.name }), driver, pool: pool.name, poolId: id, of, slice }));
};

const hasCounters = ({ of }: Device, sets: readonly CounterSet[]): boolean =>
  (of.consumesCounters ?? []).every(({ counterSet, counters }) => {
    const set = sets.find(({ name }) => name === counterSet);
    return set !== undefined && Object.keys(counters).every((name) => Object.hasOwn(set.counters, name));
  });

const needsBinding = ({ devices }: DevicePool): boolean => devices.some(({ of }) => of.bindingConditions?.length);

import type { Node, ResourceResourceClaim as ResourceClaim } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import type { View } from '../../state/view.ts';
import { allocate, type Choices } from './allocate.ts';
import { type DevicePool, devicePoolsFor } from './device-pools.ts';
import { devicesInUse, type PoolInUse } from './devices-in-use.ts';

/**
 * What claims would get on a node (allocate.ts), for one of hundreds that a pod is held against. It is found once for all claims that ask for the same, until something of
 * the node's pools is given out or given back.
 */
export function choicesFor(claims: readonly ResourceClaim[], asked: string, { node, state }: { node: Node; state: State }): Choices {
  // What is read is to be noted each time.
  if (state.isObserved) return allocate(claims, node, state);
  const pools = devicePoolsFor(node, state);
  const classes = state.view(classesAsTheyAre);
  const inUse = state.view(devicesInUse);
  const ofPools = known.get(pools) ?? new Map<string, Known>();
  known.set(pools, ofPools);
  const before = ofPools.get(asked);
  if (before?.classes === classes && pools.every(({ id }, i) => inUse.get(id) === before.inUse[i])) return before.choices;
  const choices = allocate(claims, node, state);
  // An error names the claim.
  if (choices.type === 'trouble') return choices;
  if (ofPools.size >= MOST_KNOWN) ofPools.clear();
  ofPools.set(asked, { classes, inUse: pools.map(({ id }) => inUse.get(id)), choices });
  return choices;
}

/** All that claims ask for, as a text. */
export const askedBy = (claims: readonly ResourceClaim[]): string => JSON.stringify(claims.map(({ spec }) => spec.devices));

interface Known {
  readonly classes: object;
  /** Of each pool. */
  readonly inUse: readonly (PoolInUse | undefined)[];
  readonly choices: Choices;
}

/** By the pools of a node, which are others when a slice or the node changes. */
const known = new WeakMap<readonly DevicePool[], Map<string, Known>>();
const MOST_KNOWN = 16;

/** Another object whenever a class changes. */
const classesAsTheyAre: View<object, 'deviceclasses.resource.k8s.io'> = { of: ['deviceclasses.resource.k8s.io'], initial: {}, evolve: () => ({}) };

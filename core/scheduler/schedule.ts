import type { Mutation } from '../apis/mutation.ts';
import type { Random } from '../env.ts';
import { keyOf } from '../kube/object.ts';
import type { Pod } from '../schema/generated/kinds.ts';
import { assume } from '../state/evolve.ts';
import type { State } from '../state/state.ts';
import { compareText } from '../state/tree.ts';
import type { ClusterInfo, NodeFilter, Objection, Plugin, Reservation } from './framework.ts';
import type { NodeInfo } from './node-info.ts';
import { positionOf, roomOfNode } from './node-infos.ts';
import { addNormalized, NodeVerdicts } from './node-verdicts.ts';
import { type PodInfo, podInfoOf } from './pod-info.ts';
import { unschedulableMessage } from './unschedulable.ts';

export type Placement =
  /** `reserved`: what has to be written along with the binding. */
  | { readonly type: 'placed'; readonly pod: Pod; readonly node: string; readonly reserved: readonly Mutation[] }
  | { readonly type: 'unschedulable'; readonly pod: Pod; readonly message: string };

interface Cycle {
  readonly cluster: ClusterInfo;
  readonly plugins: readonly Plugin[];
  readonly random: Random;
}

interface ScheduleOptions extends Cycle {
  /** The state as a pod's own decision is to see it, so that what that rests on is noted. */
  readonly seenBy: (pod: Pod, state: State) => State;
}

/**
 * Places pods one after the other, each seeing those placed before it, for as long as the caller takes placements.
 * The list of nodes in `cluster` and its state are updated as it goes.
 *
 * A placement rests on the node that was chosen, on what is left of its room, and on all that plugins read of the state; on the other nodes it does not: they may
 * have become better, and it is still right. That a pod is unschedulable is told of the moment, and looked at again when that changes (queueing-hints.ts).
 */
export function* schedule(pods: Iterable<Pod>, { cluster, plugins, random, seenBy }: ScheduleOptions): Generator<Placement> {
  let start = 0;
  const alike = new Alike();
  for (const pod of pods) {
    const info = podInfoOf(pod);
    const known = alike.messageFor(info);
    if (known !== undefined) {
      yield { type: 'unschedulable', pod, message: known };
      continue;
    }
    const seen: ClusterInfo = { ...cluster, state: seenBy(pod, cluster.state) };
    const cycle = { cluster: seen, plugins, random };
    const found = feasibleNodes(info, { ...cycle, start });
    if (found.type === 'none') {
      alike.remember(info, found.message);
      yield { type: 'unschedulable', pod, message: found.message };
      continue;
    }
    start = found.next;
    const position = best(info, found, cycle);
    const node = cluster.nodes[position]!;
    const reserved = plugins.flatMap((plugin) => plugin.reserve?.(info, node, seen) ?? []);
    seen.state.get('nodes', undefined, node.name);
    seen.state.keepWithin(roomOfNode, node.name);
    if (seen.state.isObserved) {
      for (const plugin of plugins) {
        const condition = plugin.restsOn?.(info, node, seen);
        if (condition) seen.state.restOn(condition);
      }
    }
    cluster.state = withReservations(cluster.state, reserved);
    cluster.nodes[position] = node.plus(info);
    cluster.changed.push(position);
    alike.forget();
    yield { type: 'placed', pod, node: node.name, reserved };
  }
}

/** What the pods after it see of what was reserved for one. */
export const withReservations = (state: State, reservations: readonly Reservation[]): State =>
  reservations.reduce((after, { resource, object }) => assume(after, keyOf(resource, object.metadata.namespace, object.metadata.name), object), state);

/** By priority, then by age, as kube-scheduler's queue has them (the PrioritySort plugin). */
export const inOrder = (pods: readonly Pod[]): Pod[] =>
  [...pods].sort(
    (a, b) =>
      (b.spec?.priority ?? 0) - (a.spec?.priority ?? 0) ||
      compareText(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '') ||
      Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion),
  );

type FeasibleNodes = Feasible | { readonly type: 'none'; readonly message: string };

interface Feasible {
  readonly type: 'some';
  /** Where they stand in the list. */
  readonly positions: readonly number[];
  readonly verdicts: NodeVerdicts;
  readonly next: number;
}

/**
 * The nodes that can take the pod, looked at round-robin from `start`. In large clusters not all of them are looked for
 * (kube-scheduler's percentageOfNodesToScore): with thousands of feasible nodes, hundreds are enough to choose a good one.
 */
function feasibleNodes(info: PodInfo, { cluster, plugins, start }: Cycle & { start: number }): FeasibleNodes {
  const { nodes: all } = cluster;
  if (all.length === 0) return { type: 'none', message: 'no nodes available to schedule pods' };
  const narrowed = preFilter(info, cluster, plugins);
  if (narrowed.type === 'impossible') return { type: 'none', message: `0/${all.length} nodes are available: ${narrowed.reason}.` };
  const { candidates, excludedBy, filters, verdicts } = narrowed;
  const count = candidates?.length ?? all.length;
  const enough = feasibleNodesToFind(count);
  const positions: number[] = [];
  const objections = new Map<NodeInfo, Objection>();
  let looked = 0;
  for (; looked < count && positions.length < enough; looked++) {
    const place = (start + looked) % count;
    const position = candidates ? candidates[place]! : place;
    const node = all[position]!;
    const objection = verdicts.objectionTo(node, position, cluster) ?? firstObjection(node, position, filters);
    if (!objection) positions.push(position);
    // Once there is a node, why others are none is not told.
    else if (positions.length === 0) objections.set(node, objection);
  }
  if (positions.length > 0) return { type: 'some', positions, verdicts, next: (start + looked) % all.length };
  return { type: 'none', message: unschedulableMessage({ info, count: all.length, objections, excluded: all.length - count, excludedBy }) };
}

type Narrowed =
  | { readonly type: 'impossible'; readonly reason: string }
  | {
      readonly type: 'narrowed';
      /** Where those stand in the list that come into question; undefined: all do. */
      readonly candidates: readonly number[] | undefined;
      readonly excludedBy: readonly string[];
      /** What local plugins say, and the filters of the others. */
      readonly verdicts: NodeVerdicts;
      readonly filters: readonly NodeFilter[];
    };

/** Which nodes come into question at all, and which filters they have to pass. */
function preFilter(info: PodInfo, cluster: ClusterInfo, plugins: readonly Plugin[]): Narrowed {
  let names: ReadonlySet<string> | undefined;
  const excludedBy: string[] = [];
  const local: Plugin[] = [];
  const filters: NodeFilter[] = [];
  for (const plugin of plugins) {
    const { name, filter } = plugin;
    const result = plugin.preFilter?.(info, cluster);
    if (result?.type === 'impossible') return result;
    if (result?.type === 'nodes') {
      names = names?.intersection(result.names) ?? result.names;
      excludedBy.push(name);
    }
    if (result?.type === 'skip') continue;
    if (result?.type === 'filter') filters.push(result.filter);
    else if (plugin.local) local.push(plugin);
    else if (filter) filters.push((node) => filter(info, node, cluster));
  }
  const make = () => new NodeVerdicts(info, { filtering: local, scoring: plugins.filter(({ local }) => local) });
  const verdicts = cluster.kept.verdictsOf(plugins).get(info.demands, make).for(cluster);
  return { type: 'narrowed', candidates: names && positionsOf(names, cluster), excludedBy, verdicts, filters };
}

/** Of those of the nodes that there are, in their order. Each is looked up: a pod of a DaemonSet names one node of thousands. */
const positionsOf = (names: ReadonlySet<string>, { nodes }: ClusterInfo): number[] =>
  [...names]
    .map((name) => positionOf(name, nodes))
    .filter((position) => position !== -1)
    .sort((a, b) => a - b);

function firstObjection(node: NodeInfo, position: number, filters: readonly NodeFilter[]): Objection | undefined {
  for (const filter of filters) {
    const objection = filter(node, position);
    if (objection) return objection;
  }
  return undefined;
}

function feasibleNodesToFind(count: number): number {
  if (count < 100) return count;
  const percentage = Math.max(5, 50 - Math.floor(count / 125));
  return Math.max(100, Math.floor((count * percentage) / 100));
}

/** Where a node of the highest score stands; of several, any. */
function best(info: PodInfo, { positions, verdicts }: Feasible, { cluster, plugins, random }: Cycle): number {
  if (positions.length === 1) return positions[0]!;
  const totals = new Float64Array(positions.length);
  verdicts.addScores(totals, positions, cluster);
  for (const { score } of plugins) {
    const of = score?.among?.(info, cluster, positions);
    if (!of) continue;
    const scores = new Float64Array(positions.length);
    for (let i = 0; i < positions.length; i++) scores[i] = of(cluster.nodes[positions[i]!]!, positions[i]!);
    addNormalized(totals, scores, score!);
  }
  return positions[oneOfTheHighest(totals, random)]!;
}

/** Which of the highest totals it is to be: any, with the same chance. */
function oneOfTheHighest(totals: Float64Array, random: Random): number {
  let highest = Number.NEGATIVE_INFINITY;
  let count = 0;
  for (let i = 0; i < totals.length; i++) {
    const total = totals[i]!;
    if (total < highest) continue;
    count = total > highest ? 1 : count + 1;
    highest = total;
  }
  let nth = Math.floor(random.next() * count);
  let i = 0;
  while (totals[i] !== highest || nth-- > 0) i++;
  return i;
}

/**
 * Pods that ask for the same as one that fits nowhere fit nowhere either, as long as nothing was placed: thousands of them (the rest of a
 * Deployment that is too large) get the same message without another look at every node. Claims are each pod's own.
 */
class Alike {
  readonly #messages = new Map<string, string>();

  messageFor(info: PodInfo): string | undefined {
    return this.#messages.size === 0 || info.claims.length > 0 ? undefined : this.#messages.get(allDemandsOf(info));
  }

  remember(info: PodInfo, message: string): void {
    if (info.claims.length === 0) this.#messages.set(allDemandsOf(info), message);
  }

  forget(): void {
    this.#messages.clear();
  }
}

/** All that the place of a pod can depend on. */
function allDemandsOf({ pod, kind: { namespace, labels }, demands }: PodInfo): string {
  const { affinity, topologySpreadConstraints, priority, preemptionPolicy } = pod.spec!;
  return JSON.stringify([demands, namespace, labels, affinity, topologySpreadConstraints, priority, preemptionPolicy]);
}

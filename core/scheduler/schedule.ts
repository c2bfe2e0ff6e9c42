import type { Mutation } from '../apis/mutation.ts';
import type { Random } from '../env.ts';
import { keyOf } from '../kube/object.ts';
import type { Pod } from '../schema/generated/kinds.ts';
import { assume } from '../state/evolve.ts';
import type { State } from '../state/state.ts';
import { compareText } from '../state/tree.ts';
import type { ClusterInfo, Objection, Plugin, Reservation } from './framework.ts';
import type { NodeInfo } from './node-info.ts';
import { positionOf, roomOfNode } from './node-infos.ts';
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
    const seen: ClusterInfo = { nodes: cluster.nodes, state: seenBy(pod, cluster.state) };
    const cycle = { cluster: seen, plugins, random };
    const found = feasibleNodes(info, { ...cycle, start });
    if (found.type === 'none') {
      alike.remember(info, found.message);
      yield { type: 'unschedulable', pod, message: found.message };
      continue;
    }
    start = found.next;
    const node = best(info, found.nodes, cycle);
    const reserved = plugins.flatMap((plugin) => plugin.reserve?.(info, node, seen) ?? []);
    seen.state.get('nodes', undefined, node.name);
    seen.state.keepWithin(roomOfNode, node.name);
    cluster.state = withReservations(cluster.state, reserved);
    cluster.nodes[positionOf(node.name, cluster.nodes)] = node.plus(info);
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

type FeasibleNodes = { readonly type: 'some'; readonly nodes: NodeInfo[]; readonly next: number } | { readonly type: 'none'; readonly message: string };

/**
 * The nodes that can take the pod, looked at round-robin from `start`. In large clusters not all of them are looked for
 * (kube-scheduler's percentageOfNodesToScore): with thousands of feasible nodes, hundreds are enough to choose a good one.
 */
function feasibleNodes(info: PodInfo, { cluster, plugins, start }: Cycle & { start: number }): FeasibleNodes {
  const { nodes: all } = cluster;
  if (all.length === 0) return { type: 'none', message: 'no nodes available to schedule pods' };
  const narrowed = preFilter(info, cluster, plugins);
  if (narrowed.type === 'impossible') return { type: 'none', message: `0/${all.length} nodes are available: ${narrowed.reason}.` };
  const { candidates, excludedBy, filters } = narrowed;
  const enough = feasibleNodesToFind(candidates.length);
  const nodes: NodeInfo[] = [];
  const objections = new Map<NodeInfo, Objection>();
  let looked = 0;
  for (; looked < candidates.length && nodes.length < enough; looked++) {
    const node = candidates[(start + looked) % candidates.length]!;
    const objection = firstObjection(info, node, cluster, filters);
    if (objection) objections.set(node, objection);
    else nodes.push(node);
  }
  if (nodes.length > 0) return { type: 'some', nodes, next: (start + looked) % all.length };
  return { type: 'none', message: unschedulableMessage({ info, count: all.length, objections, excluded: all.length - candidates.length, excludedBy }) };
}

type Filter = NonNullable<Plugin['filter']>;

type Narrowed =
  | { readonly type: 'impossible'; readonly reason: string }
  | { readonly type: 'narrowed'; readonly candidates: readonly NodeInfo[]; readonly excludedBy: readonly string[]; readonly filters: readonly Filter[] };

/** Which nodes come into question at all, and which filters they have to pass. */
function preFilter(info: PodInfo, cluster: ClusterInfo, plugins: readonly Plugin[]): Narrowed {
  let names: ReadonlySet<string> | undefined;
  const excludedBy: string[] = [];
  const filters: Filter[] = [];
  for (const { name, preFilter, filter } of plugins) {
    const result = preFilter?.(info, cluster);
    if (result?.type === 'impossible') return result;
    if (filter && result?.type !== 'skip') filters.push(filter);
    if (result?.type !== 'nodes') continue;
    names = names?.intersection(result.names) ?? result.names;
    excludedBy.push(name);
  }
  return { type: 'narrowed', candidates: names ? nodesNamed(names, cluster) : cluster.nodes, excludedBy, filters };
}

/** Those of the nodes that there are, in their order. Each is looked up: a pod of a DaemonSet names one node of thousands. */
const nodesNamed = (names: ReadonlySet<string>, { nodes }: ClusterInfo): NodeInfo[] =>
  [...names]
    .map((name) => positionOf(name, nodes))
    .filter((position) => position !== -1)
    .sort((a, b) => a - b)
    .map((position) => nodes[position]!);

function firstObjection(info: PodInfo, node: NodeInfo, cluster: ClusterInfo, filters: readonly Filter[]): Objection | undefined {
  for (const filter of filters) {
    const objection = filter(info, node, cluster);
    if (objection) return objection;
  }
  return undefined;
}

function feasibleNodesToFind(count: number): number {
  if (count < 100) return count;
  const percentage = Math.max(5, 50 - Math.floor(count / 125));
  return Math.max(100, Math.floor((count * percentage) / 100));
}

function best(info: PodInfo, nodes: readonly NodeInfo[], { cluster, plugins, random }: Cycle): NodeInfo {
  if (nodes.length === 1) return nodes[0]!;
  const totals = new Array<number>(nodes.length).fill(0);
  for (const { score } of plugins) {
    if (!score || score.concerns?.(info) === false) continue;
    const raw = nodes.map((node) => score.of(info, node, cluster));
    const max = raw.reduce((a, b) => Math.max(a, b));
    for (let i = 0; i < raw.length; i++) totals[i]! += score.weight * normalized(raw[i]!, max, score.normalize);
  }
  const highest = totals.reduce((a, b) => Math.max(a, b));
  const top = nodes.filter((_, i) => totals[i] === highest);
  return top[Math.floor(random.next() * top.length)]!;
}

function normalized(value: number, max: number, how: 'none' | 'proportional' | 'reversed'): number {
  if (how === 'none') return value;
  const proportion = max === 0 ? 0 : (100 * value) / max;
  return how === 'proportional' ? proportion : 100 - proportion;
}

/**
 * Pods that ask for the same as one that fits nowhere fit nowhere either, as long as nothing was placed: thousands of them (the rest of a
 * Deployment that is too large) get the same message without another look at every node. Claims are each pod's own.
 */
class Alike {
  readonly #messages = new Map<string, string>();

  messageFor(info: PodInfo): string | undefined {
    return this.#messages.size === 0 || info.claims.length > 0 ? undefined : this.#messages.get(demandsOf(info));
  }

  remember(info: PodInfo, message: string): void {
    if (info.claims.length === 0) this.#messages.set(demandsOf(info), message);
  }

  forget(): void {
    this.#messages.clear();
  }
}

/** All that the place of a pod can depend on. */
function demandsOf({ pod, requests, hostPorts }: PodInfo): string {
  const { nodeSelector, affinity, tolerations, topologySpreadConstraints, priority, preemptionPolicy } = pod.spec!;
  const { namespace, labels } = pod.metadata;
  return JSON.stringify([namespace, labels, requests, hostPorts, nodeSelector, affinity, tolerations, topologySpreadConstraints, priority, preemptionPolicy]);
}

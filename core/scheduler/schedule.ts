import type { Mutation } from '../apis/mutation.ts';
import type { Random } from '../env.ts';
import { type Key, keyOf } from '../kube/object.ts';
import type { PlacementReasons } from '../log/event.ts';
import type { Pod } from '../schema/generated/kinds.ts';
import { assume } from '../state/evolve.ts';
import type { State } from '../state/state.ts';
import { compareText } from '../state/tree.ts';
import { demandsOf, isItsOwn } from './demands.ts';
import type { ClusterInfo, Diagnosis, Objection, Plugin, Reservation } from './framework.ts';
import type { NodeInfo } from './node-info.ts';
import { positionOf, roomOfNode } from './node-infos.ts';
import { type Nominations, nominatedBefore, nominatedBelow, nominations, podKey } from './nominations.ts';
import { bestScores, FilteredNodes, type PluginObjection } from './placement-reasons.ts';
import { type PodInfo, podInfoOf } from './pod-info.ts';
import { postFiltered, type Unplaced } from './post-filter.ts';
import { spentFor } from './preemption/budgets.ts';
import { KnownVictims } from './preemption/known-victims.ts';
import { renounced, withNomination } from './preemption/preempt.ts';
import { WhatIf } from './what-if.ts';

export type Placement =
  /** `reserved`: what has to be written along with the binding. */
  | { readonly type: 'placed'; readonly pod: Pod; readonly node: string; readonly reserved: readonly Mutation[]; readonly reasons: PlacementReasons }
  /** `displaced`: the pods that are no more nominated for the node that it waits for. */
  | ({ readonly type: 'unschedulable'; readonly pod: Pod; readonly displaced: readonly Pod[]; readonly rejectors: ReadonlySet<string> } & Unplaced);

interface Cycle {
  readonly cluster: ClusterInfo;
  readonly plugins: readonly Plugin[];
  readonly random: Random;
  /** The pods for which room is being made. */
  readonly nominated: Nominations;
}

interface ScheduleOptions extends Omit<Cycle, 'nominated' | 'plugins'> {
  readonly pluginsFor: (pod: Pod) => readonly Plugin[];
  /** The cluster's time, ms since the epoch. */
  readonly now: number;
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
export function* schedule(pods: Iterable<Pod>, { cluster, pluginsFor, random, now, seenBy }: ScheduleOptions): Generator<Placement> {
  let start = 0;
  const alike = new Alike();
  const victims = new KnownVictims();
  /** The pods that are written in this pass already, as they are then. */
  const displaced = new Map<Key, Pod>();
  for (const given of pods) {
    const pod = displaced.get(podKey(given)) ?? given;
    const info = podInfoOf(pod);
    const plugins = pluginsFor(pod);
    const known = alike.for(info);
    if (known !== undefined) {
      yield { type: 'unschedulable', pod, displaced: [], ...known };
      continue;
    }
    const seen: ClusterInfo = { nodes: cluster.nodes, state: seenBy(pod, cluster.state) };
    const cycle = { cluster: seen, plugins, random, nominated: cluster.state.view(nominations) };
    const found = feasibleNodes(info, { ...cycle, start });
    if (found.type === 'none') {
      const unplaced = unplacedFor(info, found.diagnosis, { ...cycle, cluster, now, victims });
      yield { type: 'unschedulable', pod, ...unplaced };
      if (unplaced.nomination.type === 'node') {
        // As for all that the pod rests on: when one of those has gone meanwhile, or has become another, it is decided again.
        for (const { metadata } of unplaced.nomination.victims) seen.state.get('pods', metadata.namespace, metadata.name);
        for (const other of unplaced.displaced) displaced.set(podKey(other), renounced(other));
        const isBudgeted = spentFor(unplaced.nomination.victims, cluster.state).length > 0;
        victims.forget(isBudgeted ? undefined : unplaced.nomination.node);
        cluster.state = withNomination(cluster.state, pod, unplaced.nomination, unplaced.displaced);
      }
      cluster.state = withReservations(cluster.state, unplaced.released);
      if (unplaced.nomination.type === 'node' || unplaced.released.length > 0) alike.forget();
      else alike.remember(info, { ...unplaced, rejectors: found.diagnosis.rejectors });
      continue;
    }
    start = found.next;
    const { node, scores } = best(info, found.nodes, cycle);
    const reserved = plugins.flatMap((plugin) => plugin.reserve?.(info, node, seen) ?? []);
    seen.state.get('nodes', undefined, node.name);
    seen.state.keepWithin(roomOfNode, node.name);
    cluster.state = withReservations(cluster.state, reserved);
    cluster.nodes[positionOf(node.name, cluster.nodes)] = node.plus(info);
    // What pods share beyond their node is looked up by what they claim.
    if (isItsOwn(info)) cluster.state = assume(cluster.state, info.key, boundTo(node.name, pod));
    alike.forget();
    victims.forget();
    yield { type: 'placed', pod, node: node.name, reserved, reasons: { ...found.filtered.reasons, ...(scores && { best: scores }) } };
  }
}

const boundTo = (nodeName: string, pod: Pod): Pod => ({ ...pod, spec: { ...pod.spec!, nodeName } });

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

type FeasibleNodes =
  | { readonly type: 'some'; readonly nodes: NodeInfo[]; readonly next: number; readonly filtered: FilteredNodes }
  | { readonly type: 'none'; readonly diagnosis: Diagnosis };

/**
 * The nodes that can take the pod, looked at round-robin from `start`; only the one that it is nominated for, if that can. In large clusters not all of them are looked
 * for (kube-scheduler's percentageOfNodesToScore): with thousands of feasible nodes, hundreds are enough to choose a good one.
 */
function feasibleNodes(info: PodInfo, { cluster, plugins, nominated, start }: Cycle & { start: number }): FeasibleNodes {
  const { nodes: all } = cluster;
  if (all.length === 0) return { type: 'none', diagnosis: NO_NODES };
  const narrowed = preFilter(info, cluster, plugins);
  if (narrowed.type === 'impossible') return { type: 'none', diagnosis: { ...narrowed, count: all.length, reasons: new Map(), resolvable: [] } };
  const { candidates, excludedBy, filters } = narrowed;
  const hoped = all[positionOf(info.pod.status?.nominatedNodeName ?? '', all)];
  const filtered = new FilteredNodes();
  if (hoped && !firstObjection(info, hoped, cluster, filters, nominated)) return { type: 'some', nodes: [hoped], next: start, filtered };
  const enough = feasibleNodesToFind(candidates.length);
  const nodes: NodeInfo[] = [];
  const resolvable: NodeInfo[] = [];
  let looked = 0;
  for (; looked < candidates.length && nodes.length < enough; looked++) {
    const node = candidates[(start + looked) % candidates.length]!;
    const objection = firstObjection(info, node, cluster, filters, nominated);
    if (!objection) {
      nodes.push(node);
      continue;
    }
    if (objection.isError) {
      const failure = `running ${JSON.stringify(objection.plugin)} filter plugin: ${objection.reasons.join(', ')}`;
      return { type: 'none', diagnosis: { ...NO_NODES, count: all.length, failure, rejectors: new Set([objection.plugin]) } };
    }
    filtered.add(node.name, objection);
    if (objection.resolvable) resolvable.push(node);
  }
  if (nodes.length > 0) return { type: 'some', nodes, next: (start + looked) % all.length, filtered };
  filtered.exclude(all.length - candidates.length, excludedBy);
  return { type: 'none', diagnosis: { count: all.length, reasons: filtered.counts, resolvable, rejectors: filtered.plugins } };
}

const NO_NODES: Diagnosis = { count: 0, reasons: new Map(), resolvable: [], rejectors: new Set() };

/** What is done for a pod that no node can take, and told of it. */
function unplacedFor(
  info: PodInfo,
  diagnosis: Diagnosis,
  cycle: Cycle & { now: number; victims: KnownVictims },
): Unplaced & Pick<Placement & { type: 'unschedulable' }, 'displaced' | 'rejectors'> {
  const { rejectors, failure } = diagnosis;
  if (failure !== undefined) return { message: failure, isError: true, nomination: { type: 'cleared' }, released: [], displaced: [], rejectors };
  if (diagnosis.count === 0) {
    return { message: 'no nodes available to schedule pods', nomination: { type: 'cleared' }, released: [], displaced: [], rejectors };
  }
  const objectionOn = (pod: Pod, node: NodeInfo, cluster: ClusterInfo) => whyNotOn(podInfoOf(pod), node, { ...cycle, cluster });
  const unplaced = postFiltered(info, diagnosis, { ...cycle, objectionOn });
  const { nomination } = unplaced;
  const displaced = nomination.type === 'node' ? nominatedBelow(info.priority, nomination.node, cycle.nominated) : [];
  return { ...unplaced, displaced, rejectors };
}

/** Why a pod cannot run on a node; undefined: it can. */
export function whyNotOn(info: PodInfo, node: NodeInfo, { cluster, plugins, nominated }: Omit<Cycle, 'random'>): Objection | undefined {
  const narrowed = preFilter(info, cluster, plugins);
  if (narrowed.type === 'impossible') return { reasons: [narrowed.impossible], resolvable: false };
  if (narrowed.names && !narrowed.names.has(node.name)) {
    return { reasons: [`node(s) didn't satisfy plugin(s) [${narrowed.excludedBy.toSorted().join(' ')}]`], resolvable: false };
  }
  return firstObjection(info, node, cluster, narrowed.filters, nominated);
}

interface NamedFilter {
  readonly plugin: string;
  readonly filter: NonNullable<Plugin['filter']>;
}

type Narrowed =
  | { readonly type: 'impossible'; readonly impossible: string; readonly unreached: ReadonlySet<string>; readonly rejectors: ReadonlySet<string> }
  | {
      readonly type: 'narrowed';
      /** The nodes that alone come into question; none: all do. */
      readonly names: ReadonlySet<string> | undefined;
      readonly candidates: readonly NodeInfo[];
      readonly excludedBy: readonly string[];
      readonly filters: readonly NamedFilter[];
    };

/** Which nodes come into question at all, and which filters they have to pass. */
function preFilter(info: PodInfo, cluster: ClusterInfo, plugins: readonly Plugin[]): Narrowed {
  let names: ReadonlySet<string> | undefined;
  const excludedBy: string[] = [];
  const filters: NamedFilter[] = [];
  const impossible = (reason: string, rejectors: readonly string[], after: number): Narrowed => {
    const unreached = new Set(plugins.slice(after + 1).map(({ name }) => name));
    return { type: 'impossible', impossible: reason, rejectors: new Set(rejectors), unreached };
  };
  for (const [i, { name, preFilter, filter }] of plugins.entries()) {
    const result = preFilter?.(info, cluster);
    if (result?.type === 'impossible') return impossible(result.reason, [name], i);
    if (filter && result?.type !== 'skip') filters.push({ plugin: name, filter });
    if (result?.type !== 'nodes') continue;
    names = names?.intersection(result.names) ?? result.names;
    excludedBy.push(name);
    if (names.size > 0) continue;
    const [first, ...others] = excludedBy.toSorted();
    return impossible(
      `node(s) didn't satisfy plugin${others.length > 0 ? `(s) [${[first, ...others].join(' ')}] simultaneously` : ` ${first}`}`,
      excludedBy,
      i,
    );
  }
  return { type: 'narrowed', names, candidates: names ? nodesNamed(names, cluster) : cluster.nodes, excludedBy, filters };
}

/** Those of the nodes that there are, in their order. Each is looked up: a pod of a DaemonSet names one node of thousands. */
const nodesNamed = (names: ReadonlySet<string>, { nodes }: ClusterInfo): NodeInfo[] =>
  [...names]
    .map((name) => positionOf(name, nodes))
    .filter((position) => position !== -1)
    .sort((a, b) => a - b)
    .map((position) => nodes[position]!);

/**
 * Why a pod cannot run on a node. Pods that are nominated for it, and that the pod has to leave room for, may come there or not: it has to fit in both cases
 * (RunFilterPluginsWithNominatedPods).
 */
function firstObjection(
  info: PodInfo,
  node: NodeInfo,
  cluster: ClusterInfo,
  filters: readonly NamedFilter[],
  nominated: Nominations,
): PluginObjection | undefined {
  const objection = objectionOf(info, node, cluster, filters);
  if (objection || nominated.size === 0) return objection;
  const before = nominatedBefore(info, node, nominated);
  if (before.length === 0) return undefined;
  const whatIf = new WhatIf(cluster, node, { and: before.map(({ pod }) => pod) });
  // What plugins have noted of the pod in the cluster as it is does not hold there.
  return objectionOf({ ...info }, whatIf.node, whatIf, filters);
}

function objectionOf(info: PodInfo, node: NodeInfo, cluster: ClusterInfo, filters: readonly NamedFilter[]): PluginObjection | undefined {
  for (const { plugin, filter } of filters) {
    const objection = filter(info, node, cluster);
    if (objection) return { ...objection, plugin };
  }
  return undefined;
}

function feasibleNodesToFind(count: number): number {
  if (count < 100) return count;
  const percentage = Math.max(5, 50 - Math.floor(count / 125));
  return Math.max(100, Math.floor((count * percentage) / 100));
}

/** One of the nodes with the highest score; and, where there is a choice, the scores of the best. */
function best(info: PodInfo, nodes: readonly NodeInfo[], cycle: Omit<Cycle, 'nominated'>): { node: NodeInfo; scores?: PlacementReasons['best'] } {
  if (nodes.length === 1) return { node: nodes[0]! };
  const totals = new Array<number>(nodes.length).fill(0);
  for (const { scores } of scoresOf(info, nodes, cycle)) for (let i = 0; i < totals.length; i++) totals[i]! += scores[i]!;
  const highest = totals.reduce((a, b) => Math.max(a, b));
  const top = nodes.filter((_, i) => totals[i] === highest);
  const node = top[Math.floor(cycle.random.next() * top.length)]!;
  return { node, scores: bestScores(node, nodes, totals) };
}

/** What each plugin has nodes score, its weight counted in. */
export function scoresOf(
  info: PodInfo,
  nodes: readonly NodeInfo[],
  { cluster, plugins }: Pick<Cycle, 'cluster' | 'plugins'>,
): { readonly plugin: string; readonly scores: readonly number[] }[] {
  return plugins.flatMap(({ name, score }) => {
    if (!score || score.concerns?.(info) === false) return [];
    const raw = nodes.map((node) => score.of(info, node, cluster));
    const max = raw.reduce((a, b) => Math.max(a, b), 0);
    return [{ plugin: name, scores: raw.map((value) => score.weight * normalized(value, max, score.normalize)) }];
  });
}

function normalized(value: number, max: number, how: 'none' | 'proportional' | 'reversed'): number {
  if (how === 'none') return value;
  const proportion = max === 0 ? 0 : (100 * value) / max;
  return how === 'proportional' ? proportion : 100 - proportion;
}

type Told = Pick<Placement & { type: 'unschedulable' }, 'message' | 'isError' | 'nomination' | 'released' | 'rejectors'>;

/**
 * Pods that ask for the same as one that fits nowhere fit nowhere either, as long as nothing was placed and no room made: thousands of them (the rest of a
 * Deployment that is too large) are told the same without another look at every node. Claims are each pod's own, and so is the node that it is nominated for.
 */
class Alike {
  readonly #told = new Map<string, Told>();

  for(info: PodInfo): Told | undefined {
    return this.#told.size === 0 || isItsOwn(info) ? undefined : this.#told.get(demandsOf(info));
  }

  remember(info: PodInfo, told: Told): void {
    if (!isItsOwn(info)) this.#told.set(demandsOf(info), told);
  }

  forget(): void {
    this.#told.clear();
  }
}

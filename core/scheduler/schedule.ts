import type { Mutation } from '../apis/mutation.ts';
import type { Random } from '../env.ts';
import { type Key, keyOf } from '../kube/object.ts';
import type { PlacementReasons } from '../log/event.ts';
import type { Pod } from '../schema/generated/kinds.ts';
import { assume } from '../state/evolve.ts';
import type { State } from '../state/state.ts';
import { compareText } from '../state/tree.ts';
import { Alike } from './alike.ts';
import { bestNode } from './best-node.ts';
import { replaceNode } from './cluster-info.ts';
import { resourcesOfDevices } from './dynamic-resources/extended-resources.ts';
import { hasExclusiveVolume } from './exclusive-volumes.ts';
import { feasibleNodes } from './feasible-nodes.ts';
import type { ClusterInfo, Diagnosis, Plugin, PostFilterContext, Reservation } from './framework.ts';
import { roomOfNode } from './node-infos.ts';
import { nominatedBelow, nominations, podKey } from './nominations.ts';
import { type Cycle, objectionBesideNominated, whyNotOn } from './objections.ts';
import { type PodInfo, podInfoOf } from './pod-info.ts';
import { postFiltered, type Unplaced } from './post-filter.ts';
import { firstObjection } from './pre-filter.ts';
import { spentFor } from './preemption/budgets.ts';
import { KnownVictims } from './preemption/known-victims.ts';
import { renounced, withNomination } from './preemption/preempt.ts';
import { inWhatIf } from './what-if.ts';

export type Placement =
  /** `reserved`: what has to be written along with the binding. */
  | { readonly type: 'placed'; readonly pod: Pod; readonly node: string; readonly reserved: readonly Mutation[]; readonly reasons: PlacementReasons }
  | ({ readonly type: 'unschedulable'; readonly pod: Pod } & Waiting);

interface Waiting extends Unplaced {
  /** The pods that are no more nominated for the node that it waits for. */
  readonly displaced: readonly Pod[];
  /** The plugins that rejected it. */
  readonly rejectors: ReadonlySet<string>;
}

interface ScheduleOptions {
  readonly cluster: ClusterInfo;
  readonly pluginsFor: (pod: Pod) => readonly Plugin[];
  readonly random: Random;
  /** The cluster's time, ms since the epoch. */
  readonly now: number;
  /** The state as a pod's own decision is to see it, so that what that rests on is noted. */
  readonly seenBy: (pod: Pod, state: State) => State;
}

/**
 * Places pods one after the other, each seeing those placed before it, for as long as the caller takes placements.
 * The list of nodes in `cluster` and its state are updated as it goes.
 *
 * A placement rests on the node that was chosen, on what is left of its room, and on what plugins read of the state for the pod and for that node; on the other nodes it
 * does not: they may have become better, and it is still right. That a pod is unschedulable is told of the moment, and looked at again when that changes (queueing-hints.ts).
 */
export function* schedule(pods: Iterable<Pod>, { cluster, pluginsFor, random, now, seenBy }: ScheduleOptions): Generator<Placement> {
  let start = 0;
  const alike = new Alike<Waiting>();
  const victims = new KnownVictims();
  /** The pods that are written in this pass already, as they are then. */
  const displaced = new Map<Key, Pod>();
  for (const given of pods) {
    const pod = displaced.get(podKey(given)) ?? given;
    const info = podInfoOf(pod, resourcesOfDevices(pod, cluster.state));
    const known = alike.for(info);
    if (known !== undefined) {
      yield { type: 'unschedulable', pod, ...known };
      continue;
    }
    const plugins = pluginsFor(pod);
    if (cluster.changed.length > MOST_CHANGED) cluster.changed = [];
    const seen: ClusterInfo = { ...cluster, state: seenBy(pod, cluster.state) };
    const cycle = { cluster, plugins, nominated: cluster.state.view(nominations) };
    const found = feasibleNodes(info, cycle, { seen, start });
    if (found.type === 'none') {
      const waiting = waitingFor(info, found.diagnosis, { ...cycle, random, now, victims });
      const { nomination, released } = waiting;
      yield { type: 'unschedulable', pod, ...waiting };
      if (nomination.type === 'node') {
        // As for all that the pod rests on: when one of those has gone meanwhile, or has become another, it is decided again.
        for (const { metadata } of nomination.victims) seen.state.get('pods', metadata.namespace, metadata.name);
        for (const other of waiting.displaced) displaced.set(podKey(other), renounced(other));
        const isBudgeted = spentFor(nomination.victims, cluster.state).length > 0;
        victims.forget(isBudgeted ? undefined : nomination.node);
        cluster.state = withNomination(cluster.state, pod, nomination, waiting.displaced);
      }
      cluster.state = withReservations(cluster.state, released);
      if (nomination.type === 'node' || released.length > 0) alike.forget();
      else alike.remember(info, waiting);
      continue;
    }
    start = found.next;
    const { position, scores } = bestNode(info, found, { ...cycle, random });
    const node = cluster.nodes[position]!;
    const reserved: Reservation[] = [];
    for (const plugin of plugins) if (plugin.reserve) reserved.push(...plugin.reserve(info, node, seen));
    seen.state.get('nodes', undefined, node.name);
    seen.state.keepWithin(roomOfNode, node.name);
    if (seen.state.isObserved) {
      // Looked at once more, so that what its filters read is noted.
      void (firstObjection(found.filters, position, seen) ?? objectionBesideNominated(info, node, { ...cycle, cluster: seen }));
      for (const plugin of plugins) {
        const condition = plugin.restsOn?.(info, node, seen);
        if (condition) seen.state.restOn(condition);
      }
    }
    cluster.state = withReservations(cluster.state, reserved);
    replaceNode(cluster, position, node.plus(info));
    // What no sum of a node says of it: that others cannot have its volumes, and that no room is made for it any more.
    if (pod.status?.nominatedNodeName !== undefined || hasExclusiveVolume(info, cluster.state))
      cluster.state = assume(cluster.state, info.key, boundTo(node.name, pod));
    alike.forget();
    victims.forget();
    yield { type: 'placed', pod, node: node.name, reserved, reasons: { ...found.filtered.reasons, ...(scores && { best: scores }) } };
  }
}

/** How many changes of nodes are followed one by one: what-ifs make many. */
const MOST_CHANGED = 100_000;

const boundTo = (nodeName: string, pod: Pod): Pod => ({ ...pod, spec: { ...pod.spec!, nodeName } });

/** What the pods after it see of what was reserved for one. */
export const withReservations = (state: State, reservations: readonly Reservation[]): State =>
  reservations.reduce((after, reservation) => {
    const { namespace, name } = reservation.type === 'delete' ? reservation : reservation.object.metadata;
    return assume(after, keyOf(reservation.resource, namespace, name), reservation.type === 'delete' ? undefined : reservation.object);
  }, state);

/** What is done for a pod that no node can take, and told of it. */
function waitingFor(info: PodInfo, diagnosis: Diagnosis, cycle: Cycle & Pick<PostFilterContext, 'random' | 'now' | 'victims'>): Waiting {
  const { rejectors, failure } = diagnosis;
  if (failure !== undefined) return { message: failure, isError: true, nomination: { type: 'cleared' }, released: [], displaced: [], rejectors };
  if (diagnosis.count === 0) {
    return { message: 'no nodes available to schedule pods', nomination: { type: 'cleared' }, released: [], displaced: [], rejectors };
  }
  const unplaced = postFiltered(info, diagnosis, {
    ...cycle,
    objectionWithout: (without, node) => inWhatIf(cycle.cluster, node, { without }, (cluster, there) => whyNotOn({ ...info }, there, { ...cycle, cluster })),
  });
  const { nomination } = unplaced;
  const displaced = nomination.type === 'node' ? nominatedBelow(info.priority, nomination.node, cycle.nominated) : [];
  return { ...unplaced, displaced, rejectors };
}

/** By priority, then by age, as kube-scheduler's queue has them (the PrioritySort plugin). */
export const inOrder = (pods: readonly Pod[]): Pod[] =>
  [...pods].sort(
    (a, b) =>
      (b.spec?.priority ?? 0) - (a.spec?.priority ?? 0) ||
      compareText(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '') ||
      Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion),
  );

import { isReady } from '../../apis/core/pod-readiness.ts';
import type { Mutation } from '../../apis/mutation.ts';
import { type Key, keyOf, same } from '../../kube/object.ts';
import { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { DaemonSet, DaemonSetStatus, Node, Pod } from '../../schema/generated/kinds.ts';
import type { Change } from '../../state/change.ts';
import type { State } from '../../state/state.ts';
import { type Controller, type ControllerContext, type ControllerResult, nothing } from '../controller.ts';
import { claim, enqueueOwners, inNamespaceOfNew, pods, specSelector } from '../shared/adoption.ts';
import { earliest } from '../shared/earliest.ts';
import { deletionOf, nonZero, statusUpdate } from '../shared/mutations.ts';
import { PodCreation } from '../shared/pod-creation.ts';
import { podPrefix } from '../shared/pod-from-template.ts';
import { isAvailable, nextAvailableAt } from '../shared/pod-readiness.ts';
import { revisionHistory, truncateHistory } from '../shared/revision-history.ts';
import { daemonPod, HASH_LABEL, hashOf, nodeOf } from './daemon-pod.ts';
import { type DaemonNode, type Fit, fitOf } from './node-fit.ts';
import { excessPods } from './node-pods.ts';
import { updatePlan } from './rolling-update.ts';

/** Keeps one pod on each node that fits (pkg/controller/daemon). The scheduler binds the pods; each may only go to its node. */
export const daemonSetController: Controller<DaemonSet> = {
  name: 'daemon-set-controller',
  resource: 'daemonsets.apps',
  watches: {
    pods: enqueueOwners({ resource: 'daemonsets.apps', kind: 'DaemonSet' }, specSelector),
    'controllerrevisions.apps': enqueueOwners({ resource: 'daemonsets.apps', kind: 'DaemonSet' }, specSelector),
    nodes: everyDaemonSet,
    serviceaccounts: inNamespaceOfNew('daemonsets.apps'),
  },
  reconcile: reconcileDaemonSet,
};

function reconcileDaemonSet({ object: set, state, now, env, plugins, refusal }: ControllerContext<DaemonSet>): ControllerResult {
  if (!set?.spec) return nothing;
  const { selector, minReadySeconds = 0, revisionHistoryLimit = 10, updateStrategy } = set.spec;
  const { claimed, mutations } = claim(state, set, pods, { selector });
  const history = revisionHistory(set, { state, hashLabel: HASH_LABEL });
  const hash = history.update.metadata.labels![HASH_LABEL]!;
  const nodes = daemonNodes(set, claimed, state);

  const recorder = new EventRecorder({ state, component: 'daemonset-controller', now, env });
  const creation = new PodCreation({ owner: set, controller: 'daemon-set-controller', state, recorder, now, env, plugins, refusal });
  const deletions: Mutation[] = [];
  if (!set.metadata.deletionTimestamp) {
    const { excess, missing } = managed(set, nodes, claimed, { hash, now, recorder });
    const plan = (updateStrategy?.type ?? 'RollingUpdate') === 'RollingUpdate' ? updatePlan(set, nodes, { hash, now }) : { outdated: [], surge: [] };
    for (const pod of new Set([...excess, ...plan.outdated])) {
      deletions.push(deletionOf('pods', pod));
      recorder.normal(set, 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
    }
    for (const node of [...missing, ...plan.surge]) creation.create(daemonPod(set, { node, hash, name: creation.drawName(podPrefix(set)) }));
  }

  const status = statusOf(set, nodes, { hash, collisionCount: history.collisionCount, now });
  const live = new Set([hash, ...claimed.map(hashOf)]);
  const enqueueAt = earliest(nextAvailableAt(claimed, minReadySeconds, now), creation.retryAt);
  const out: Mutation[] = [
    ...mutations,
    ...history.mutations,
    ...deletions,
    ...creation.mutations,
    ...recorder.mutations(),
    ...truncateHistory(history.revisions, { limit: revisionHistoryLimit, live: ({ metadata }) => live.has(metadata.labels?.[HASH_LABEL] ?? '') }),
    ...statusUpdate('daemonsets.apps', set, status),
  ];
  return { mutations: out, ...(enqueueAt !== undefined && { enqueueAt }) };
}

/** Every node, with how it suits the set and the set's pods that are there or meant for it. */
function daemonNodes(set: DaemonSet, claimed: readonly Pod[], state: State): DaemonNode[] {
  const byNode = Map.groupBy(claimed, nodeOf);
  return state.list('nodes').map((node) => {
    const fit: Fit = fitOf(set, node);
    return { name: node.metadata.name, ...fit, pods: byNode.get(node.metadata.name) ?? [] };
  });
}

/** The nodes that lack a pod, and the pods that are too many, of no use, or nowhere. */
function managed(set: DaemonSet, nodes: readonly DaemonNode[], claimed: readonly Pod[], context: { hash: string; now: number; recorder: EventRecorder }) {
  const known = new Set(nodes.map(({ name }) => name));
  // Of a node that is gone: the pods that got there go with it (pod garbage collection), those still to be bound go here.
  const nowhere = claimed.filter((pod) => !pod.spec?.nodeName && !known.has(nodeOf(pod)) && !pod.metadata.deletionTimestamp);
  return {
    missing: nodes.filter(({ shouldRun, pods }) => shouldRun && pods.length === 0).map(({ name }) => name),
    excess: [...nodes.flatMap((node) => excessPods(set, node, context)), ...nowhere],
  };
}

function statusOf(
  set: DaemonSet,
  nodes: readonly DaemonNode[],
  { hash, collisionCount, now }: { hash: string; collisionCount: number; now: number },
): DaemonSetStatus {
  const desired = nodes.filter(({ shouldRun }) => shouldRun);
  const oldest = desired.filter(({ pods }) => pods.length > 0).map(({ pods }) => pods.toSorted(byCreation)[0]!);
  const available = oldest.filter((pod) => isAvailable(pod, set.spec!.minReadySeconds ?? 0, now)).length;
  const { conditions } = set.status ?? {};
  return {
    currentNumberScheduled: oldest.length,
    numberMisscheduled: nodes.filter(({ shouldRun, pods }) => !shouldRun && pods.length > 0).length,
    desiredNumberScheduled: desired.length,
    numberReady: oldest.filter(isReady).length,
    observedGeneration: set.metadata.generation,
    ...nonZero({
      updatedNumberScheduled: oldest.filter((pod) => hashOf(pod) === hash).length,
      numberAvailable: available,
      numberUnavailable: desired.length - available,
      collisionCount,
    }),
    ...(conditions && { conditions }),
  };
}

const byCreation = (a: Pod, b: Pod): number => ((a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? -1 : 1);

/** A node's labels and taints decide what runs on it; its heartbeats do not. */
function everyDaemonSet({ type, object: node, previous }: Change, state: State): Key[] {
  if (type !== 'DELETED' && previous && same(placement(node), placement(previous))) return [];
  return state.list('daemonsets.apps').map(({ metadata }) => keyOf('daemonsets.apps', metadata.namespace, metadata.name));
}

const placement = ({ metadata, spec }: Node): unknown => [metadata.labels, metadata.deletionTimestamp, spec?.taints, spec?.unschedulable];

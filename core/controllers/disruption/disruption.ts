import { isReady } from '../../apis/core/pod-readiness.ts';
import { selectedPods } from '../../apis/label-selection.ts';
import { budgetsOfPod } from '../../apis/policy/budgets-of-pod.ts';
import { disruptionAllowed } from '../../apis/policy/disruption-allowed.ts';
import { type ClusterInstant, clusterInstant, earlierOf, plus } from '../../instant.ts';
import { fieldsOf } from '../../kube/fields.ts';
import { goLabelSelector } from '../../kube/go-label-selector.ts';
import { controllerOf, type Key, type KubeObject, keyOf, same } from '../../kube/object.ts';
import { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { DeploymentSpec, Pod, PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../schema/generated/kinds.ts';
import type { Change } from '../../state/change.ts';
import type { State } from '../../state/state.ts';
import { type Controller, nothing } from '../controller.ts';
import { statusUpdate } from '../shared/mutations.ts';
import { scaledValue } from '../shared/scaled-value.ts';

const RESOURCE = 'poddisruptionbudgets.policy';
/** An eviction that was counted, and whose pod was never deleted, is forgotten after two minutes. */
const DELETION_TIMEOUT_MS = 120_000;

/** Says how many more pods each budget can lose: what evictions, and `kubectl drain`, go by (pkg/controller/disruption). */
export const disruptionController: Controller<PodDisruptionBudget> = {
  name: 'disruption-controller',
  resource: RESOURCE,
  watches: {
    pods: budgetsOfChange,
    'deployments.apps': budgetsOfScale,
    'replicasets.apps': budgetsOfScale,
    'statefulsets.apps': budgetsOfScale,
    replicationcontrollers: budgetsOfScale,
  },
  reconcile({ object: budget, state, now, env }) {
    if (!budget?.spec) return nothing;
    const pods = selectedPods(budget.spec.selector, budget.metadata.namespace, state);
    const { expectedPods, desiredHealthy } = wanted(budget, pods, state);
    const { disruptedPods, enqueueAt } = stillDisrupted(budget, pods, now);
    const currentHealthy = pods.filter((pod) => isReady(pod) && !pod.metadata.deletionTimestamp && !Object.hasOwn(disruptedPods, pod.metadata.name)).length;
    const disruptionsAllowed = expectedPods > 0 ? Math.max(0, currentHealthy - desiredHealthy) : 0;
    const status: PodDisruptionBudgetStatus = {
      ...(Object.keys(disruptedPods).length > 0 && { disruptedPods }),
      observedGeneration: budget.metadata.generation,
      currentHealthy,
      desiredHealthy,
      disruptionsAllowed,
      expectedPods,
      conditions: [disruptionAllowed(budget, { allowed: disruptionsAllowed, observedGeneration: budget.metadata.generation!, now })],
    };
    const mutations = statusUpdate(RESOURCE, budget, status);
    const recorder = new EventRecorder({ state, component: 'controllermanager', now, env });
    // Told when the numbers change, and not whenever they are looked at.
    if (mutations.length > 0) tellOf(budget, pods, recorder);
    return { mutations: [...mutations, ...recorder.mutations()], ...(enqueueAt !== undefined && { enqueueAt }) };
  },
};

/** Why the numbers may not be those that the budget's user expects. */
function tellOf(budget: PodDisruptionBudget, pods: readonly Pod[], recorder: EventRecorder): void {
  const { minAvailable, maxUnavailable, selector } = budget.spec!;
  if (pods.length === 0) recorder.repeated(budget, 'NoPods', 'No matching pods found');
  const byScale = maxUnavailable !== undefined || typeof minAvailable === 'string';
  if (!byScale || pods.every(controllerOf)) return;
  const message =
    `Pods selected by this PodDisruptionBudget (selector: ${goLabelSelector(selector)}) were found to be unmanaged. As a result, the status of the PDB cannot be ` +
    'calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.';
  recorder.warning(budget, 'UnmanagedPods', message);
}

/** A number in `minAvailable` counts the pods that there are; a percentage, and `maxUnavailable`, the pods that there should be. */
function wanted({ spec }: PodDisruptionBudget, pods: readonly Pod[], state: State): { expectedPods: number; desiredHealthy: number } {
  const { minAvailable, maxUnavailable } = spec!;
  if (maxUnavailable !== undefined) {
    const expectedPods = expectedScale(pods, state);
    return { expectedPods, desiredHealthy: Math.max(0, expectedPods - scaledValue(maxUnavailable, expectedPods, 'up')) };
  }
  if (typeof minAvailable === 'string') {
    const expectedPods = expectedScale(pods, state);
    return { expectedPods, desiredHealthy: scaledValue(minAvailable, expectedPods, 'up') };
  }
  return { expectedPods: pods.length, desiredHealthy: minAvailable ?? 0 };
}

/** The replicas of all controllers of the pods, each counted once; a ReplicaSet's Deployment stands for it. Pods without a controller do not count. */
function expectedScale(pods: readonly Pod[], state: State): number {
  const scales = new Map<string, number>();
  for (const pod of pods) {
    const ref = controllerOf(pod);
    const owner = ref && state.by('uid', ref.uid)[0];
    if (!owner) continue;
    const above = owner.kind === 'ReplicaSet' ? controllerOf(owner) : undefined;
    const scaled = (above && state.by('uid', above.uid)[0]) ?? owner;
    const replicas = replicasOf(scaled);
    if (replicas !== undefined) scales.set(scaled.metadata.uid!, replicas);
  }
  return [...scales.values()].reduce((sum, replicas) => sum + replicas, 0);
}

/** The evictions that are counted already and still to be seen. */
function stillDisrupted({ status }: PodDisruptionBudget, pods: readonly Pod[], now: number) {
  const disruptedPods: Record<string, string> = {};
  let enqueueAt: ClusterInstant | undefined;
  for (const [name, time] of Object.entries(status?.disruptedPods ?? {})) {
    const expires = plus(clusterInstant(time), DELETION_TIMEOUT_MS);
    const pod = pods.find(({ metadata }) => metadata.name === name);
    if (!pod || pod.metadata.deletionTimestamp || expires <= now) continue;
    disruptedPods[name] = time;
    enqueueAt = earlierOf(expires, enqueueAt ?? expires);
  }
  return { disruptedPods, enqueueAt };
}

function budgetsOfChange({ type, object, previous }: Change<Pod>, state: State): Key[] {
  const [now, before] = [object, previous];
  const unchanged =
    before &&
    isReady(before) === isReady(now) &&
    before.metadata.deletionTimestamp === now.metadata.deletionTimestamp &&
    same(before.metadata.labels, now.metadata.labels) &&
    same(before.metadata.ownerReferences, now.metadata.ownerReferences);
  if (unchanged && type !== 'DELETED') return [];
  return [now, before].flatMap((pod) => (pod ? budgetsOfPod(pod, state).map(keyOfBudget) : []));
}

/** Which budgets select the pods of a changed scale is not looked for: budgets are few. */
function budgetsOfScale({ object, previous }: Change, state: State): Key[] {
  if (previous && replicasOf(previous) === replicasOf(object)) return [];
  return state.list(RESOURCE, object.metadata.namespace).map(keyOfBudget);
}

/** What an object of any kind that scales wants. */
const replicasOf = (object: KubeObject) => (fieldsOf(object)['spec'] as DeploymentSpec | undefined)?.replicas;

const keyOfBudget = ({ metadata }: PodDisruptionBudget): Key => keyOf(RESOURCE, metadata.namespace, metadata.name);

import { isReady } from '../../apis/core/pod-readiness.ts';
import { selectedPods } from '../../apis/label-selection.ts';
import { budgetsOfPod } from '../../apis/policy/budgets-of-pod.ts';
import { DISRUPTION_ALLOWED, disruptionAllowed } from '../../apis/policy/disruption-allowed.ts';
import { type ClusterInstant, clusterInstant, earlierOf, plus } from '../../instant.ts';
import { fieldsOf } from '../../kube/fields.ts';
import { goLabelSelector } from '../../kube/go-label-selector.ts';
import { controllerOf, type Key, type KubeObject, keyOf, same, timestamp } from '../../kube/object.ts';
import { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { DeploymentSpec, Pod, PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../schema/generated/kinds.ts';
import type { Change } from '../../state/change.ts';
import type { State } from '../../state/state.ts';
import { type Controller, nothing } from '../controller.ts';
import { statusUpdate } from '../shared/mutations.ts';
import { scaledValue } from '../shared/scaled-value.ts';
import { expectedScale } from './expected-scale.ts';

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
    const recorder = new EventRecorder({ state, component: 'controllermanager', now, env });
    const scale = wanted(budget, pods, state);
    if (typeof scale === 'string') {
      const mutations = statusUpdate(RESOURCE, budget, undecided(budget, scale, now));
      if (mutations.length > 0) recorder.warning(budget, 'CalculateExpectedPodCountFailed', `Failed to calculate the number of expected pods: ${scale}`);
      return { mutations: [...mutations, ...recorder.mutations()] };
    }
    const { expectedPods, desiredHealthy } = scale;
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

/** A number in `minAvailable` counts the pods that there are; a percentage, and `maxUnavailable`, the pods that there should be. Or why these are not known. */
function wanted({ spec }: PodDisruptionBudget, pods: readonly Pod[], state: State): { expectedPods: number; desiredHealthy: number } | string {
  const { minAvailable, maxUnavailable } = spec!;
  if (maxUnavailable === undefined && typeof minAvailable !== 'string') return { expectedPods: pods.length, desiredHealthy: minAvailable ?? 0 };
  const scale = expectedScale(pods, state);
  if (scale.type === 'unknown') return scale.why;
  const expectedPods = scale.pods;
  const desiredHealthy =
    maxUnavailable === undefined ? scaledValue(minAvailable!, expectedPods, 'up') : Math.max(0, expectedPods - scaledValue(maxUnavailable, expectedPods, 'up'));
  return { expectedPods, desiredHealthy };
}

/** As it was, but that nothing is allowed (failSafe). */
function undecided({ status }: PodDisruptionBudget, why: string, now: number): PodDisruptionBudgetStatus {
  const { currentHealthy = 0, desiredHealthy = 0, expectedPods = 0, observedGeneration, conditions = [], ...rest } = status ?? {};
  const before = conditions.find(({ type }) => type === DISRUPTION_ALLOWED);
  const lastTransitionTime = before?.status === 'False' ? before.lastTransitionTime : timestamp(now);
  const failed = { type: DISRUPTION_ALLOWED, status: 'False', reason: 'SyncFailed', message: why, lastTransitionTime };
  return {
    ...rest,
    currentHealthy,
    desiredHealthy,
    expectedPods,
    disruptionsAllowed: 0,
    ...(observedGeneration !== undefined && { observedGeneration }),
    conditions: [{ ...failed, ...(observedGeneration !== undefined && { observedGeneration }) }],
  };
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

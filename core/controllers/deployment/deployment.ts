import { isPodTerminal } from '../../apis/core/pod-terminal.ts';
import { creation } from '../../apis/mutation.ts';
import { selectsEverything } from '../../kube/label-selector.ts';
import { controllerOf, type Key, keyOf } from '../../kube/object.ts';
import { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { Deployment, DeploymentStatus, Pod, ReplicaSet } from '../../schema/generated/kinds.ts';
import type { Change } from '../../state/change.ts';
import type { State } from '../../state/state.ts';
import { type Controller, type ControllerContext, type ControllerResult, nothing } from '../controller.ts';
import { claim, controlledBy, enqueueOwners, pods, specSelector } from '../shared/adoption.ts';
import { refusalOf } from '../shared/attempt.ts';
import { statusUpdate } from '../shared/mutations.ts';
import { type Refuses, syncNewReplicaSet } from './new-replicaset.ts';
import { rollOut } from './rolling-update.ts';
import { Rollout } from './rollout.ts';
import { followScale, isScaling } from './scaling.ts';
import { pauseCondition, statusOf, withProgress } from './status.ts';

/**
 * Rolls a Deployment's template out through ReplicaSets, one for each revision of the template (pkg/controller/deployment). It only ever
 * writes ReplicaSets and the Deployment's status; the pods are the ReplicaSets' business.
 */
export const deploymentController: Controller<Deployment> = {
  name: 'deployment-controller',
  resource: 'deployments.apps',
  watches: {
    'replicasets.apps': enqueueOwners({ resource: 'deployments.apps', kind: 'Deployment' }, specSelector),
    pods: recreatedBy,
  },
  reconcile: reconcileDeployment,
};

function reconcileDeployment({ object: deployment, state, now, env, plugins, refusal }: ControllerContext<Deployment>): ControllerResult {
  if (!deployment?.spec) return nothing;
  const recorder = new EventRecorder({ state, component: 'deployment-controller', now, env });
  const { selector, paused = false, strategy } = deployment.spec;
  if (selectsEverything(selector)) {
    if (deployment.status?.observedGeneration === deployment.metadata.generation) return nothing;
    recorder.warning(deployment, 'SelectingAll', 'This deployment is selecting all pods. A non-empty selector is required.');
    const status: DeploymentStatus = { ...deployment.status, observedGeneration: deployment.metadata.generation };
    return { mutations: [...recorder.mutations(), ...statusUpdate('deployments.apps', deployment, status)] };
  }

  const { claimed, mutations } = claim(state, deployment, { resource: 'replicasets.apps', kind: 'ReplicaSet' }, { selector });
  const rollout = new Rollout({ deployment, replicaSets: claimed, state, recorder, now });
  if (deployment.metadata.deletionTimestamp) {
    statusOf(rollout);
  } else {
    pauseCondition(rollout);
    if (paused || isScaling(rollout)) {
      syncNewReplicaSet(rollout);
      followScale(rollout);
      if (paused) rollout.cleanUp();
      statusOf(rollout);
    } else {
      const refuses = (replicaSet: ReplicaSet) =>
        refusal?.status ?? refusalOf(creation('replicasets.apps', replicaSet), { state, controller: 'deployment-controller', now, env, plugins });
      if (strategy?.type === 'Recreate') recreate(rollout, refuses);
      else rollOut(rollout, refuses);
      if (!rollout.isRefused) {
        if (rollout.isComplete(deployment.status ?? {})) rollout.cleanUp();
        withProgress(rollout);
      }
    }
  }
  const enqueueAt = rollout.enqueueAt;
  return { mutations: [...mutations, ...rollout.mutations()], ...(enqueueAt !== undefined && { enqueueAt }) };
}

/** The strategy Recreate: the old pods go, and when the last of them is gone the new ones come. */
function recreate(rollout: Rollout, refuses: Refuses): void {
  syncNewReplicaSet(rollout);
  const active = rollout.old.filter(({ spec }) => (spec?.replicas ?? 0) > 0);
  for (const replicaSet of active) rollout.scale(replicaSet, 0);
  if (active.length > 0 || oldPodsRun(rollout)) return;
  syncNewReplicaSet(rollout, { refuses });
  if (rollout.new) rollout.scale(rollout.new, rollout.deployment.spec!.replicas ?? 1);
}

function oldPodsRun({ old, state }: Rollout): boolean {
  return old.some((replicaSet) => (replicaSet.status?.replicas ?? 0) > 0 || controlledBy(state, replicaSet, pods).some((pod) => !isPodTerminal(pod)));
}

/** A pod that finished or went away may be the last that a Deployment with the strategy Recreate waits for. */
function recreatedBy({ type, object: pod, previous }: Change<Pod>, state: State): Key[] {
  const owner = controllerOf(pod);
  const { namespace } = pod.metadata;
  if (owner?.kind !== 'ReplicaSet' || (type !== 'DELETED' && (!isPodTerminal(pod) || (previous && isPodTerminal(previous))))) return [];
  const replicaSet = state.get('replicasets.apps', namespace, owner.name);
  const parent = replicaSet && controllerOf(replicaSet);
  const deployment = parent && state.get('deployments.apps', namespace, parent.name);
  return deployment?.spec?.strategy?.type === 'Recreate' ? [keyOf('deployments.apps', namespace, deployment.metadata.name)] : [];
}

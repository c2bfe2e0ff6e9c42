import { creation as creationOf, type Mutation } from '../../apis/mutation.ts';
import { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { ControllerRevision, PersistentVolumeClaim, Pod, StatefulSet, StatefulSetStatus } from '../../schema/generated/kinds.ts';
import { type Controller, type ControllerContext, type ControllerResult, nothing } from '../controller.ts';
import { claim, enqueueOwners, inNamespaceOfNew, pods, specSelector } from '../shared/adoption.ts';
import { refusalOf } from '../shared/attempt.ts';
import { earliest } from '../shared/earliest.ts';
import { nonZero, statusUpdate } from '../shared/mutations.ts';
import { PodCreation } from '../shared/pod-creation.ts';
import { isAvailable, isBeingDeleted, isRunningReady, nextAvailableAt } from '../shared/pod-readiness.ts';
import { type RevisionHistory, revisionHistory, truncateHistory } from '../shared/revision-history.ts';
import { isMember, ordinalOf, revisionLabel } from './identity.ts';
import { StatefulPods } from './replicas.ts';

/**
 * Keeps pods with names and storage of their own: one for each ordinal, created, updated and deleted in order unless the pods are
 * managed in parallel (pkg/controller/statefulset).
 */
export const statefulSetController: Controller<StatefulSet> = {
  name: 'statefulset-controller',
  resource: 'statefulsets.apps',
  watches: {
    pods: enqueueOwners({ resource: 'statefulsets.apps', kind: 'StatefulSet' }, specSelector),
    'controllerrevisions.apps': enqueueOwners({ resource: 'statefulsets.apps', kind: 'StatefulSet' }, specSelector),
    serviceaccounts: inNamespaceOfNew('statefulsets.apps'),
  },
  reconcile: reconcileStatefulSet,
};

function reconcileStatefulSet({ object: set, state, now, env, plugins, refusal }: ControllerContext<StatefulSet>): ControllerResult {
  if (!set?.spec) return nothing;
  const { selector, minReadySeconds = 0, revisionHistoryLimit = 10 } = set.spec;
  const { claimed, mutations } = claim(state, set, pods, { selector, adoptable: (pod) => isMember(set, pod) });
  const members = claimed.filter((pod) => isMember(set, pod)).sort((a, b) => ordinalOf(a) - ordinalOf(b));
  const history = revisionHistory(set, { state, hashLabel: 'controller.kubernetes.io/hash' });
  const current = history.revisions.find(({ metadata }) => metadata.name === set.status?.currentRevision) ?? history.update;

  const recorder = new EventRecorder({ state, component: 'statefulset-controller', now, env });
  const creation = new PodCreation({ owner: set, controller: 'statefulset-controller', state, recorder, now, env, plugins, refusal });
  const refuses = (claim: PersistentVolumeClaim) =>
    refusalOf(creationOf('persistentvolumeclaims', claim), { state, controller: 'statefulset-controller', now, env, plugins });
  const work = new StatefulPods({ set, members, current, update: history.update, state, creation, refuses, recorder, now });
  if (!set.metadata.deletionTimestamp) work.reconcile();
  const status = statusOf(set, members, { history, current, now });
  const live = new Set([current.metadata.name, history.update.metadata.name, ...members.map(revisionLabel)]);
  const enqueueAt = earliest(nextAvailableAt(members, minReadySeconds, now), work.enqueueAt, creation.retryAt);
  const out: Mutation[] = [
    ...mutations,
    ...history.mutations,
    ...work.mutations,
    ...creation.mutations,
    ...recorder.mutations(),
    ...truncateHistory(history.revisions, { limit: revisionHistoryLimit, live: ({ metadata }) => live.has(metadata.name) }),
    ...statusUpdate('statefulsets.apps', set, status),
  ];
  return { mutations: out, ...(enqueueAt !== undefined && { enqueueAt }) };
}

function statusOf(
  set: StatefulSet,
  members: readonly Pod[],
  { history, current, now }: { history: RevisionHistory; current: ControllerRevision; now: number },
): StatefulSetStatus {
  const { replicas: desired = 1, minReadySeconds = 0, updateStrategy } = set.spec!;
  const update = history.update.metadata.name;
  const running = members.filter((pod) => isRunningReady(pod));
  const ofRevision = (name: string) => members.filter((pod) => !isBeingDeleted(pod) && revisionLabel(pod) === name).length;
  let currentRevision = current.metadata.name;
  let currentReplicas = ofRevision(currentRevision);
  const updatedReplicas = ofRevision(update);
  if ((updateStrategy?.type ?? 'RollingUpdate') === 'RollingUpdate' && [updatedReplicas, running.length, members.length].every((count) => count === desired)) {
    // The rolling update is complete: what was new is current.
    currentRevision = update;
    currentReplicas = updatedReplicas;
  }
  const { conditions } = set.status ?? {};
  return {
    observedGeneration: set.metadata.generation,
    replicas: members.length,
    ...nonZero({ readyReplicas: running.length, currentReplicas, updatedReplicas }),
    availableReplicas: running.filter((pod) => isAvailable(pod, minReadySeconds, now)).length,
    currentRevision,
    updateRevision: update,
    collisionCount: history.collisionCount,
    ...(conditions && { conditions }),
  };
}

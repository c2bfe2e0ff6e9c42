import { isReady } from '../../apis/core/pod-readiness.ts';
import { selects } from '../../kube/label-selector.ts';
import { controllerOf, keyOf, timestamp } from '../../kube/object.ts';
import type { Status } from '../../kube/status.ts';
import { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { LabelSelector, Pod, ReplicaSet, ReplicaSetCondition, ReplicaSetStatus, ReplicationController } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { type Controller, type ControllerContext, type ControllerResult, nothing } from '../controller.ts';
import { claim, controlledBy, enqueueOwners, inNamespaceOfNew, pods, specSelector } from '../shared/adoption.ts';
import { byDeletionRank } from '../shared/deletion-ranking.ts';
import { earliest } from '../shared/earliest.ts';
import { deletionOf, nonZero, statusUpdate } from '../shared/mutations.ts';
import { PodCreation } from '../shared/pod-creation.ts';
import { podFromTemplate, podPrefix } from '../shared/pod-from-template.ts';
import { isActive, isAvailable, isTerminating, nextAvailableAt } from '../shared/pod-readiness.ts';

type Replicated = ReplicaSet | ReplicationController;

/** Keeps as many pods as `spec.replicas` says (pkg/controller/replicaset): creates what is missing, deletes what is too many, by rank. */
export const replicaSetController: Controller<ReplicaSet> = {
  name: 'replicaset-controller',
  resource: 'replicasets.apps',
  watches: { pods: enqueueOwners({ resource: 'replicasets.apps', kind: 'ReplicaSet' }, specSelector), serviceaccounts: inNamespaceOfNew('replicasets.apps') },
  reconcile: (context) => reconcileReplicas(context, replicaSets),
};

/** The same for the ReplicationController, whose selector is a plain map. */
export const replicationController: Controller<ReplicationController> = {
  name: 'replication-controller',
  resource: 'replicationcontrollers',
  watches: {
    pods: enqueueOwners({ resource: 'replicationcontrollers', kind: 'ReplicationController' }, ({ spec }) => ({ matchLabels: spec?.selector ?? {} })),
    serviceaccounts: inNamespaceOfNew('replicationcontrollers'),
  },
  reconcile: (context) => reconcileReplicas(context, replicationControllers),
};

interface Variant<T extends Replicated> {
  name: string;
  resource: 'replicasets.apps' | 'replicationcontrollers';
  selectorOf(owner: T): LabelSelector | undefined;
  /** apps/v1 counts pods on their way out, since 1.33. */
  countsTerminating: boolean;
}

const replicaSets: Variant<ReplicaSet> = {
  name: 'replicaset-controller',
  resource: 'replicasets.apps',
  selectorOf: ({ spec }) => spec?.selector,
  countsTerminating: true,
};

const replicationControllers: Variant<ReplicationController> = {
  name: 'replication-controller',
  resource: 'replicationcontrollers',
  selectorOf: ({ spec }) => ({ matchLabels: spec?.selector ?? {} }),
  countsTerminating: false,
};

/** At most so many pods at once; they cause the next look, which makes the rest. */
const BURST = 2_000;

function reconcileReplicas<T extends Replicated>(
  { object: owner, state, now, env, plugins, refusal }: ControllerContext<T>,
  variant: Variant<T>,
): ControllerResult {
  if (!owner?.spec) return nothing;
  const { template, replicas = 1, minReadySeconds = 0 } = owner.spec;
  const selector = variant.selectorOf(owner);
  const { claimed, mutations } = claim(state, owner, pods, { selector, adoptable: isActive });
  const active = claimed.filter(isActive);
  const recorder = new EventRecorder({ state, component: variant.name, now, env });
  const creation = new PodCreation({ owner, controller: variant.name, state, recorder, now, env, plugins, refusal });
  const surplus = owner.metadata.deletionTimestamp ? 0 : active.length - replicas;
  const generateName = podPrefix(owner);
  for (let i = Math.max(surplus, -BURST); i < 0 && template; i++)
    creation.create(podFromTemplate({ template, owner, name: creation.drawName(generateName), generateName }));
  const unwanted = surplus > 0 ? byDeletionRank(active, { now, crowd: crowdOf(state, owner) }).slice(0, surplus) : [];
  for (const pod of unwanted) {
    recorder.normal(owner, 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`, { of: keyOf('pods', pod.metadata.namespace, pod.metadata.name) });
  }

  const status = statusOf(owner, claimed, active, { now, variant, refusal: creation.refusal });
  const enqueueAt = earliest(nextAvailableAt(active, minReadySeconds, now), creation.retryAt);
  return {
    mutations: [
      ...mutations,
      ...creation.mutations,
      ...unwanted.map((pod) => deletionOf('pods', pod)),
      ...recorder.mutations(),
      ...statusUpdate(variant.resource, owner, status),
    ],
    ...(enqueueAt !== undefined && { enqueueAt }),
  };
}

/** The pods as they are now; those that this pass makes or deletes show in the next one, which they cause. */
function statusOf(
  owner: Replicated,
  claimed: readonly Pod[],
  active: readonly Pod[],
  { now, variant, refusal }: { now: number; variant: Pick<Variant<Replicated>, 'countsTerminating'>; refusal: Status | undefined },
): ReplicaSetStatus {
  const { template, minReadySeconds = 0 } = owner.spec!;
  const labels = { matchLabels: template?.metadata?.labels ?? {} };
  const conditions = withFailure(owner.status?.conditions ?? [], refusal, now);
  return {
    replicas: active.length,
    ...nonZero({
      fullyLabeledReplicas: active.filter((pod) => selects(labels, pod.metadata.labels)).length,
      readyReplicas: active.filter(isReady).length,
      availableReplicas: active.filter((pod) => isAvailable(pod, minReadySeconds, now)).length,
    }),
    ...(variant.countsTerminating && { terminatingReplicas: claimed.filter(isTerminating).length }),
    observedGeneration: owner.metadata.generation,
    ...(conditions.length > 0 && { conditions }),
  };
}

/** The condition ReplicaFailure says why pods are missing, for as long as they are refused. */
function withFailure(conditions: ReplicaSetCondition[], refusal: Status | undefined, now: number): ReplicaSetCondition[] {
  const current = conditions.find(({ type }) => type === 'ReplicaFailure');
  if (refusal ? current : !current) return conditions;
  const others = conditions.filter((condition) => condition !== current);
  if (!refusal) return others;
  return [...others, { type: 'ReplicaFailure', status: 'True', lastTransitionTime: timestamp(now), reason: 'FailedCreate', message: refusal.message ?? '' }];
}

/** How many pods of this owner, and of the others of the same Deployment, are on a pod's node. */
function crowdOf(state: State, owner: Replicated): (pod: Pod) => number {
  const parent = controllerOf(owner);
  const siblings = parent ? state.by('owner', parent.uid).filter((other) => other.kind === owner.kind && controllerOf(other)?.uid === parent.uid) : [owner];
  const perNode = new Map<string, number>();
  for (const sibling of siblings) {
    for (const pod of controlledBy(state, sibling, pods)) {
      const node = pod.spec?.nodeName;
      if (node && isActive(pod)) perNode.set(node, (perNode.get(node) ?? 0) + 1);
    }
  }
  return (pod) => perNode.get(pod.spec?.nodeName ?? '') ?? 0;
}

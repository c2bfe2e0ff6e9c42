import { plus } from '../../instant.ts';
import { controllerRef, same, timestamp } from '../../kube/object.ts';
import type { Status } from '../../kube/status.ts';
import { quoted } from '../../kube/validation/field.ts';
import type { ReplicaSet } from '../../schema/generated/kinds.ts';
import { isTerminatingNamespace, RETRY_AFTER } from '../shared/attempt.ts';
import { templateHash } from '../shared/template-hash.ts';
import { newRevisionAnnotations, REVISION, revisionAfter } from './revisions.ts';
import { type Rollout, replicasOf, total } from './rollout.ts';

/** Why the API would not have a ReplicaSet, if it would not. */
export type Refuses = (replicaSet: ReplicaSet) => Status | undefined;

/**
 * Sees to the ReplicaSet of the Deployment's template: that it has the Deployment's annotations and the newest revision, and, with
 * `create`, that it is there (getNewReplicaSet in pkg/controller/deployment/sync.go).
 */
export function syncNewReplicaSet(rollout: Rollout, create?: { readonly refuses: Refuses }): void {
  const { deployment, now } = rollout;
  const { minReadySeconds, progressDeadlineSeconds } = deployment.spec!;
  const revision = revisionAfter(rollout.old);
  const existing = rollout.new;
  if (existing) {
    const annotations = newRevisionAnnotations(deployment, existing.metadata.annotations ?? {}, revision);
    if (!same(annotations, existing.metadata.annotations ?? {}) || (existing.spec?.minReadySeconds ?? 0) !== (minReadySeconds ?? 0)) {
      const { minReadySeconds: _, ...spec } = existing.spec!;
      rollout.replace({ ...existing, metadata: { ...existing.metadata, annotations }, spec: { ...spec, ...(minReadySeconds && { minReadySeconds }) } });
    }
    rollout.annotations = { ...rollout.annotations, [REVISION]: annotations[REVISION] ?? String(revision) };
    if (progressDeadlineSeconds !== undefined && !rollout.condition('Progressing')) {
      const message = `Found new replica set "${existing.metadata.name}"`;
      rollout.setCondition({ type: 'Progressing', status: 'True', reason: 'FoundNewReplicaSet', message }, timestamp(now));
    }
    return;
  }
  if (!create) return;

  const replicaSet = newReplicaSet(rollout, revision);
  if (rollout.state.get('replicasets.apps', deployment.metadata.namespace, replicaSet.metadata.name)) {
    // A ReplicaSet of another owner has this name. The next pass, which the changed status causes, hashes with another count.
    rollout.status = { ...rollout.status, collisionCount: (rollout.status.collisionCount ?? 0) + 1 };
    return;
  }
  const refusal = create.refuses(replicaSet);
  if (refusal) {
    fail(rollout, `Failed to create new replica set ${quoted(replicaSet.metadata.name)}: ${refusal.message}`, refusal);
    return;
  }
  rollout.create(replicaSet);
  rollout.annotations = { ...rollout.annotations, [REVISION]: String(revision) };
  if (progressDeadlineSeconds !== undefined) {
    const message = `Created new replica set "${replicaSet.metadata.name}"`;
    rollout.setCondition({ type: 'Progressing', status: 'True', reason: 'NewReplicaSetCreated', message }, timestamp(now));
  }
}

/** Nothing more is done of a rollout whose ReplicaSet is refused, until it is tried again. */
function fail(rollout: Rollout, message: string, refusal: Status): void {
  rollout.isRefused = true;
  if (isTerminatingNamespace(refusal)) return;
  const { deployment, now } = rollout;
  if (deployment.spec!.progressDeadlineSeconds !== undefined) {
    rollout.setCondition({ type: 'Progressing', status: 'False', reason: 'ReplicaSetCreateError', message }, timestamp(now));
  }
  rollout.recorder.warningOnce(deployment, 'ReplicaSetCreateError', message);
  rollout.enqueueAt = plus(now, RETRY_AFTER);
}

function newReplicaSet(rollout: Rollout, revision: bigint): ReplicaSet {
  const { deployment } = rollout;
  const { template, selector, minReadySeconds } = deployment.spec!;
  const hash = templateHash(template, rollout.status.collisionCount);
  const labels = { ...template.metadata?.labels, 'pod-template-hash': hash };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace!,
      labels,
      annotations: { ...newRevisionAnnotations(deployment, {}, revision), ...rollout.sizeAnnotations() },
      ownerReferences: [controllerRef(deployment)],
    },
    spec: {
      replicas: newReplicas(rollout),
      ...(minReadySeconds && { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, 'pod-template-hash': hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}

/** How large the new ReplicaSet may be now, given the others and the surge (NewRSNewReplicas). */
export function newReplicas({ deployment, desired, maxSurge, all, new: replicaSet }: Rollout): number {
  if (deployment.spec!.strategy?.type === 'Recreate') return desired;
  const current = replicaSet ? replicasOf(replicaSet) : 0;
  const room = desired + maxSurge - total(all, replicasOf);
  return room <= 0 ? current : current + Math.min(room, desired - current);
}

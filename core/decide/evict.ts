import type { ApiResource } from '../apis/api-resource.ts';
import { isReady } from '../apis/core/pod-readiness.ts';
import { type DeleteMutation, type Mutation, update } from '../apis/mutation.ts';
import { budgetsOfPod } from '../apis/policy/budgets-of-pod.ts';
import { DISRUPTION_ALLOWED, disruptionAllowed } from '../apis/policy/disruption-allowed.ts';
import type { ClusterInstant } from '../instant.ts';
import { type KubeObject, timestamp } from '../kube/object.ts';
import { forbidden, notFound, plainError, type StatusError, tooManyRequests } from '../kube/status.ts';
import type { Condition, Pod, PodCondition, PodDisruptionBudget } from '../schema/generated/kinds.ts';
import type { Asking, Deciding, Decision } from './decision.ts';
import { checkPreconditions, end } from './delete.ts';
import { Draft } from './draft.ts';
import { admit, mutate, type Stage, through } from './stages.ts';

/** An Eviction is created as any object is, but for admission alone: what is stored is the end of the pod. */
const stages: readonly Stage[] = [mutate, admit];

/**
 * Deletes a pod if its disruption budget allows it, and counts it against the budget in the same entry (Kubernetes documentation, "API-initiated
 * Eviction"; registry/core/pod/storage/eviction.go). Throws 403, 404, 409 (a precondition), 429 (the budget does not allow it now), 500 (more than one
 * budget covers the pod).
 */
export function decideEvict(mutation: EvictMutation, resource: ApiResource, context: Deciding): Decision | Asking {
  const { namespace, name, eviction } = mutation;
  const draft = new Draft({ operation: 'CREATE', resource, subresource: 'eviction', namespace, name, object: eviction, old: undefined }, context);
  const asking = through(stages, draft);
  if (asking) return asking;
  const pod = context.state.get('pods', namespace, name);
  if (!pod) throw notFound(resource, name);
  const disruption = disruptionOf(pod, draft);
  // What is not going to happen is not told to those who would judge it.
  if (!draft.dryRun) context.further.push(...disruption);
  checkPreconditions(pod, mutation, resource);
  return end({ old: pod, ending: evicted(pod, context.now), mutation, draft });
}

type EvictMutation = DeleteMutation & { readonly eviction: KubeObject };

export const isEviction = (mutation: DeleteMutation): mutation is EvictMutation => mutation.eviction !== undefined;

/** The pod with the condition that says why it ends. */
function evicted(pod: Pod, now: ClusterInstant): Pod {
  const conditions = pod.status?.conditions ?? [];
  const at = conditions.findIndex(({ type }) => type === 'DisruptionTarget');
  const before = conditions[at];
  const condition: PodCondition = {
    type: 'DisruptionTarget',
    status: 'True',
    lastTransitionTime: before?.status === 'True' ? before.lastTransitionTime! : timestamp(now),
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
  };
  return { ...pod, status: { ...pod.status, conditions: at === -1 ? [...conditions, condition] : conditions.with(at, condition) } };
}

/** What the eviction of a pod does to the budget that covers it; nothing when the pod does no work (canIgnorePDB), or none that counts. */
function disruptionOf(pod: Pod, { state, now }: Draft): Mutation[] {
  const { phase } = pod.status ?? {};
  if (phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending' || pod.metadata.deletionTimestamp) return [];
  const [budget, ...others] = budgetsOfPod(pod, state);
  if (others.length > 0) throw plainError('This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.');
  if (!budget || (!isReady(pod) && isFree(budget))) return [];
  return [{ ...update('poddisruptionbudgets.policy', disrupted(budget, pod, now), 'status'), manager: { name: 'kube-apiserver', subresource: 'status' } }];
}

/** Whether a budget lets go of a pod that is not ready: always, or while it has the pods that it wants. */
function isFree({ spec, status }: PodDisruptionBudget): boolean {
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {};
  return spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow' || (currentHealthy >= desiredHealthy && desiredHealthy > 0);
}

/** The most pods whose deletion a budget waits to see. */
const MAX_DISRUPTED = 2000;

/** The budget with one pod less to lose (checkAndDecrement). */
function disrupted(budget: PodDisruptionBudget, pod: Pod, now: ClusterInstant): PodDisruptionBudget {
  const { metadata, status } = budget;
  const { name } = metadata;
  const observedGeneration = status?.observedGeneration ?? 0;
  if (observedGeneration < (metadata.generation ?? 0)) throw violation(`The disruption budget ${name} is still being processed by the server.`, 10);
  const allowed = status?.disruptionsAllowed ?? 0;
  if (allowed < 0) throw forbidden(BUDGET, name, 'pdb disruptions allowed is negative');
  if (Object.keys(status?.disruptedPods ?? {}).length > MAX_DISRUPTED) {
    throw forbidden(BUDGET, name, 'DisruptedPods map too big - too many evictions not confirmed by PDB controller');
  }
  if (allowed === 0) throw violation(whyNone(budget), 0);
  const conditions = allowed === 1 ? withCondition(status?.conditions, disruptionAllowed(budget, { allowed: 0, observedGeneration, now })) : status?.conditions;
  return {
    ...budget,
    status: {
      ...status,
      disruptionsAllowed: allowed - 1,
      disruptedPods: { ...status?.disruptedPods, [pod.metadata.name]: timestamp(now) },
      ...(conditions && { conditions }),
    },
  };
}

const BUDGET = { group: 'policy', resource: 'poddisruptionbudget' };

function whyNone({ metadata: { name }, status }: PodDisruptionBudget): string {
  const { currentHealthy = 0, desiredHealthy = 0, conditions } = status ?? {};
  const condition = conditions?.find(({ type }) => type === DISRUPTION_ALLOWED);
  const why = condition?.status === 'False' && condition.message ? condition : undefined;
  if (why?.reason === 'SyncFailed') return `The disruption budget ${name} does not allow evicting pods currently because it failed sync: ${why.message}`;
  if (currentHealthy <= desiredHealthy) return `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
  return `The disruption budget ${name} does not allow evicting pods currently${why ? ` (${why.reason}): ${why.message}` : ''}`;
}

function withCondition(conditions: readonly Condition[] = [], condition: Condition): Condition[] {
  const at = conditions.findIndex(({ type }) => type === condition.type);
  return at === -1 ? [...conditions, condition] : conditions.with(at, condition);
}

function violation(why: string, retryAfterSeconds: number): StatusError {
  const error = tooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", retryAfterSeconds);
  error.status.details = { causes: [{ reason: 'DisruptionBudget', message: why }], ...(retryAfterSeconds > 0 && { retryAfterSeconds }) };
  return error;
}

import { type Mutation, update } from '../../apis/mutation.ts';
import { selects } from '../../kube/label-selector.ts';
import { timestamp } from '../../kube/object.ts';
import { badRequest, forbidden, internalError, notFound, type StatusError, tooManyRequests } from '../../kube/status.ts';
import { schemaOf } from '../../schema/built-in-types.ts';
import type { Eviction, Pod, PodDisruptionBudget } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { answerWith } from '../answers/answers.ts';
import { objectFromBody } from '../answers/object-body.ts';
import type { WriteCall } from '../call.ts';
import { readDeleteOptions, readWriteOptions } from '../query/write-options.ts';
import type { BodyType } from '../request/body-type.ts';
import { deletionOf } from '../verbs/delete.ts';
import type { Write } from '../write.ts';
import { success } from './binding.ts';

const type: BodyType = { gvk: { group: 'policy', version: 'v1', kind: 'Eviction' }, type: schemaOf('io.k8s.api.policy.v1.Eviction')! };

/**
 * Deletes a pod if its disruption budget allows it, and counts it against the budget in the same commit (API-initiated Eviction).
 * Throws 404, 429 (the budget does not allow it now), 500 (more than one budget covers the pod).
 */
export function evict(call: WriteCall): Write {
  const options = readWriteOptions(call.query, 'CreateOptions');
  const eviction = objectFromBody<Eviction>(call, type, options);
  const name = call.info.name!;
  if (eviction.metadata.name && eviction.metadata.name !== name) throw badRequest('name in URL does not match name in Eviction object');
  const deletion = readDeleteOptions((eviction.deleteOptions as Record<string, unknown> | undefined) ?? {}, new URLSearchParams());
  return {
    dryRun: options.dryRun || deletion.dryRun,
    plan: (state, now) => {
      const pod = state.get('pods', call.info.namespace, name);
      if (!pod) throw notFound({ group: '', resource: 'pods' }, name);
      return [...disruptionOf(pod, state, now), { ...deletionOf({ resource: 'pods', namespace: call.info.namespace, name }, deletion), eviction }];
    },
    answer: () => answerWith(call, success(201), 201),
  };
}

/** What the eviction of a pod does to the budget that covers it; nothing when the pod does no work (registry/core/pod/storage/eviction.go, canIgnorePDB). */
function disruptionOf(pod: Pod, state: State, now: number): Mutation[] {
  const { phase } = pod.status ?? {};
  if (phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending' || pod.metadata.deletionTimestamp) return [];
  const budgets = state.list('poddisruptionbudgets.policy', pod.metadata.namespace).filter(({ spec }) => selects(spec?.selector, pod.metadata.labels));
  if (budgets.length > 1) throw internalError('This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.');
  const [budget] = budgets;
  if (!budget) return [];
  return [{ ...update('poddisruptionbudgets.policy', disrupted(budget, pod, now), 'status'), manager: { name: 'kube-apiserver', subresource: 'status' } }];
}

/** The most pods whose deletion a budget waits to see. */
const MAX_DISRUPTED = 2000;

function disrupted(budget: PodDisruptionBudget, pod: Pod, now: number): PodDisruptionBudget {
  const { metadata, status } = budget;
  const name = metadata.name;
  if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 0))
    throw violation(`The disruption budget ${name} is still being processed by the server.`, 10);
  const allowed = status?.disruptionsAllowed ?? 0;
  if (allowed < 0) throw forbidden({ group: 'policy', resource: 'poddisruptionbudgets' }, name, 'pdb disruptions allowed is negative');
  if (Object.keys(status?.disruptedPods ?? {}).length > MAX_DISRUPTED) {
    throw forbidden(
      { group: 'policy', resource: 'poddisruptionbudgets' },
      name,
      'DisruptedPods map too big - too many evictions not confirmed by PDB controller',
    );
  }
  if (allowed === 0)
    throw violation(`The disruption budget ${name} needs ${status?.desiredHealthy ?? 0} healthy pods and has ${status?.currentHealthy ?? 0} currently`, 0);
  return {
    ...budget,
    status: { ...status, disruptionsAllowed: allowed - 1, disruptedPods: { ...status?.disruptedPods, [pod.metadata.name]: timestamp(now) } },
  };
}

function violation(why: string, retryAfterSeconds: number): StatusError {
  const error = tooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", retryAfterSeconds);
  error.status.details = { causes: [{ reason: 'DisruptionBudget', message: why }], ...(retryAfterSeconds > 0 && { retryAfterSeconds }) };
  return error;
}

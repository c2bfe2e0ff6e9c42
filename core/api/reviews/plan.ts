import type { Plan, PlanSpec } from '../../apis/logplane/plan.ts';
import { type ClusterInstant, clusterInstant } from '../../instant.ts';
import type { Fields } from '../../kube/fields.ts';
import { timestamp } from '../../kube/object.ts';
import { type FieldError, invalid, serviceUnavailable } from '../../kube/status.ts';
import { invalidValue } from '../../kube/validation/field.ts';
import { plan } from '../../plan/plan.ts';
import type { State } from '../../state/state.ts';
import { answerWith } from '../answers/answers.ts';
import type { WriteCall } from '../call.ts';
import { manifestsIn, objectsIn } from '../codec/manifests.ts';
import { fieldManagerOf } from '../request/field-manager.ts';
import { admittedReview } from './admitted-review.ts';

/**
 * "What would happen if …?" (`logplane plan`). Answered on the newest state, or on that at which the cluster is shown, and not kept. Who may create plans is told what the whole cluster
 * comes to; what they apply is permitted as if they applied it. Throws 400, 403, 422, 429 (too many plans at once), 503 (this host makes none).
 */
export async function createPlan(call: WriteCall): Promise<Response> {
  const { api, cluster, replica, user, request, end } = call;
  if (!api.reconcilers) throw serviceUnavailable('this server makes no plans');
  const { strategy } = call.target.storage;
  const { review, state: newest } = await admittedReview<Plan>(call, (sent) => {
    const object: Plan = sent.spec ? { ...sent, spec: { ...sent.spec } } : sent;
    strategy.defaults?.(object);
    refuse(object, strategy.validate?.(object) ?? []);
    return object;
  });
  const state = end === undefined ? newest : await replica.at(end);
  const now = end === undefined ? replica.now() : state.time;
  refuse(review, startErrors(review.spec, state));
  const manifests = manifestsOf(review);
  const { env, schedulerProfiles, admissionPlugins, ask } = api;
  const reconcilers = await api.reconcilers();
  const { name: manager } = fieldManagerOf(call);
  const { manifests: _, ...spec } = review.spec;
  const status = await api.planTurns.take(() =>
    plan({ cluster, state, now, spec, manifests, user, manager, env, reconcilers, schedulerProfiles, admissionPlugins, ask, signal: request.signal }),
  );
  const { apiVersion, kind, metadata } = review;
  return answerWith(call, { apiVersion, kind, metadata: { ...metadata, creationTimestamp: timestamp(now) }, spec: review.spec, status }, 201);
}

/** Throws 422. */
function manifestsOf(of: Plan): readonly Fields[] {
  const errors: FieldError[] = [];
  const manifests = (of.spec.manifests ?? []).flatMap((manifest, i) => {
    try {
      return typeof manifest === 'string' ? manifestsIn(manifest) : objectsIn(manifest);
    } catch (error) {
      errors.push(invalidValue(`spec.manifests[${i}]`, manifest, (error as Error).message));
      return [];
    }
  });
  refuse(of, errors);
  return manifests;
}

/** Time never goes back, in a plan neither. */
function startErrors({ startTime }: PlanSpec, state: State): FieldError[] {
  if (startTime === undefined) return [];
  const start: ClusterInstant = clusterInstant(startTime);
  const isGood = start >= state.time && start <= state.time + MAX_AHEAD;
  return isGood
    ? []
    : [
        invalidValue(
          'spec.startTime',
          startTime,
          `must not be before the last change of the cluster (${timestamp(state.time)}), and at most ten years after it`,
        ),
      ];
}

const MAX_AHEAD = 3_650 * 86_400_000;

function refuse({ kind, metadata }: Plan, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid({ group: 'logplane.dev', kind }, metadata?.name ?? '', errors);
}

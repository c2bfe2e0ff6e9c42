import type { Mutation } from '../../apis/mutation.ts';
import { type ClusterInstant, clusterInstant, earlierOf, plus } from '../../instant.ts';
import { timestamp } from '../../kube/object.ts';
import { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerStatus, MetricStatus } from '../../schema/generated/kinds.ts';
import { type Controller, type ControllerContext, type ControllerResult, nothing } from '../controller.ts';
import { RETRY_AFTER, refusalOf } from '../shared/attempt.ts';
import { statusUpdate } from '../shared/mutations.ts';
import { Conditions } from './conditions.ts';
import { normalize } from './normalize.ts';
import { RECENT, type Recent, recentOf, recentText, recommending, scaling, windowsOf } from './recent.ts';
import { recommend } from './recommend.ts';
import { AUTOSCALERS, type ScaleTarget, scaleTargetOf } from './scale-target.ts';
import { TICK, tickAfter, tickAt } from './ticks.ts';
import { autoscalerWatches } from './watches.ts';

/**
 * Keeps as many replicas of a workload as its metrics ask for (pkg/controller/podautoscaler). It looks at the ticks of the cluster's time, as long as something may come out different: while
 * usage changes with time, or a window has not passed. Otherwise it waits for a change, and an autoscaler of an idle cluster costs nothing.
 */
export const horizontalPodAutoscaler: Controller<HorizontalPodAutoscaler> = {
  name: 'horizontal-pod-autoscaler',
  resource: AUTOSCALERS,
  watches: autoscalerWatches,
  reconcile(context) {
    const { object: autoscaler, isDue, now } = context;
    if (!autoscaler?.spec || autoscaler.metadata.deletionTimestamp) return nothing;
    // A new one is left alone for a whole period, as it waits in the queue of kube-controller-manager.
    const first = tickAt(plus(clusterInstant(autoscaler.metadata.creationTimestamp!), TICK));
    if (!isDue || now < first) return { mutations: [], enqueueAt: now < first ? first : tickAfter(now) };
    return look({ ...context, autoscaler });
  },
};

type Looking = Pick<ControllerContext<HorizontalPodAutoscaler>, 'state' | 'now' | 'env' | 'plugins'> & { readonly autoscaler: HorizontalPodAutoscaler };

/** What a look comes to, before it is written. */
interface Outcome {
  readonly status: HorizontalPodAutoscalerStatus;
  readonly recent: Recent;
  readonly mutations: readonly Mutation[];
}

function look({ autoscaler, state, now, env, plugins }: Looking): ControllerResult {
  let next: ClusterInstant | undefined;
  const changesAt = (at: ClusterInstant) => {
    if (at > now) next = next === undefined ? at : earlierOf(at, next);
  };
  const recorder = new EventRecorder({ state, component: 'horizontal-pod-autoscaler', now, env });
  const { status, recent, mutations } = outcomeOf({ autoscaler, state, now, env, plugins, recorder, changesAt });
  const { [RECENT]: before, ...annotations } = autoscaler.metadata.annotations ?? {};
  const text = recentText(recent, status.desiredReplicas);
  const changed = statusUpdate(
    AUTOSCALERS,
    autoscaler,
    status,
    text === before ? undefined : { ...annotations, ...(text !== undefined && { [RECENT]: text }) },
  );
  // Kubernetes repeats its Events at every look. Here they are told with what changes in the status.
  const events = changed.length > 0 || mutations.length > 0 ? recorder.mutations() : [];
  return { mutations: [...mutations, ...events, ...changed], ...(next !== undefined && { enqueueAt: tickAt(next) }) };
}

interface Decided extends Looking {
  readonly recorder: EventRecorder;
  readonly changesAt: (at: ClusterInstant) => void;
}

/** horizontal.go, reconcileAutoscaler */
function outcomeOf(looking: Decided): Outcome {
  const { autoscaler, state, now, recorder } = looking;
  const before: HorizontalPodAutoscalerStatus = { ...autoscaler.status, desiredReplicas: autoscaler.status?.desiredReplicas ?? 0 };
  const conditions = new Conditions(before.conditions ?? [], now);
  const recent = recentOf(autoscaler);
  const target = scaleTargetOf(autoscaler, state);
  if ('error' in target) {
    recorder.warning(autoscaler, 'FailedGetScale', target.error);
    conditions.set('AbleToScale', 'False', 'FailedGetScale', `the HPA controller was unable to get the target's current scale: ${target.error}`);
    return { status: { ...before, conditions: conditions.list }, recent, mutations: [] };
  }
  conditions.set('AbleToScale', 'True', 'SucceededGetScale', "the HPA controller was able to get the target's current scale");

  const current = target.scaling.replicas(target.object)!;
  const wanted = wantedOf(looking, { target, current, conditions, recent });
  const wants = wanted.replicas !== undefined && wanted.replicas !== current;
  const update = wants ? scaleUpdate(target, wanted.replicas!) : undefined;
  const refusal = update && refusalOf(update, { ...looking, controller: 'horizontal-pod-autoscaler' });
  const rescales = wants && !refusal;
  const desired = refusal || wanted.failed ? before.desiredReplicas : (wanted.replicas ?? current);
  if (refusal) {
    conditions.set('AbleToScale', 'False', 'FailedUpdateScale', `the HPA controller was unable to update the target scale: ${refusal.message}`);
    recorder.warning(autoscaler, 'FailedRescale', `New size: ${wanted.replicas}; reason: ${wanted.reason}; error: ${refusal.message}`);
    looking.changesAt(plus(now, RETRY_AFTER));
  } else if (rescales) {
    conditions.set('AbleToScale', 'True', 'SucceededRescale', `the HPA controller was able to update the target scale to ${desired}`);
    recorder.normal(autoscaler, 'SuccessfulRescale', `New size: ${desired}; reason: ${wanted.reason}`);
    // Of a feature that is off: scaling to zero.
    conditions.remove('ScaledToZero');
  }
  const lastScaleTime = rescales ? timestamp(now) : before.lastScaleTime;
  return {
    status: {
      ...(lastScaleTime && { lastScaleTime }),
      ...(current !== 0 && { currentReplicas: current }),
      desiredReplicas: desired,
      ...(wanted.metrics && { currentMetrics: [...wanted.metrics] }),
      conditions: conditions.list,
    },
    recent: scaling(wanted.recent, rescales ? desired - current : 0, { now, behavior: autoscaler.spec.behavior }),
    mutations: update && rescales ? [update] : [],
  };
}

interface Wanted {
  /** None: nothing is to change. */
  readonly replicas?: number;
  readonly reason?: string;
  readonly metrics?: readonly MetricStatus[];
  readonly recent: Recent;
  /** No metric said how many. */
  readonly failed?: true;
}

function wantedOf(
  looking: Decided,
  { target, current, conditions, recent }: { target: ScaleTarget; current: number; conditions: Conditions; recent: Recent },
): Wanted {
  const { autoscaler, state, now, recorder, changesAt } = looking;
  const { maxReplicas: max, minReplicas: min = 1 } = autoscaler.spec;
  if (current === 0) {
    conditions.set('ScalingActive', 'False', 'ScalingDisabled', 'scaling is disabled since the replica count of the target is zero');
    conditions.remove('ScaledToZero');
    return { recent };
  }
  if (current > max) return { replicas: max, reason: 'Current number of replicas above Spec.MaxReplicas', recent };
  if (current < min) return { replicas: min, reason: 'Current number of replicas below Spec.MinReplicas', recent };

  const recommendation = recommend(autoscaler, target, { moment: { state, now, changesAt }, conditions, recorder });
  const { metrics } = recommendation;
  if (recommendation.replicas === undefined) {
    recorder.warning(autoscaler, 'FailedComputeMetricsReplicas', recommendation.error);
    return { ...(metrics && { metrics }), recent, failed: true };
  }
  const recommended = recommendation.replicas;
  const first = { count: current, at: tickAfter(clusterInstant(autoscaler.metadata.creationTimestamp!)) };
  // Beyond the bounds nothing is to be remembered.
  const remembered = recommending(recent, Math.min(max, Math.max(min, recommended)), { now, windows: windowsOf(autoscaler), first });
  const replicas = normalize(autoscaler, recommended, { current, min, max, recent: remembered, now, changesAt, conditions });
  const reason = recommended > current ? `${recommendation.metric} above target` : recommended < current ? 'All metrics below target' : '';
  return { replicas, reason, ...(metrics && { metrics }), recent: remembered };
}

function scaleUpdate({ resource, object, scaling }: ScaleTarget, replicas: number): Mutation {
  const { resourceVersion: _, ...metadata } = object.metadata;
  return { type: 'update', resource: resource.storedAs, object: scaling.withReplicas({ ...object, metadata }, replicas), scaled: true };
}

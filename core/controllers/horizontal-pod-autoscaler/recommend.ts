import type { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { HorizontalPodAutoscaler, MetricStatus } from '../../schema/generated/kinds.ts';
import type { Moment } from '../../usage/moment.ts';
import type { Conditions } from './conditions.ts';
import { computeMetric, type Failed } from './metrics.ts';
import type { ScaleTarget } from './scale-target.ts';
import { targetPods } from './target-pods.ts';
import { tolerancesOf } from './tolerances.ts';

/** How many replicas the metrics ask for together: as many as the one that asks for the most. */
export type Recommendation =
  | { readonly replicas: number; readonly metric: string; readonly metrics: readonly MetricStatus[] }
  | { readonly replicas: undefined; readonly error: string; readonly metrics: readonly MetricStatus[] | undefined };

interface Recommending {
  readonly moment: Moment;
  readonly conditions: Conditions;
  readonly recorder: EventRecorder;
}

/** horizontal.go, computeReplicasForMetrics: metrics that fail do not keep a workload from growing by the others, but from shrinking. */
export function recommend(
  autoscaler: HorizontalPodAutoscaler,
  { object, scaling }: ScaleTarget,
  { moment, conditions, recorder }: Recommending,
): Recommendation {
  const { metrics: specs = [] } = autoscaler.spec;
  const pods = targetPods(autoscaler, scaling.selector(object), moment.state);
  if ('event' in pods) {
    recorder.warning(autoscaler, pods.event, pods.message);
    conditions.set('ScalingActive', 'False', pods.reason, pods.condition);
    return { replicas: undefined, error: pods.message, metrics: undefined };
  }
  const specReplicas = scaling.replicas(object)!;
  const scaled = {
    pods,
    specReplicas,
    statusReplicas: scaling.statusReplicas(object),
    tolerances: tolerancesOf(autoscaler),
    moment,
    namespace: autoscaler.metadata.namespace!,
  };
  const failures: Failed[] = [];
  let [replicas, metric] = [0, ''];
  const metrics = specs.map((spec): MetricStatus => {
    const computed = computeMetric(spec, scaled);
    if ('error' in computed) {
      recorder.warning(autoscaler, computed.reason, computed.eventMessage);
      failures.push(computed);
      return UNKNOWN;
    }
    if (replicas === 0 || computed.replicas > replicas) [replicas, metric] = [computed.replicas, computed.name];
    return computed.status;
  });
  const [first] = failures;
  if (first && (failures.length >= specs.length || replicas < specReplicas)) {
    conditions.set('ScalingActive', 'False', first.reason, `the HPA was unable to compute the replica count: ${first.eventMessage}`);
    const error = `invalid metrics (${failures.length} invalid out of ${specs.length}), first error is: ${first.error}`;
    return { replicas: undefined, error, metrics };
  }
  conditions.set('ScalingActive', 'True', 'ValidMetricFound', `the HPA was able to successfully calculate a replica count from ${metric}`);
  return { replicas, metric, metrics };
}

/** A metric that has no value keeps its place. */
const UNKNOWN: MetricStatus = { type: '' };

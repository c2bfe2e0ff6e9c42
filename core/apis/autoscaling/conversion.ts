import type { KubeObject } from '../../kube/object.ts';
import type {
  AutoscalingV1HorizontalPodAutoscaler,
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerBehavior,
  HorizontalPodAutoscalerCondition,
  MetricSpec,
  MetricStatus,
} from '../../schema/generated/kinds.ts';
import { fromV1Metric, fromV1Status, toV1Metric, toV1Status, type V1Metric, type V1MetricStatus } from './v1-metrics.ts';

/**
 * autoscaling/v1 knows of one metric, the use of CPU. All else of a HorizontalPodAutoscaler is in annotations there, so that nothing is
 * lost when a client reads it as v1 and writes it back (pkg/apis/autoscaling/v1/conversion.go).
 */
const METRICS = 'autoscaling.alpha.kubernetes.io/metrics';
const CURRENT_METRICS = 'autoscaling.alpha.kubernetes.io/current-metrics';
const CONDITIONS = 'autoscaling.alpha.kubernetes.io/conditions';
const BEHAVIOR = 'autoscaling.alpha.kubernetes.io/behavior';

/** A HorizontalPodAutoscaler as it is kept (v2), as v1 shows it. */
export function toV1(kept: KubeObject): AutoscalingV1HorizontalPodAutoscaler {
  const { spec, status, metadata, ...rest } = kept as HorizontalPodAutoscaler;
  const { metrics = [], behavior, ...sameSpec } = spec ?? {};
  const { currentMetrics, conditions, ...sameStatus } = status ?? {};
  const others = metrics.filter((metric) => !isCpuUtilization(metric));
  const targetCPU = metrics.find(isCpuUtilization)?.resource?.target.averageUtilization;
  const currentCPU = currentMetrics?.find(({ resource }) => resource?.name === 'cpu')?.resource?.current.averageUtilization;
  const annotations = {
    ...withoutRoundTrip(metadata.annotations),
    ...(others.length > 0 && { [METRICS]: JSON.stringify(others.map(toV1Metric)) }),
    ...(currentMetrics?.length && { [CURRENT_METRICS]: JSON.stringify(currentMetrics.map(toV1Status)) }),
    ...(behavior && { [BEHAVIOR]: JSON.stringify(renamed(behavior, upper)) }),
    ...(conditions?.length && { [CONDITIONS]: JSON.stringify(conditions) }),
  };
  return {
    ...rest,
    apiVersion: 'autoscaling/v1',
    metadata: withAnnotations(metadata, annotations),
    spec: { ...sameSpec, ...(targetCPU !== undefined && { targetCPUUtilizationPercentage: targetCPU }) },
    ...(status && {
      status: { currentReplicas: 0, ...sameStatus, ...(currentCPU !== undefined && { currentCPUUtilizationPercentage: currentCPU }) },
    }),
  } as AutoscalingV1HorizontalPodAutoscaler;
}

/** A v1 HorizontalPodAutoscaler as it is kept (v2). An annotation that is not what `toV1` writes is dropped, as Kubernetes drops it. */
export function fromV1(object: KubeObject): HorizontalPodAutoscaler {
  const { spec, status, metadata, ...rest } = object as AutoscalingV1HorizontalPodAutoscaler;
  const { targetCPUUtilizationPercentage: targetCPU, ...sameSpec } = spec ?? {};
  const { currentCPUUtilizationPercentage: currentCPU, ...sameStatus } = status ?? {};
  const annotation = <T>(name: string): T | undefined => parsed<T>(metadata.annotations?.[name]);
  const metrics: MetricSpec[] = (annotation<V1Metric[]>(METRICS) ?? []).map(fromV1Metric);
  if (targetCPU !== undefined) metrics.push({ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: targetCPU } } });
  const behavior = annotation<object>(BEHAVIOR);
  const conditions = annotation<HorizontalPodAutoscalerCondition[]>(CONDITIONS);
  const currentMetrics: MetricStatus[] | undefined =
    annotation<V1MetricStatus[]>(CURRENT_METRICS)?.map(fromV1Status) ??
    (currentCPU === undefined ? undefined : [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: currentCPU } } }]);
  return {
    ...rest,
    apiVersion: 'autoscaling/v2',
    metadata: withAnnotations(metadata, withoutRoundTrip(metadata.annotations)),
    ...(spec && {
      spec: { ...sameSpec, ...(metrics.length > 0 && { metrics }), ...(behavior && { behavior: renamed(behavior, lower) as HorizontalPodAutoscalerBehavior }) },
    }),
    ...(status && { status: { ...sameStatus, ...(currentMetrics && { currentMetrics }), ...(conditions && { conditions }) } }),
  } as HorizontalPodAutoscaler;
}

const isCpuUtilization = ({ type, resource }: MetricSpec) =>
  type === 'Resource' && resource?.name === 'cpu' && resource.target.averageUtilization !== undefined;

function withoutRoundTrip(annotations: Record<string, string> = {}): Record<string, string> {
  const { [METRICS]: _m, [CURRENT_METRICS]: _c, [CONDITIONS]: _o, [BEHAVIOR]: _b, ...others } = annotations;
  return others;
}

function withAnnotations(metadata: KubeObject['metadata'], annotations: Record<string, string>): KubeObject['metadata'] {
  const { annotations: _, ...others } = metadata;
  return Object.keys(annotations).length ? { ...others, annotations } : others;
}

function parsed<T>(text: string | undefined): T | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as T) : undefined;
  } catch {
    return undefined;
  }
}

const upper = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);
const lower = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);

/** The behaviour is written with the names that it has inside Kubernetes: `ScaleUp`, not `scaleUp`. */
function renamed(value: unknown, name: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((element) => renamed(element, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== null)
      .map(([key, part]) => [name(key), renamed(part, name)]),
  );
}

import type { CrossVersionObjectReference, LabelSelector, MetricSpec, MetricStatus, MetricTarget } from '../../schema/generated/kinds.ts';

/** Metrics in the shape that the annotations of autoscaling/v1 have: flat, without a target of their own. */
export interface V1Metric {
  type: string;
  resource?: { name: string; targetAverageUtilization?: number; targetAverageValue?: string };
  containerResource?: { name: string; container: string; targetAverageUtilization?: number; targetAverageValue?: string };
  pods?: { metricName: string; targetAverageValue: string; selector?: LabelSelector };
  object?: { target: CrossVersionObjectReference; metricName: string; targetValue?: string; averageValue?: string; selector?: LabelSelector };
  external?: { metricName: string; metricSelector?: LabelSelector; targetValue?: string; targetAverageValue?: string };
}

export interface V1MetricStatus {
  type: string;
  resource?: { name: string; currentAverageUtilization?: number; currentAverageValue?: string };
  containerResource?: { name: string; container: string; currentAverageUtilization?: number; currentAverageValue?: string };
  pods?: { metricName: string; currentAverageValue?: string; selector?: LabelSelector };
  object?: { target: CrossVersionObjectReference; metricName: string; currentValue?: string; averageValue?: string; selector?: LabelSelector };
  external?: { metricName: string; metricSelector?: LabelSelector; currentValue?: string; currentAverageValue?: string };
}

export function toV1Metric({ type, resource, containerResource, pods, object, external }: MetricSpec): V1Metric {
  return defined({
    type,
    resource: resource && defined({ name: resource.name, ...utilization(resource.target) }),
    containerResource:
      containerResource && defined({ name: containerResource.name, container: containerResource.container, ...utilization(containerResource.target) }),
    pods: pods && defined({ metricName: pods.metric.name, targetAverageValue: pods.target.averageValue ?? '0', selector: pods.metric.selector }),
    object:
      object &&
      defined({
        target: object.describedObject,
        metricName: object.metric.name,
        targetValue: object.target.value,
        averageValue: object.target.averageValue,
        selector: object.metric.selector,
      }),
    external:
      external &&
      defined({
        metricName: external.metric.name,
        metricSelector: external.metric.selector,
        targetValue: external.target.value,
        targetAverageValue: external.target.averageValue,
      }),
  });
}

export function fromV1Metric({ type, resource, containerResource, pods, object, external }: V1Metric): MetricSpec {
  return defined({
    type,
    resource: resource && { name: resource.name, target: utilizationTarget(resource) },
    containerResource: containerResource && {
      name: containerResource.name,
      container: containerResource.container,
      target: utilizationTarget(containerResource),
    },
    pods: pods && {
      metric: defined({ name: pods.metricName, selector: pods.selector }),
      target: { type: 'AverageValue', averageValue: pods.targetAverageValue },
    },
    object: object && {
      describedObject: object.target,
      metric: defined({ name: object.metricName, selector: object.selector }),
      target: valueTarget(object.targetValue, object.averageValue),
    },
    external: external && {
      metric: defined({ name: external.metricName, selector: external.metricSelector }),
      target: valueTarget(external.targetValue, external.targetAverageValue),
    },
  });
}

export function toV1Status({ type, resource, containerResource, pods, object, external }: MetricStatus): V1MetricStatus {
  const current = ({ averageUtilization, averageValue }: { averageUtilization?: number; averageValue?: string }) => ({
    currentAverageUtilization: averageUtilization,
    currentAverageValue: averageValue,
  });
  return defined({
    type,
    resource: resource && defined({ name: resource.name, ...current(resource.current) }),
    containerResource:
      containerResource && defined({ name: containerResource.name, container: containerResource.container, ...current(containerResource.current) }),
    pods: pods && defined({ metricName: pods.metric.name, currentAverageValue: pods.current.averageValue, selector: pods.metric.selector }),
    object:
      object &&
      defined({
        target: object.describedObject,
        metricName: object.metric.name,
        currentValue: object.current.value,
        averageValue: object.current.averageValue,
        selector: object.metric.selector,
      }),
    external:
      external &&
      defined({
        metricName: external.metric.name,
        metricSelector: external.metric.selector,
        currentValue: external.current.value,
        currentAverageValue: external.current.averageValue,
      }),
  });
}

export function fromV1Status({ type, resource, containerResource, pods, object, external }: V1MetricStatus): MetricStatus {
  const current = (metric: { currentAverageUtilization?: number; currentAverageValue?: string }) =>
    defined({ averageUtilization: metric.currentAverageUtilization, averageValue: metric.currentAverageValue });
  return defined({
    type,
    resource: resource && { name: resource.name, current: current(resource) },
    containerResource: containerResource && { name: containerResource.name, container: containerResource.container, current: current(containerResource) },
    pods: pods && {
      metric: defined({ name: pods.metricName, selector: pods.selector }),
      current: defined({ averageValue: pods.currentAverageValue }),
    },
    object: object && {
      describedObject: object.target,
      metric: defined({ name: object.metricName, selector: object.selector }),
      current: defined({ value: object.currentValue, averageValue: object.averageValue }),
    },
    external: external && {
      metric: defined({ name: external.metricName, selector: external.metricSelector }),
      current: defined({ value: external.currentValue, averageValue: external.currentAverageValue }),
    },
  });
}

const utilization = ({ averageUtilization, averageValue }: MetricTarget) => ({
  targetAverageUtilization: averageUtilization,
  targetAverageValue: averageValue,
});

const utilizationTarget = (metric: { targetAverageUtilization?: number; targetAverageValue?: string }): MetricTarget =>
  defined({
    type: metric.targetAverageUtilization === undefined ? 'AverageValue' : 'Utilization',
    averageUtilization: metric.targetAverageUtilization,
    averageValue: metric.targetAverageValue,
  });

const valueTarget = (value: string | undefined, averageValue: string | undefined): MetricTarget =>
  defined({ type: averageValue === undefined ? 'Value' : 'AverageValue', value, averageValue });

/** Without the parts that are not there, as JSON has it. */
const defined = <T extends object>(object: T): T => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;

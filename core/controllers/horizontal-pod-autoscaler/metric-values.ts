import { apisOf } from '../../apis/apis.ts';
import { servesMetrics } from '../../apis/metrics/metrics-apis.ts';
import { groupVersionOf } from '../../kube/group-version-kind.ts';
import { type LabelSelector, selects } from '../../kube/label-selector.ts';
import type { CrossVersionObjectReference, Pod } from '../../schema/generated/kinds.ts';
import { externalMetrics, objectMetric, podMetric } from '../../usage/custom-metrics.ts';
import type { Moment } from '../../usage/moment.ts';
import { podUsage } from '../../usage/pod-usage.ts';
import { MetricError } from './metric-error.ts';

/** The values of a metric, in thousandths, by the names of the pods that have one. */
export type PodValues = Map<string, number>;

/** What the resource metrics API says of pods (pkg/controller/podautoscaler/metrics/client.go, GetResourceMetric). Throws `MetricError`. */
export function resourceMetric(resource: string, pods: readonly Pod[], { container, moment }: { container: string | undefined; moment: Moment }): PodValues {
  const unable = (why: string) => new MetricError(`unable to get metrics for resource ${resource}: ${why}`);
  if (!servesMetrics(moment.state, 'metrics.k8s.io'))
    throw unable('unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)');
  const values: PodValues = new Map();
  let isEmpty = true;
  for (const pod of pods) {
    const usage = podUsage(pod, moment);
    if (!usage) continue;
    isEmpty = false;
    if (resource !== 'cpu' && resource !== 'memory') continue;
    const measured = container === undefined ? [...usage.values()] : [usage.get(container)].filter((one) => one !== undefined);
    if (measured.length > 0)
      values.set(
        pod.metadata.name,
        measured.reduce((sum, one) => sum + thousandths(one[resource]), 0),
      );
  }
  if (isEmpty) throw unable('no metrics returned from resource metrics API');
  return values;
}

/** The custom metrics API of pods (GetRawMetric). Throws `MetricError`. */
export function podsMetric(name: string, pods: readonly Pod[], { selector, moment }: { selector: LabelSelector | undefined; moment: Moment }): PodValues {
  const unable = (why: string) => new MetricError(`unable to get metric ${name}: ${why}`);
  if (!servesMetrics(moment.state, 'custom.metrics.k8s.io')) throw unable(`unable to fetch metrics from custom metrics API: ${NO_CUSTOM}`);
  const values: PodValues = new Map();
  for (const pod of selector && !selects(selector, {}) ? [] : pods) {
    const value = podMetric(pod, name, moment);
    if (value !== undefined) values.set(pod.metadata.name, thousandths(value));
  }
  if (values.size === 0) throw unable('no metrics returned from custom metrics API');
  return values;
}

/** The custom metrics API of one object, in thousandths (GetObjectMetric). Throws `MetricError`. */
export function metricOfObject(
  name: string,
  { kind, apiVersion = '', name: described }: CrossVersionObjectReference,
  { namespace, selector, moment }: { namespace: string; selector: LabelSelector | undefined; moment: Moment },
): number {
  const { state } = moment;
  const unable = (why: string) =>
    new MetricError(`unable to get metric ${name}: unable to fetch metrics from custom metrics API: ${why} on ${kind} ${namespace}/${described}`);
  if (!servesMetrics(state, 'custom.metrics.k8s.io')) throw unable(NO_CUSTOM);
  const { group } = groupVersionOf(apiVersion);
  const resource = apisOf(state).ofGroupKind({ group, kind });
  if (!resource) {
    const qualified = group ? `${kind}.${group}` : kind;
    throw unable(`unable to map kind ${qualified} to resource: no matches for kind ${JSON.stringify(kind)} in group ${JSON.stringify(group)}`);
  }
  // An object of another namespace cannot be named, so that a Namespace is that of the autoscaler.
  const isNamespace = kind === 'Namespace' && group === '';
  const object = state.get(resource.storedAs, resource.namespaced ? namespace : undefined, isNamespace ? namespace : described);
  const value = object && (!selector || selects(selector, {})) ? objectMetric(object, name, moment) : undefined;
  if (value === undefined) throw unable(`the server could not find the metric ${name} for ${resource.groupResource} ${isNamespace ? namespace : described}`);
  return thousandths(value);
}

const NO_CUSTOM = 'no custom metrics API (custom.metrics.k8s.io) registered';

/** The external metrics API: the values of all series that are selected (GetExternalMetric). Throws `MetricError`. */
export function externalMetric(
  name: string,
  { namespace, selector, moment }: { namespace: string; selector: LabelSelector | undefined; moment: Moment },
): number[] {
  const api = 'external metrics API';
  if (!servesMetrics(moment.state, 'external.metrics.k8s.io'))
    throw new MetricError(`unable to fetch metrics from ${api}: the server could not find the requested resource (get ${name}.external.metrics.k8s.io)`);
  const series = externalMetrics(namespace, name, moment).filter(({ labels }) => !selector || selects(selector, labels));
  if (series.length === 0) throw new MetricError(`no metrics returned from ${api}`);
  return series.map(({ value }) => thousandths(value));
}

/** Quantity.MilliValue: a fraction counts as one more, but for what is left of adding up fractions. */
const thousandths = (value: number): number => Math.ceil(value * 1000 - 1e-6);

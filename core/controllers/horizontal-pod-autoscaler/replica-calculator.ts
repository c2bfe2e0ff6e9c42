import { isReady } from '../../apis/core/pod-readiness.ts';
import { milliValue } from '../../kube/quantity.ts';
import type { Pod } from '../../schema/generated/kinds.ts';
import type { Moment } from '../../usage/moment.ts';
import { MetricError } from './metric-error.ts';
import type { PodValues } from './metric-values.ts';
import { groupPods } from './pod-groups.ts';
import type { Tolerances } from './tolerances.ts';
import { isWithin } from './tolerances.ts';

/** How many replicas a metric asks for, and what its value is now (pkg/controller/podautoscaler/replica_calculator.go). Values are in thousandths. */
export interface Proposal {
  readonly replicas: number;
  readonly value: number;
  /** In percent of what is requested. */
  readonly utilization?: number;
}

/** What a proposal is made for. */
export interface Scaled {
  /** The pods that the scale's selector selects. */
  readonly pods: readonly Pod[];
  /** How many there should be, and how many there are, as the scale says. */
  readonly specReplicas: number;
  readonly statusReplicas: number;
  readonly tolerances: Tolerances;
  readonly moment: Moment;
}

interface PodMetric {
  /** The resource, where it is one. */
  readonly resource: string | undefined;
  readonly values: PodValues;
}

/** By a percentage of the requests (GetResourceReplicas). Throws `MetricError`. */
export function byUtilization(
  metric: PodMetric & { readonly resource: string; readonly container: string | undefined },
  target: number,
  scaled: Scaled,
): Proposal {
  const requests = new Map<string, number>();
  // All pods are looked at, before those that do not count are left out: one without a request makes the whole fail.
  const request = () => {
    for (const pod of scaled.pods) requests.set(pod.metadata.name, requestOf(pod, metric.resource, metric.container));
  };
  const utilizationOf = (values: PodValues): { ratio: number; utilization: number; value: number } => {
    let [used, requested] = [0, 0];
    for (const [pod, value] of values) {
      used += value;
      requested += requests.get(pod)!;
    }
    if (requested === 0) throw new MetricError('no metrics returned matched known pods');
    const utilization = Math.trunc((used * 100) / requested);
    return { ratio: utilization / target, utilization, value: Math.trunc(used / values.size) };
  };
  // What is missing is taken to use all that it requests, or what it should where that is more.
  const ofMissing = (pod: string) => Math.trunc((requests.get(pod)! * Math.max(100, target)) / 100);
  return proposed(metric, { request, measure: utilizationOf, ofMissing }, scaled);
}

/** By an amount for each pod (GetRawResourceReplicas, GetMetricReplicas). Throws `MetricError`. */
export function byAverageValue(metric: PodMetric, target: number, scaled: Scaled): Proposal {
  const usageOf = (values: PodValues) => {
    const value = Math.trunc([...values.values()].reduce((sum, one) => sum + one, 0) / values.size);
    return { ratio: value / target, value };
  };
  return proposed(metric, { request: () => {}, measure: usageOf, ofMissing: () => target }, scaled);
}

interface Measured {
  readonly ratio: number;
  readonly value: number;
  readonly utilization?: number;
}

interface Measure {
  request(): void;
  measure(values: PodValues): Measured;
  ofMissing(pod: string): number;
}

/** Pods that are not ready and pods without a value are counted so that they hold the change back: they never turn it round. */
function proposed({ resource, values }: PodMetric, { request, measure, ofMissing }: Measure, scaled: Scaled): Proposal {
  const { pods, specReplicas, tolerances, moment } = scaled;
  if (pods.length === 0) throw new MetricError('no pods returned by selector while calculating replica count');
  const { readyCount, unready, missing, ignored } = groupPods(pods, { values, resource, moment });
  const counted: PodValues = new Map([...values].filter(([pod]) => !ignored.has(pod) && !unready.has(pod)));
  if (counted.size === 0) throw new MetricError('did not receive metrics for targeted pods (pods might be unready)');
  request();
  const { ratio, ...now } = measure(counted);
  const unchanged = { replicas: specReplicas, ...now };
  const growsWithUnready = unready.size > 0 && ratio > 1;
  if (!growsWithUnready && missing.size === 0) return isWithin(tolerances, ratio) ? unchanged : { ...now, replicas: Math.ceil(ratio * readyCount) };
  if (ratio < 1) for (const pod of missing) counted.set(pod, ofMissing(pod));
  if (ratio > 1) for (const pod of missing) counted.set(pod, 0);
  if (growsWithUnready) for (const pod of unready) counted.set(pod, 0);
  const { ratio: held } = measure(counted);
  if (isWithin(tolerances, held) || (ratio < 1 && held > 1) || (ratio > 1 && held < 1)) return unchanged;
  const replicas = Math.ceil(held * counted.size);
  return (held < 1 && replicas > specReplicas) || (held > 1 && replicas < specReplicas) ? unchanged : { ...now, replicas };
}

/** Of the pod as a whole where it says so (KEP 2837), of one container, or of all that stay. */
function requestOf(pod: Pod, resource: string, container: string | undefined): number {
  const { name } = pod.metadata;
  const { containers, initContainers = [], resources } = pod.spec!;
  if (container === undefined && resources?.requests && Object.keys(resources.requests).length > 0) {
    const request = resources.requests[resource];
    if (request === undefined) throw new MetricError(`missing pod-level request for ${resource} in Pod ${name}`);
    return milliValue(request);
  }
  let sum = 0;
  for (const one of [...containers, ...initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always')]) {
    if (container !== undefined && one.name !== container) continue;
    const request = one.resources?.requests?.[resource];
    if (request === undefined) throw new MetricError(`missing request for ${resource} in container ${one.name} of Pod ${name}`);
    sum += milliValue(request);
    if (container !== undefined) return sum;
  }
  if (container !== undefined) throw new MetricError(`container ${container} not found in Pod ${name}`);
  return sum;
}

/** By the value of something that is not the pods', shared by those that are ready (getUsageRatioReplicaCount). Throws `MetricError`. */
export function byValue(value: number, target: number, { pods, specReplicas, tolerances }: Scaled): Proposal {
  const ratio = value / target;
  if (specReplicas === 0) return { replicas: atMost(Math.ceil(ratio)), value };
  if (isWithin(tolerances, ratio)) return { replicas: specReplicas, value };
  if (pods.length === 0) throw new MetricError('unable to calculate ready pods: no pods returned by selector while calculating replica count');
  const ready = pods.filter((pod) => pod.status?.phase === 'Running' && isReady(pod)).length;
  return { replicas: atMost(Math.ceil(ratio * ready)), value };
}

/** The same by an amount for each pod (GetObjectPerPodMetricReplicas, GetExternalPerPodMetricReplicas). */
export function byValuePerPod(value: number, target: number, { statusReplicas, tolerances }: Scaled): Proposal {
  const isKept = isWithin(tolerances, value / (target * statusReplicas));
  return { replicas: isKept ? statusReplicas : atMost(Math.ceil(value / target)), value: Math.ceil(value / Math.max(1, statusReplicas)) };
}

/** An int32. */
const atMost = (replicas: number): number => Math.min(replicas, 2 ** 31 - 1);

import type { KubeObject } from '../kube/object.ts';
import type { Pod } from '../schema/generated/kinds.ts';
import { index } from '../state/indexes.ts';
import { parseCurve } from './curve.ts';
import type { Moment } from './moment.ts';
import { loadOf } from './shared-load.ts';

/** `metrics.logplane.dev/NAME: "0s=10, 5m=400"` is the value of a metric that describes the object, such as `requests_per_second` of a Service or a pod. */
const METRIC = 'metrics.logplane.dev/';

/** The label of a ConfigMap that is one series of the external metric that it names: its other labels are those of the series, and `data.value` is its value. */
const EXTERNAL = 'metrics.logplane.dev/external';

/** Undefined when there is no such metric of the object. */
export function objectMetric({ metadata: { annotations, creationTimestamp } }: KubeObject, name: string, moment: Moment): number | undefined {
  const text = annotations?.[`${METRIC}${name}`];
  return text === undefined ? undefined : parseCurve(text)?.at(moment, Date.parse(creationTimestamp!));
}

/** Of a pod: its own, or its part of what its workload has to do. */
export const podMetric = (pod: Pod, name: string, moment: Moment): number | undefined => objectMetric(pod, name, moment) ?? loadOf(pod, name, moment);

/** The metrics that an object has, by name. */
export const metricNamesOf = ({ metadata: { annotations = {} } }: KubeObject): string[] =>
  Object.keys(annotations).flatMap((key) => (key.startsWith(METRIC) ? [key.slice(METRIC.length)] : []));

/** One series of an external metric. */
export interface ExternalMetric {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export function externalMetrics(namespace: string, name: string, moment: Moment): ExternalMetric[] {
  return moment.state.by(externalSeries, `${namespace}/${name}`).flatMap(({ metadata, data }) => {
    const value = parseCurve(data?.['value'] ?? '')?.at(moment, Date.parse(metadata.creationTimestamp!));
    const { [EXTERNAL]: _, ...labels } = metadata.labels ?? {};
    return value === undefined ? [] : [{ labels, value }];
  });
}

export const isExternalMetric = ({ kind, metadata }: KubeObject): boolean => kind === 'ConfigMap' && metadata.labels?.[EXTERNAL] !== undefined;

const externalSeries = index(['configmaps'], (_key, { metadata: { namespace, labels } }) =>
  labels?.[EXTERNAL] === undefined ? [] : [`${namespace}/${labels[EXTERNAL]}`],
);

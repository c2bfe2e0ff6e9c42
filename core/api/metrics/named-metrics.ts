import { apisOf } from '../../apis/apis.ts';
import { servesMetrics } from '../../apis/metrics/metrics-apis.ts';
import { apiVersionOf } from '../../kube/group-version-kind.ts';
import { type KubeObject, timestamp } from '../../kube/object.ts';
import { formatQuantity } from '../../kube/quantity.ts';
import { matchesLabels, parseLabelSelector } from '../../kube/selectors.ts';
import { metricNotFound } from '../../kube/status.ts';
import type { Pod } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { externalMetrics, objectMetric, podMetric } from '../../usage/custom-metrics.ts';
import type { Moment } from '../../usage/moment.ts';
import { WINDOW } from '../../usage/sampling.ts';
import { answerWith } from '../answers/answers.ts';
import { methodNotAllowed } from '../answers/failures.ts';
import type { AuthorizedCall } from '../call.ts';
import type { ResourceRequest } from '../request/request-info.ts';
import { formatOf } from '../stages/negotiate.ts';
import { momentOf } from './moment.ts';

type MetricsCall = AuthorizedCall & { readonly info: ResourceRequest };

/**
 * The custom and external metrics APIs (k8s.io/metrics), whose paths name metrics in the place of resources and subresources: `namespaces/NS/pods/*\/NAME`, `namespaces/NS/services/web/NAME`,
 * `namespaces/NS/metrics/NAME`, and of external ones `namespaces/NS/NAME`. Undefined for other paths, and where no add-on serves the API. Throws 404 for a metric that there is not.
 */
export async function namedMetrics(call: MetricsCall): Promise<Response | undefined> {
  const { group, version } = call.info;
  const answer = apis[`${group}/${version}`];
  if (!answer) return undefined;
  const moment = await momentOf(call);
  if (!servesMetrics(moment.state, group as 'custom.metrics.k8s.io')) return undefined;
  if (call.info.verb !== 'get' && call.info.verb !== 'list') throw methodNotAllowed();
  const { kind, items } = answer(call, moment);
  const body = { kind, apiVersion: apiVersionOf({ group, version }), metadata: {}, items };
  return answerWith({ request: call.request, format: formatOf(call, {}), warnings: call.warnings, audit: call.audit }, body);
}

interface MetricList {
  readonly kind: string;
  readonly items: readonly object[];
}

const apis: Readonly<Record<string, ((call: MetricsCall, moment: Moment) => MetricList) | undefined>> = {
  'custom.metrics.k8s.io/v1beta1': (call, moment) => customMetrics(call, moment, (name) => ({ metricName: name, window: WINDOW / 1000, selector: null })),
  'custom.metrics.k8s.io/v1beta2': (call, moment) =>
    customMetrics(call, moment, (name) => ({ metric: { name, selector: null }, windowSeconds: WINDOW / 1000 })),
  'external.metrics.k8s.io/v1beta1': externalMetric,
};

function customMetrics({ info, query }: MetricsCall, moment: Moment, identified: (name: string) => object): MetricList {
  const { state, now } = moment;
  const { resource, namespace, name = '', subresource } = info;
  // The metrics of a namespace are named where others name an object.
  const ofNamespace = resource === 'metrics' && subresource === undefined;
  const metric = ofNamespace ? name : (subresource ?? '');
  const served = apisOf(state).resource(ofNamespace ? 'namespaces' : resource);
  const selector = parseLabelSelector(query.get('labelSelector') ?? '');
  const isAll = name === '*' && !ofNamespace;
  const objects: readonly KubeObject[] = !served
    ? []
    : isAll
      ? state.list(served.storedAs, namespace).filter(({ metadata }) => matchesLabels(selector, metadata.labels))
      : one(state, served.storedAs, { namespace: served.namespaced ? namespace : undefined, name: ofNamespace ? namespace! : name });
  const items = objects.flatMap((object) => {
    const value = served!.groupResource === 'pods' ? podMetric(object as Pod, metric, moment) : objectMetric(object, metric, moment);
    if (value === undefined) return [];
    const { apiVersion, kind, metadata } = object;
    const describedObject = { kind, ...(metadata.namespace && { namespace: metadata.namespace }), name: metadata.name, apiVersion };
    return [{ describedObject, ...identified(metric), timestamp: timestamp(now), value: quantity(value) }];
  });
  if (items.length === 0 && !isAll)
    throw metricNotFound(metric, { group: '', resource: ofNamespace ? 'namespaces' : resource }, ofNamespace ? namespace! : name);
  return { kind: 'MetricValueList', items };
}

function one(state: State, resource: string, { namespace, name }: { namespace: string | undefined; name: string }): KubeObject[] {
  const object = state.get(resource, namespace, name);
  return object ? [object] : [];
}

function externalMetric({ info: { namespace, resource: name }, query }: MetricsCall, moment: Moment): MetricList {
  const selector = parseLabelSelector(query.get('labelSelector') ?? '');
  const series = namespace === undefined ? [] : externalMetrics(namespace, name, moment);
  const items = series
    .filter(({ labels }) => matchesLabels(selector, labels))
    .map(({ labels, value }) => ({ metricName: name, metricLabels: labels, timestamp: timestamp(moment.now), value: quantity(value) }));
  return { kind: 'ExternalMetricValueList', items };
}

const quantity = (value: number): string => formatQuantity({ nanos: BigInt(Math.round(value * 1e9)), format: 'DecimalSI' });

import { customType } from '../../schema/custom/type-schema.ts';
import type { APIService, JSONSchemaProps } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import type { ApiResource } from '../api-resource.ts';
import type { Table } from '../strategy.ts';
import { nodeMetricsTable, podMetricsTable } from './metrics-tables.ts';

/**
 * The APIs by which a cluster tells what is used and measured in it. Kubernetes leaves them to servers that an add-on brings (metrics-server, prometheus-adapter, KEDA), and so they are served
 * as soon as there is an APIService of such a server: installing the add-on is what it is anywhere else, and the values come from `core/usage/`.
 */
export type MetricsGroup = 'metrics.k8s.io' | 'custom.metrics.k8s.io' | 'external.metrics.k8s.io';

/** Whether a cluster has an add-on that serves the API. */
export const servesMetrics = (state: State, group: MetricsGroup): boolean =>
  VERSIONS[group].some((version) => {
    const apiService = state.get(API_SERVICES, undefined, `${version}.${group}`);
    return apiService !== undefined && metricsServedBy(apiService).length > 0;
  });

const API_SERVICES = 'apiservices.apiregistration.k8s.io';

const VERSIONS: Readonly<Record<MetricsGroup, readonly string[]>> = {
  'metrics.k8s.io': ['v1beta1'],
  'custom.metrics.k8s.io': ['v1beta2', 'v1beta1'],
  'external.metrics.k8s.io': ['v1beta1'],
};

/** What is served in the name of an APIService of another server; always the same array for the same. */
export function metricsServedBy({ spec }: APIService): readonly ApiResource[] {
  return (spec?.service && served[`${spec.group}/${spec.version}`]) || NONE;
}

const NONE: readonly ApiResource[] = [];

function resource(names: Pick<ApiResource, 'group' | 'resource' | 'singular' | 'kind' | 'listKind' | 'namespaced'>, of: ServedAs): ApiResource {
  const { group, kind } = names;
  const { version, verbs, schema = {}, table } = of;
  const groupResource = `${names.resource}.${group}`;
  const type = customType(`${group.split('.').reverse().join('.')}.${version}.${kind}`, { group, version, kind }, { type: 'object', ...schema });
  const storageVersion = { version, type };
  return {
    groupResource,
    ...names,
    shortNames: [],
    categories: [],
    storedAs: groupResource,
    storageVersion,
    versions: [{ ...storageVersion, verbs, subresources: {}, ...(table && { table }) }],
    strategy: {},
    custom: { types: new Map([[`${group}/${version}`, storageVersion]]), terminating: false },
    aggregated: true,
  };
}

interface ServedAs {
  readonly version: string;
  readonly verbs: readonly string[];
  readonly schema?: JSONSchemaProps;
  // biome-ignore lint/suspicious/noExplicitAny: the tables of all kinds
  readonly table?: Table<any>;
}

const READ = ['get', 'list'];

const usage: JSONSchemaProps = { type: 'object', additionalProperties: { 'x-kubernetes-int-or-string': true } };
const measured: Record<string, JSONSchemaProps> = { timestamp: { type: 'string', format: 'date-time' }, window: { type: 'string' } };

const METRICS = 'metrics.k8s.io';
const CUSTOM = 'custom.metrics.k8s.io';
const EXTERNAL = 'external.metrics.k8s.io';

/** The custom API names metrics in paths, as what an object is asked for; only those of namespaces are found under a resource of their own. */
const ofNamespaces = (version: string) =>
  resource(
    { group: CUSTOM, resource: 'metrics', singular: '', kind: 'MetricValueList', listKind: 'MetricValueListList', namespaced: true },
    { version, verbs: ['get'] },
  );

const served: Readonly<Record<string, readonly ApiResource[]>> = {
  [`${METRICS}/v1beta1`]: [
    resource(
      { group: METRICS, resource: 'nodes', singular: '', kind: 'NodeMetrics', listKind: 'NodeMetricsList', namespaced: false },
      { version: 'v1beta1', verbs: READ, schema: { properties: { ...measured, usage } }, table: nodeMetricsTable },
    ),
    resource(
      { group: METRICS, resource: 'pods', singular: '', kind: 'PodMetrics', listKind: 'PodMetricsList', namespaced: true },
      {
        version: 'v1beta1',
        verbs: READ,
        schema: { properties: { ...measured, containers: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' }, usage } } } } },
        table: podMetricsTable,
      },
    ),
  ],
  [`${CUSTOM}/v1beta1`]: [ofNamespaces('v1beta1')],
  [`${CUSTOM}/v1beta2`]: [ofNamespaces('v1beta2')],
  [`${EXTERNAL}/v1beta1`]: [
    resource(
      {
        group: EXTERNAL,
        resource: 'externalmetrics',
        singular: '',
        kind: 'ExternalMetricValueList',
        listKind: 'ExternalMetricValueListList',
        namespaced: true,
      },
      { version: 'v1beta1', verbs: ['get'] },
    ),
  ],
};

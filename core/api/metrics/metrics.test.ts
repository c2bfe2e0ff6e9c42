import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/object.ts';
import { ALL_METRICS } from '../../testing/autoscaling.ts';
import { configMap, namespace, node, pod } from '../../testing/objects.ts';
import { testServer } from '../../testing/server.ts';

const METRICS = '/apis/metrics.k8s.io/v1beta1';
const CUSTOM = '/apis/custom.metrics.k8s.io/v1beta2';
const EXTERNAL = '/apis/external.metrics.k8s.io/v1beta1';

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

const started = { state: { running: { startedAt: '2026-01-01T00:00:00Z' } }, ready: true, restartCount: 0, image: 'i', imageID: 'i' };

/** Pods of one container that run on a node. */
const running = (name: string, labels: Record<string, string>, annotations: Record<string, string>): KubeObject =>
  pod(name, { nodeName: 'n', labels, metadata: { annotations }, phase: 'Running', status: { containerStatuses: [{ name: 'main', ...started }] } });

async function server({ metrics = ALL_METRICS }: { metrics?: readonly KubeObject[] } = {}) {
  const made = await testServer({ objects: [namespace('default'), ...metrics] });
  await made.create(node('n'), configMap('queue', { labels: { 'metrics.logplane.dev/external': 'depth', shard: 'a' }, data: { value: '42' } }));
  for (const object of [
    running('a', { app: 'web' }, { 'kwok.x-k8s.io/usage-cpu': '250m', 'kwok.x-k8s.io/usage-memory': '64Mi', 'metrics.logplane.dev/requests': '7' }),
    running('b', { app: 'db' }, { 'kwok.x-k8s.io/usage-cpu': '1' }),
    pod('waiting', { labels: { app: 'web' } }),
  ]) {
    await made.create(object);
    await made.request(`PUT /api/v1/namespaces/default/pods/${object.metadata.name}/status`, { body: object });
  }
  return made;
}

describe('the resource metrics API', () => {
  it('is not there without an add-on', async () => {
    const { request } = await server({ metrics: [] });
    expect((await request('GET /apis')).text).not.toContain('metrics.k8s.io');
    expect(await request(`GET ${METRICS}/pods`)).toMatchObject({ code: 404, text: '404 page not found\n' });
    expect((await request(`GET ${CUSTOM}/namespaces/default/pods/*/requests`)).code).toBe(404);
  });

  it('is discovered, and its APIService is available', async () => {
    const { request } = await server();
    expect((await request(`GET ${METRICS}`)).json.resources).toEqual([
      { name: 'nodes', singularName: '', namespaced: false, kind: 'NodeMetrics', verbs: ['get', 'list'] },
      { name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs: ['get', 'list'] },
    ]);
    const { status } = (await request('GET /apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io')).json;
    expect(status.conditions).toMatchObject([{ type: 'Available', status: 'True', reason: 'Passed', message: 'all checks passed' }]);
    expect((await request('GET /openapi/v3')).json.paths).toHaveProperty('apis/metrics.k8s.io/v1beta1');
    expect((await request('GET /openapi/v3/apis/metrics.k8s.io/v1beta1')).code).toBe(200);
    expect((await request('GET /openapi/v2')).code).toBe(200);
  });

  it('tells of the pods that run, and of those that are selected', async () => {
    const { request } = await server();
    const all = (await request(`GET ${METRICS}/namespaces/default/pods`)).json;
    expect(all).toMatchObject({ kind: 'PodMetricsList', apiVersion: 'metrics.k8s.io/v1beta1', metadata: {} });
    expect(all.items.map(({ metadata }: KubeObject) => metadata.name)).toEqual(['a', 'b']);
    expect(all.items[0]).toMatchObject({
      metadata: { name: 'a', namespace: 'default', labels: { app: 'web' } },
      window: '15s',
      containers: [{ name: 'main', usage: { cpu: '250m', memory: '64Mi' } }],
    });
    const { items } = (await request(`GET ${METRICS}/pods?labelSelector=app%3Ddb`)).json;
    expect(items.map(({ metadata }: KubeObject) => metadata.name)).toEqual(['b']);
    expect((await request(`GET ${METRICS}/pods?fieldSelector=metadata.name%3Da`)).json.items).toHaveLength(1);
  });

  it('tells of one', async () => {
    const { request } = await server();
    expect((await request(`GET ${METRICS}/namespaces/default/pods/a`)).json).toMatchObject({ kind: 'PodMetrics', metadata: { name: 'a' } });
    expect((await request(`GET ${METRICS}/namespaces/default/pods/none`)).json).toMatchObject({ code: 404, message: 'pods "none" not found' });
    expect((await request(`GET ${METRICS}/namespaces/default/pods/waiting`)).json).toMatchObject({
      code: 404,
      message: 'podmetrics.metrics.k8s.io "default/waiting" not found',
    });
  });

  it('adds up what the pods of a node use', async () => {
    const { request } = await server();
    expect((await request(`GET ${METRICS}/nodes/n`)).json).toMatchObject({ kind: 'NodeMetrics', usage: { cpu: '1290m', memory: '474Mi' } });
  });

  it('is printed', async () => {
    const { request } = await server();
    const { columnDefinitions, rows } = (await request(`GET ${METRICS}/namespaces/default/pods`, { accept: TABLE })).json;
    expect(columnDefinitions.map(({ name }: { name: string }) => name)).toEqual(['Name', 'cpu', 'memory', 'Window']);
    expect(rows[0].cells).toEqual(['a', '250m', '64Mi', '15s']);
  });

  it('is for those who may', async () => {
    const { request } = await server();
    expect((await request(`GET ${METRICS}/namespaces/default/pods`, { token: 'alice' })).json).toMatchObject({
      code: 403,
      message: expect.stringContaining('cannot list resource "pods" in API group "metrics.k8s.io" in the namespace "default"'),
    });
  });

  it('has nothing to write to', async () => {
    const { request } = await server();
    expect((await request(`DELETE ${METRICS}/namespaces/default/pods/a`)).code).toBe(405);
    expect((await request(`POST ${METRICS}/namespaces/default/pods`, { body: {} })).code).toBe(405);
    expect((await request(`POST ${EXTERNAL}/namespaces/default/depth`, { body: {} })).code).toBe(405);
  });
});

describe('the custom metrics API', () => {
  it('tells a metric of all pods that are selected', async () => {
    const { request } = await server();
    const { json } = await request(`GET ${CUSTOM}/namespaces/default/pods/*/requests?labelSelector=app%3Dweb`);
    expect(json).toMatchObject({ kind: 'MetricValueList', apiVersion: 'custom.metrics.k8s.io/v1beta2' });
    expect(json.items).toMatchObject([
      { describedObject: { kind: 'Pod', namespace: 'default', name: 'a', apiVersion: 'v1' }, metric: { name: 'requests' }, value: '7' },
    ]);
  });

  it('tells one of an object, in both versions', async () => {
    const { request, create } = await server({
      metrics: [
        ...ALL_METRICS,
        { ...ALL_METRICS[1]!, metadata: { name: 'v1beta1.custom.metrics.k8s.io' }, spec: { ...ALL_METRICS[1]!.spec, version: 'v1beta1' } } as KubeObject,
      ],
    });
    await create(configMap('site', { metadata: { name: 'site', namespace: 'default', annotations: { 'metrics.logplane.dev/requests': '1500m' } } }));
    expect((await request(`GET ${CUSTOM}/namespaces/default/configmaps/site/requests`)).json.items).toMatchObject([{ value: '1500m', windowSeconds: 15 }]);
    expect((await request('GET /apis/custom.metrics.k8s.io/v1beta1/namespaces/default/configmaps/site/requests')).json.items).toMatchObject([
      { metricName: 'requests', value: '1500m', window: 15 },
    ]);
  });

  it('does not know a metric that nothing has', async () => {
    const { request } = await server();
    expect((await request(`GET ${CUSTOM}/namespaces/default/pods/a/errors`)).json).toMatchObject({
      code: 404,
      message: 'the server could not find the metric errors for pods a',
    });
    expect((await request(`GET ${CUSTOM}/namespaces/default/metrics/errors`)).json).toMatchObject({
      code: 404,
      message: 'the server could not find the metric errors for namespaces default',
    });
  });
});

describe('the external metrics API', () => {
  it('tells the series that are selected', async () => {
    const { request } = await server();
    const { json } = await request(`GET ${EXTERNAL}/namespaces/default/depth?labelSelector=shard%3Da`);
    expect(json).toMatchObject({ kind: 'ExternalMetricValueList', items: [{ metricName: 'depth', metricLabels: { shard: 'a' }, value: '42' }] });
    expect((await request(`GET ${EXTERNAL}/namespaces/default/depth?labelSelector=shard%3Db`)).json.items).toEqual([]);
  });
});

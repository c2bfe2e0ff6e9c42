import { beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../kube/object.ts';
import type { Cluster } from '../../testing/cluster.ts';
import { configMap, deployment, namespace, pod } from '../../testing/objects.ts';
import { type TestServer, testServer } from '../../testing/server.ts';
import { resourceNameOf } from '../../testing/state.ts';
import { wholeCluster } from '../../testing/whole-cluster.ts';
import type { AuditEvent } from '../audit/event.ts';

const EXPORT = '/apis/logplane.dev/v1/export';
const ofShop = '/apis/logplane.dev/v1/namespaces/shop/export';
const inShop = { namespace: 'shop' };

const objects = [
  namespace('shop', { metadata: { labels: { team: 'a' } } }),
  deployment({ replicas: 2 }, { metadata: inShop }),
  configMap('settings', { ...inShop, data: { 'a.b': '1' } }),
  { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'token', ...inShop }, data: { key: 'aHVudGVyMg==' } },
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'runner', ...inShop } },
  { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', ...inShop }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } },
  { apiVersion: 'v1', kind: 'Service', metadata: { name: 'headless', ...inShop }, spec: { clusterIP: 'None', ports: [{ port: 80 }] } },
  pod('alone', { metadata: inShop }),
  {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'once', ...inShop },
    spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'a', command: ['sleep', '1000'] }] } } },
  },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'disk', ...inShop },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'reads', ...inShop },
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
  },
] as KubeObject[];

describe('an export', () => {
  let server: TestServer;
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await wholeCluster();
    server = await testServer({ replicaOf: async () => cluster.replica, env: cluster.env, objects: [] });
    for (const object of objects) await server.create(object);
    await cluster.settle();
  });

  const manifestsAt = async (path: string, options: object = {}): Promise<KubeObject[]> => {
    const { code, text } = await server.request(`GET ${path}`, options);
    expect(code, text).toBe(200);
    return parseAllDocuments(text).map((document) => document.toJS());
  };
  const named = ({ kind, metadata }: KubeObject) => `${kind} ${metadata.name}`;

  it('has the manifests of a namespace, without what controllers made, and is taken by another cluster', async () => {
    const manifests = await manifestsAt(`${ofShop}?format=yaml&secrets=true`);
    const ofNamespace = objects.filter(({ kind }) => kind !== 'Namespace');
    expect(manifests.map(named).sort()).toEqual(ofNamespace.map(named).sort());
    const other = await testServer({ objects: [namespace('shop')] });
    await other.create(...manifests);
    for (const manifest of manifests) {
      expect(Object.keys(manifest.metadata).sort()).toEqual(
        expect.not.arrayContaining(['uid', 'resourceVersion', 'creationTimestamp', 'generation', 'managedFields', 'finalizers']),
      );
      expect(manifest).not.toHaveProperty('status');
      expect(other.replica.state.get(resourceNameOf(manifest), 'shop', manifest.metadata.name)).toBeDefined();
    }
  });

  it('of the whole cluster has its namespaces first, and nothing that every cluster has', async () => {
    const manifests = await manifestsAt(`${EXPORT}?format=yaml`);
    expect(manifests.map(named)[0]).toBe('Namespace shop');
    const kinds = new Set(manifests.map(({ kind }) => kind));
    for (const kind of ['Secret', 'Node', 'Event', 'Lease', 'ReplicaSet', 'EndpointSlice', 'FlowSchema', 'ClusterRole', 'PriorityClass'])
      expect(kinds).not.toContain(kind);
    expect(manifests.filter(({ metadata }) => metadata.namespace === 'kube-system')).toEqual([]);
  });

  it('shows the cluster as it was', async () => {
    const { items } = (
      await server.request(`GET /apis/logplane.dev/v1/namespaces/shop/changes?fieldSelector=${encodeURIComponent('name=settings,type=ADDED')}`)
    ).json;
    const at = items[0].offset - 1;
    expect((await manifestsAt(`${ofShop}?format=yaml&at=${at}`)).map(named)).toEqual(['Deployment web']);
    expect((await manifestsAt(`/clusters/main@${at}${ofShop}?format=yaml`)).map(named)).toEqual(['Deployment web']);
    await server.create({ apiVersion: 'logplane.dev/v1', kind: 'Bookmark', metadata: { name: 'early' }, spec: { at } } as never);
    expect((await manifestsAt(`${ofShop}?format=yaml&at=early`)).map(named)).toEqual(['Deployment web']);
  });

  it('has what changed as audit events, one a line', async () => {
    const { text, headers } = await server.request(`GET ${ofShop}?format=audit`);
    expect(headers.get('content-type')).toBe('application/jsonl');
    const events = text
      .trim()
      .split('\n')
      .map((line): AuditEvent => JSON.parse(line));
    expect(events[0]).toEqual({
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: 'RequestResponse',
      auditID: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      stage: 'ResponseComplete',
      requestURI: '/apis/apps/v1/namespaces/shop/deployments',
      verb: 'create',
      user: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
      userAgent: 'unknown',
      objectRef: {
        resource: 'deployments',
        namespace: 'shop',
        name: 'web',
        uid: expect.any(String),
        apiGroup: 'apps',
        apiVersion: 'v1',
        resourceVersion: expect.any(String),
      },
      responseStatus: { metadata: {}, code: 201 },
      responseObject: expect.objectContaining({ kind: 'Deployment' }),
      requestReceivedTimestamp: '2026-01-01T00:00:00.000000Z',
      stageTimestamp: '2026-01-01T00:00:00.000000Z',
      annotations: { 'authorization.k8s.io/decision': 'allow', 'logplane.dev/offset': expect.any(String) },
    });
    expect(events.filter(({ user }) => user.username === 'system:kube-scheduler').map(({ annotations }) => annotations!['logplane.dev/cause'])).not.toContain(
      undefined,
    );
    expect(new Set(events.map(({ auditID }) => auditID)).size).toBe(events.length);
    expect(text).not.toContain('aHVudGVyMg');
    expect((await server.request(`GET ${ofShop}?format=audit`)).text).toBe(text);
  });

  it('has the changes of a range', async () => {
    const offsets = async (query: string) => {
      const { text } = await server.request(`GET ${EXPORT}?format=audit&${query}`);
      return text
        .split('\n')
        .filter(Boolean)
        .map((line) => Number(JSON.parse(line).annotations['logplane.dev/offset']));
    };
    expect(await offsets('from=3&to=6')).toEqual([3, 4, 5, 6]);
    const { state } = cluster;
    expect((await offsets('')).length).toBe(state.offset);
    expect(await offsets('to=2020-01-01T00:00:00Z')).toEqual([]);
    expect((await offsets(`from=${new Date(state.time).toISOString()}`)).at(-1)).toBe(state.offset);
  });

  it.each([
    { request: `GET ${EXPORT}`, code: 400, message: 'format: Invalid value: "": must be "audit" or "yaml"' },
    { request: `GET ${EXPORT}?format=xml`, code: 400, message: 'format: Invalid value: "xml": must be "audit" or "yaml"' },
    {
      request: `GET ${EXPORT}?format=audit&from=0`,
      code: 400,
      message: 'from: Invalid value: "0": must be a resourceVersion, an RFC 3339 time, or the name of a bookmark',
    },
    { request: `GET ${EXPORT}?format=audit&to=none`, code: 404, message: 'bookmarks.logplane.dev "none" not found' },
    { request: `GET ${EXPORT}?format=yaml&at=99999`, code: 504, message: expect.stringContaining('Too large resource version: 99999') },
    { request: `POST ${EXPORT}?format=yaml`, code: 405, message: 'the server does not allow this method on the requested resource' },
    { request: `GET ${EXPORT}?format=yaml&watch=true`, code: 405, message: 'the server does not allow this method on the requested resource' },
  ])('is refused: $request', async ({ request, code, message }) => {
    const { json, code: answered } = await server.request(request);
    expect({ code: answered, message: json.message }).toEqual({ code, message });
  });

  it('is for those who may, and of what they may list', async () => {
    const roles = await testServer({ roles: true });
    await roles.create(...objects.filter(({ kind }) => kind === 'Namespace' || kind === 'ConfigMap' || kind === 'Secret' || kind === 'Role'));
    const get = (query: string) => roles.request(`GET ${ofShop}?${query}`, { token: 'alice' });
    expect((await get('format=yaml')).json.message).toContain('cannot list resource "export" in API group "logplane.dev" in the namespace "shop"');
    await roles.create({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'alice', namespace: 'shop' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'alice' }],
    } as KubeObject);
    const { text } = await get('format=yaml');
    expect(parseAllDocuments(text).map((document) => named(document.toJS()))).toEqual(['ConfigMap settings']);
    expect((await get('format=yaml&secrets=true')).code).toBe(403);
    const events = (await get('format=audit')).text
      .trim()
      .split('\n')
      .map((line): AuditEvent => JSON.parse(line));
    expect(events.map(({ objectRef, level }) => `${objectRef!.resource} ${level}`)).toContain('secrets Metadata');
    expect(events.find(({ objectRef }) => objectRef!.resource === 'secrets')!.responseObject).toBeUndefined();
  });
});

import { describe, expect, it, vi } from 'vitest';
import { defaultAdmissionPlugins } from '../../core/admission/default-plugins.ts';
import { Apis, apisOf } from '../../core/apis/apis.ts';
import { controllersReconciler } from '../../core/controllers/registry.ts';
import { type Env, idsFrom } from '../../core/env.ts';
import { Runner } from '../../core/reconcile/runner.ts';
import type { CustomResourceDefinition } from '../../core/schema/generated/kinds.ts';
import { State } from '../../core/state/state.ts';
import { configMap, namespace } from '../../core/testing/objects.ts';
import { type TestServer, testServer } from '../../core/testing/server.ts';
import { definition, widget } from './widgets.ts';

// The one place that says which objects establish APIs: here a CustomResourceDefinition of widgets does.
vi.mock('../../core/apis/definers.ts', async () => {
  const { establishedBy } = await import('./widgets.ts');
  return { definers: { 'customresourcedefinitions.apiextensions.k8s.io': establishedBy } };
});

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const WIDGETS = '/apis/example.com/v1/namespaces/default/widgets';
const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

const define = (server: TestServer) => server.create(definition);
const undefine = (server: TestServer) => server.request(`DELETE ${DEFINITIONS}/widgets.example.com`);

/** A cluster that serves widgets. */
async function serving(): Promise<TestServer> {
  const server = await testServer();
  await define(server);
  return server;
}

/** Lets the controllers come to rest. */
async function reconcile({ replica, clock }: TestServer): Promise<void> {
  let n = 0;
  const random = { next: () => 0.5 };
  const env: Env = { clock, random, ids: idsFrom(random, () => `made-${++n}`) };
  await new Runner({ replica, reconciler: controllersReconciler(), env, admissionPlugins: defaultAdmissionPlugins }).run();
}

describe('a resource that an object of the cluster establishes', () => {
  it('is at its path as long as the object is there', async () => {
    const server = await testServer();
    expect(await server.request(`GET ${WIDGETS}`)).toMatchObject({ code: 404, text: '404 page not found\n' });
    await define(server);
    expect(await server.request(`GET ${WIDGETS}`)).toMatchObject({ code: 200, json: { kind: 'WidgetList', apiVersion: 'example.com/v1', items: [] } });
    expect((await server.request('GET /apis/example.com/v2/widgets')).json.message).toBe('the server could not find the requested resource');
    await undefine(server);
    expect(await server.request(`GET ${WIDGETS}`)).toMatchObject({ code: 404, text: '404 page not found\n' });
    expect(server.problems).toEqual([]);
  });

  it('is discovered as long as the object is there', async () => {
    const server = await testServer();
    const groups = async () => (await server.request('GET /apis')).json.groups.map(({ name }: { name: string }) => name);
    const aggregated = async () => {
      const { json, headers } = await server.request('GET /apis', { accept: AGGREGATED });
      return { etag: headers.get('etag'), widgets: json.items.find(({ metadata }: { metadata: { name: string } }) => metadata.name === 'example.com') };
    };
    const before = await aggregated();
    expect(before.widgets).toBeUndefined();
    await define(server);
    expect((await groups()).at(-1)).toBe('example.com');
    expect((await server.request('GET /apis/example.com')).json.versions.map(({ version }: { version: string }) => version)).toEqual(['v1', 'v1beta1']);
    const { resources } = (await server.request('GET /apis/example.com/v1')).json;
    expect(resources).toMatchObject([{ name: 'widgets', shortNames: ['wd'], categories: ['all'] }, { name: 'widgets/scale' }, { name: 'widgets/status' }]);
    expect((await server.request('GET /')).json.paths).toContain('/apis/example.com/v1');
    const during = await aggregated();
    expect(during.widgets.versions).toMatchObject([{ version: 'v1', resources: [{ resource: 'widgets', scope: 'Namespaced' }] }, { version: 'v1beta1' }]);
    await undefine(server);
    expect(await groups()).not.toContain('example.com');
    expect((await server.request('GET /apis/example.com')).code).toBe(404);
    expect(await aggregated()).toEqual(before);
    expect(during.etag).not.toBe(before.etag);
  });

  it('has its own OpenAPI document, and changes no other', async () => {
    const server = await testServer();
    const index = async () => (await server.request('GET /openapi/v3')).json.paths as Record<string, { serverRelativeURL: string }>;
    const before = await index();
    await define(server);
    const { 'apis/example.com/v1': added, 'apis/example.com/v1beta1': beta, ...others } = await index();
    expect(others).toEqual(before);
    expect(beta).toBeDefined();
    const { paths, components } = (await server.request(`GET ${added!.serverRelativeURL}`)).json;
    expect(Object.keys(paths)).toContain('/apis/example.com/v1/namespaces/{namespace}/widgets/{name}/scale');
    expect(components.schemas['com.example.v1.WidgetList'].properties.items).toMatchObject({ items: { $ref: '#/components/schemas/com.example.v1.Widget' } });
    expect(components.schemas['com.example.v1.Widget']).toEqual({
      description: 'A thing that is made.',
      type: 'object',
      properties: {
        apiVersion: { type: 'string' },
        kind: { type: 'string' },
        metadata: { allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' }], default: {} },
        spec: {
          type: 'object',
          required: ['size'],
          properties: {
            color: { type: 'string', default: 'red' },
            options: { type: 'object', properties: {}, 'x-kubernetes-preserve-unknown-fields': true },
            replicas: { type: 'integer', format: 'int64' },
            size: { type: 'string', description: 'How large it is.' },
            tags: { type: 'array', items: { type: 'string' } },
          },
        },
        status: { type: 'object', properties: { ready: { type: 'integer', format: 'int64' } } },
      },
      'x-kubernetes-group-version-kind': [{ group: 'example.com', version: 'v1', kind: 'Widget' }],
    });
    expect(Object.keys((await server.request('GET /openapi/v2')).json.definitions)).toContain('com.example.v1beta1.Widget');
    await undefine(server);
    expect(await index()).toEqual(before);
    expect(Object.keys((await server.request('GET /openapi/v2')).json.definitions)).not.toContain('com.example.v1beta1.Widget');
  });
});

describe('its objects', () => {
  it('are decoded by its schema', async () => {
    const server = await serving();
    const spec = { size: '', tags: [], options: { anything: [0, null, { goes: '' }] }, shape: 'round' };
    const { json, headers } = await server.request(`POST ${WIDGETS}`, { body: widget('a', { ...spec, size: 'large' }) });
    // Defaults come in, unknown fields go, and no zero is taken for nothing.
    expect(json).toMatchObject({ metadata: { generation: 1 } });
    expect(json.spec).toEqual({ size: 'large', tags: [], options: { anything: [0, null, { goes: '' }] }, color: 'red' });
    expect(headers.get('warning')).toBe('299 - "unknown field \\"spec.shape\\""');
    expect((await server.request(`POST ${WIDGETS}?fieldValidation=Strict`, { body: widget('b', spec) })).code).toBe(400);
    expect((await server.request(`POST ${WIDGETS}`, { body: widget('b', { size: 3 }) })).code).toBe(400);
    expect((await server.request(`POST ${WIDGETS}`, { body: widget('b', {}) })).json.message).toBe(
      'Widget.example.com "b" is invalid: spec.size: Required value',
    );
  });

  it('are created, read, listed, changed, watched and deleted', async () => {
    const server = await serving();
    const [made] = await server.create(widget('a'));
    expect((await server.request(`GET ${WIDGETS}/a`)).json).toEqual(made);
    expect((await server.request(`GET ${WIDGETS}?fieldSelector=metadata.name%3Da`)).json.items).toEqual([made]);
    const patch = (type: string, path = '') =>
      server.request(`PATCH ${WIDGETS}/a${path}`, { type: `application/${type}+json`, body: { status: { ready: 1 }, spec: { size: 'small' } } });
    expect((await patch('merge-patch')).json).toMatchObject({ spec: { size: 'small' }, metadata: { generation: 2 } });
    expect((await patch('merge-patch', '/status')).json.status).toEqual({ ready: 1 });
    expect((await patch('strategic-merge-patch')).code).toBe(415);
    expect((await server.request(`PUT ${WIDGETS}/a/scale`, { body: { metadata: { name: 'a' }, spec: { replicas: 4 } } })).json).toMatchObject({
      kind: 'Scale',
      spec: { replicas: 4 },
    });
    expect((await server.request(`DELETE ${WIDGETS}/a`)).code).toBe(200);
    expect((await server.request(`GET ${WIDGETS}/a`)).json.message).toBe('widgets.example.com "a" not found');

    const watch = await server.response(`GET ${WIDGETS}?watch=true&timeoutSeconds=1&resourceVersion=${Number(made!.metadata.resourceVersion) - 1}`);
    const reading = watch.text();
    server.clock.advance(2_000);
    const types = (await reading)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).type);
    expect(types).toEqual(['ADDED', 'MODIFIED', 'MODIFIED', 'MODIFIED', 'DELETED']);
    expect(server.problems).toEqual([]);
  });

  it('are shown in each of its versions, as objects and as rows, and not as protobuf', async () => {
    const server = await serving();
    await server.create(widget('a'));
    const beta = WIDGETS.replace('v1', 'v1beta1');
    expect((await server.request(`GET ${beta}/a`)).json).toMatchObject({ apiVersion: 'example.com/v1beta1', spec: { size: 'large', colour: 'red' } });
    const blue = { ...widget('b', { size: 'large', colour: 'blue' }), apiVersion: 'example.com/v1beta1' };
    expect((await server.request(`POST ${beta}`, { body: blue })).json.spec).toEqual({ size: 'large', colour: 'blue' });
    expect((await server.request(`GET ${WIDGETS}/b`)).json.spec).toEqual({ size: 'large', color: 'blue' });
    const cells = async (path: string) => (await server.request(`GET ${path}`, { accept: TABLE })).json.rows.map((row: { cells: unknown[] }) => row.cells);
    expect(await cells(WIDGETS)).toEqual([['large'], ['large']]);
    expect(await cells(beta)).toEqual([['red'], ['blue']]);
    const protobuf = 'application/vnd.kubernetes.protobuf';
    expect((await server.request(`GET ${WIDGETS}`, { accept: protobuf })).code).toBe(406);
    expect((await server.request(`GET ${WIDGETS}`, { accept: `${protobuf},application/json` })).json.items[0]).toMatchObject({ kind: 'Widget' });
    expect((await server.request(`POST ${WIDGETS}`, { type: protobuf, body: new Uint8Array([1]) })).code).toBe(415);
  });

  it('stay in the log while nothing serves them, and no request reaches them', async () => {
    const server = await serving();
    await server.create(widget('a'));
    await undefine(server);
    expect((await server.request(`DELETE ${WIDGETS}/a`)).code).toBe(404);
    expect((await server.request(`POST ${WIDGETS}`, { body: widget('b') })).code).toBe(404);
    await define(server);
    expect((await server.request(`GET ${WIDGETS}`)).json.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)).toEqual(['a']);
  });
});

describe('the past', () => {
  it('serves what was served then', async () => {
    const server = await testServer();
    const offset = () => server.replica.state.offset;
    const before = offset();
    await define(server);
    await server.create(widget('a'));
    const during = offset();
    await undefine(server);
    const after = offset();
    const at = async (when: number) => {
      const [list, group, document] = await Promise.all(
        [WIDGETS, '/apis/example.com', '/openapi/v3/apis/example.com/v1'].map((path) => server.request(`GET /clusters/main@${when}${path}`)),
      );
      return { codes: [list!.code, group!.code, document!.code], items: list!.json?.items?.length };
    };
    expect(await at(before)).toEqual({ codes: [404, 404, 404], items: undefined });
    expect(await at(during)).toEqual({ codes: [200, 200, 200], items: 1 });
    expect(await at(after)).toEqual({ codes: [404, 404, 404], items: undefined });
    expect(server.problems).toEqual([]);
  });
});

describe('the controllers', () => {
  const ownedBy = ({ apiVersion, kind, metadata }: ReturnType<typeof widget>, name: string) => ({
    ...configMap(name),
    metadata: { name, namespace: 'default', ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid! }] },
  });
  const names = async (server: TestServer, path: string): Promise<string[]> =>
    (await server.request(`GET ${path}`)).json.items
      .map(({ metadata }: { metadata: { name: string } }) => metadata.name)
      .filter((name: string) => name !== 'kube-root-ca.crt');

  it('collect what widgets own, and widgets that are owned', async () => {
    const server = await serving();
    const [owner] = await server.create(widget('owner'));
    const [owned] = await server.create(ownedBy(owner!, 'owned'));
    await server.create(widget('leaf', undefined, { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owned', uid: owned!.metadata.uid! }] }));
    await reconcile(server);
    expect(await names(server, WIDGETS)).toEqual(['leaf', 'owner']);
    await server.request(`DELETE ${WIDGETS}/owner`);
    await reconcile(server);
    expect(await names(server, '/api/v1/namespaces/default/configmaps')).toEqual([]);
    expect(await names(server, WIDGETS)).toEqual([]);
  });

  it('leave alone what an owner has that nothing serves, until something does', async () => {
    const server = await serving();
    const [owner] = await server.create(widget('owner'));
    await server.create(ownedBy({ ...owner!, metadata: { ...owner!.metadata, uid: 'of-one-that-is-gone' } }, 'owned'));
    await undefine(server);
    await reconcile(server);
    expect(await names(server, '/api/v1/namespaces/default/configmaps')).toEqual(['owned']);
    await define(server);
    await reconcile(server);
    expect(await names(server, '/api/v1/namespaces/default/configmaps')).toEqual([]);
  });

  it('empty a namespace of widgets, and let it go with those that nothing serves', async () => {
    const server = await serving();
    await server.create(namespace('shop'), namespace('attic'));
    for (const place of ['shop', 'attic']) await server.create(widget('a', undefined, { namespace: place }));
    await server.request('DELETE /api/v1/namespaces/shop');
    await reconcile(server);
    expect((await server.request('GET /api/v1/namespaces/shop')).code).toBe(404);
    expect(server.replica.state.get('widgets.example.com', 'shop', 'a')).toBeUndefined();
    await undefine(server);
    await server.request('DELETE /api/v1/namespaces/attic');
    await reconcile(server);
    expect((await server.request('GET /api/v1/namespaces/attic')).code).toBe(404);
  });
});

describe('a cluster without definitions', () => {
  it('shares with all others what it serves', async () => {
    const server = await testServer();
    const isShared = () => apisOf(server.replica.state) === Apis.builtIn;
    expect(apisOf(State.empty)).toBe(Apis.builtIn);
    expect(isShared()).toBe(true);
    const gadgets: CustomResourceDefinition = {
      ...definition,
      metadata: { name: 'gadgets.example.com' },
      spec: { ...definition.spec, names: { plural: 'gadgets', kind: 'Gadget' } },
    };
    await server.create(gadgets);
    expect(isShared()).toBe(true);
    await define(server);
    expect(isShared()).toBe(false);
    await undefine(server);
    expect(isShared()).toBe(true);
  });

  it('derives what is served anew only when a definition changes what it establishes', async () => {
    const server = await serving();
    const apis = apisOf(server.replica.state);
    await server.create(widget('a'));
    const labels = { type: 'application/merge-patch+json', body: { metadata: { labels: { a: 'b' } } } };
    expect((await server.request(`PATCH ${DEFINITIONS}/widgets.example.com`, labels)).code).toBe(200);
    expect(apisOf(server.replica.state)).toBe(apis);
  });
});

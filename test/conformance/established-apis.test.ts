import { describe, expect, it } from 'vitest';
import { defaultAdmissionPlugins } from '../../core/admission/default-plugins.ts';
import { Apis, apisOf } from '../../core/apis/apis.ts';
import { controllersReconciler } from '../../core/controllers/registry.ts';
import { type Env, idsFrom } from '../../core/env.ts';
import type { KubeObject } from '../../core/kube/object.ts';
import { Runner } from '../../core/reconcile/runner.ts';
import { State } from '../../core/state/state.ts';
import { configMap, namespace } from '../../core/testing/objects.ts';
import { type TestServer, testServer } from '../../core/testing/server.ts';
import { definition, definitionWith, widget } from './widgets.ts';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const WIDGETS = '/apis/example.com/v1/namespaces/default/widgets';
const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

const define = (server: TestServer) => server.create(definition);
/** Deletes the definition, and lets it go with all widgets. */
async function undefine(server: TestServer): Promise<void> {
  await server.request(`DELETE ${DEFINITIONS}/widgets.example.com`);
  await reconcile(server);
}

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
    expect((await server.request('GET /apis/example.com/v2/widgets')).text).toBe('404 page not found\n');
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
    expect((await groups()).slice(-2)).toEqual(['example.com', 'logplane.dev']);
    expect((await server.request('GET /apis/example.com')).json.versions.map(({ version }: { version: string }) => version)).toEqual(['v1', 'v1beta1']);
    const { resources } = (await server.request('GET /apis/example.com/v1')).json;
    expect(resources).toMatchObject([{ name: 'widgets', shortNames: ['wd'], categories: ['all'] }, { name: 'widgets/status' }, { name: 'widgets/scale' }]);
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
    const { properties, ...widgets } = components.schemas['com.example.v1.Widget'];
    expect(widgets).toEqual({
      description: 'A thing that is made.',
      type: 'object',
      'x-kubernetes-group-version-kind': [{ group: 'example.com', version: 'v1', kind: 'Widget' }],
    });
    expect(properties).toMatchObject({ apiVersion: { type: 'string' }, kind: { type: 'string' } });
    expect(properties.metadata.allOf).toEqual([{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' }]);
    expect(properties.spec).toEqual(definition.spec.versions[0]!.schema!.openAPIV3Schema!.properties!['spec']);
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
    const refused = async (spec: object) => (await server.request(`POST ${WIDGETS}`, { body: widget('b', spec) })).json.message;
    const invalid = 'Widget.example.com "b" is invalid: ';
    expect(await refused({ size: 3 })).toBe(`${invalid}spec.size: Invalid value: "integer": spec.size in body must be of type string: "integer"`);
    expect(await refused({})).toBe(`${invalid}spec.size: Required value`);
    expect(await refused({ size: 'small', tags: ['a', 'b', 'a'] })).toBe(`${invalid}spec.tags[2]: Duplicate value: "a"`);
  });

  it('are created, read, listed, changed, watched and deleted', async () => {
    const server = await serving();
    const [made] = await server.create(widget('a'));
    expect((await server.request(`GET ${WIDGETS}/a`)).json).toEqual(made);
    expect((await server.request(`GET ${WIDGETS}?fieldSelector=metadata.name%3Da`)).json.items).toEqual([made]);
    expect((await server.request(`GET ${WIDGETS}?fieldSelector=spec.color%3Dred`)).json.items).toEqual([made]);
    expect((await server.request(`GET ${WIDGETS}?fieldSelector=spec.color%3Dblue`)).json.items).toEqual([]);
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
    const shown = await server.request(`GET ${beta}/a`);
    expect(shown.json).toMatchObject({ apiVersion: 'example.com/v1beta1', spec: { size: 'large', shape: 'round' } });
    expect(shown.headers.get('warning')).toBe('299 - "example.com/v1beta1 Widget is deprecated; use example.com/v1 Widget"');
    const square = { ...widget('b', { size: 'large', color: 'blue', shape: 'square' }), apiVersion: 'example.com/v1beta1' };
    // It is stored as v1, which has no shapes.
    expect((await server.request(`POST ${beta}`, { body: square })).json.spec).toEqual({ size: 'large', color: 'blue', shape: 'round' });
    expect((await server.request(`GET ${WIDGETS}/b`)).json.spec).toEqual({ size: 'large', color: 'blue' });
    const cells = async (path: string) => (await server.request(`GET ${path}`, { accept: TABLE })).json.rows.map((row: { cells: unknown[] }) => row.cells);
    expect(await cells(WIDGETS)).toEqual([
      ['a', 'large'],
      ['b', 'large'],
    ]);
    expect(await cells(beta)).toEqual([
      ['a', 'round'],
      ['b', 'round'],
    ]);
    const protobuf = 'application/vnd.kubernetes.protobuf';
    expect((await server.request(`GET ${WIDGETS}`, { accept: protobuf })).code).toBe(406);
    expect((await server.request(`GET ${WIDGETS}`, { accept: `${protobuf},application/json` })).json.items[0]).toMatchObject({ kind: 'Widget' });
    expect((await server.request(`POST ${WIDGETS}`, { type: protobuf, body: new Uint8Array([1]) })).code).toBe(415);
  });

  it('go with their definition, which waits for them', async () => {
    const server = await serving();
    await server.create(widget('held', undefined, { finalizers: ['example.com/hold'] }), widget('free'));
    const { json } = await server.request(`DELETE ${DEFINITIONS}/widgets.example.com`);
    expect(json.metadata.finalizers).toEqual(['customresourcecleanup.apiextensions.k8s.io']);
    await reconcile(server);
    const names = (await server.request(`GET ${WIDGETS}`)).json.items.map(({ metadata }: KubeObject) => metadata.name);
    expect(names).toEqual(['held']);
    const { message } = (await server.request(`POST ${WIDGETS}`, { body: widget('late') })).json;
    expect(message).toBe('widgets.example.com "late" is forbidden: create not allowed while custom resource definition is terminating');
    const { conditions } = (await server.request(`GET ${DEFINITIONS}/widgets.example.com`)).json.status;
    expect(conditions.at(-1)).toMatchObject({ type: 'Terminating', status: 'True', reason: 'InstanceDeletionInProgress' });
    await server.request(`PATCH ${WIDGETS}/held`, { type: 'application/merge-patch+json', body: { metadata: { finalizers: null } } });
    await reconcile(server);
    expect((await server.request(`GET ${DEFINITIONS}/widgets.example.com`)).code).toBe(404);
    expect((await server.request(`DELETE ${WIDGETS}/held`)).code).toBe(404);
    await define(server);
    expect((await server.request(`GET ${WIDGETS}`)).json.items).toEqual([]);
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
    const server = await testServer();
    await server.create(ownedBy(widget('owner', undefined, { uid: 'of-one-that-is-gone' }), 'owned'));
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
    const versions = definition.spec.versions.map((version) => ({ ...version, served: false }));
    const names = { plural: 'gadgets', singular: 'gadget', kind: 'Gadget', listKind: 'GadgetList' };
    const gadgets = { ...definitionWith({ names, versions }), metadata: { name: 'gadgets.example.com' } };
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

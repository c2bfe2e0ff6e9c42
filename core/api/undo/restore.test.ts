import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/object.ts';
import { configMap, namespace } from '../../testing/objects.ts';
import { overtakenLog } from '../../testing/overtaken-log.ts';
import { type TestServer, testServer } from '../../testing/server.ts';

/** Restores (docs/undo.md): objects as they were, at once. */

const RESTORES = '/apis/logplane.dev/v1/namespaces/default/restores';
const CLUSTER_RESTORES = '/apis/logplane.dev/v1/clusterrestores';
const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';

type Options = NonNullable<Parameters<TestServer['request']>[1]> & { query?: string };

let count = 0;
const restore = (server: TestServer, spec: object, { query = '', ...options }: Options = {}) =>
  server.request(`POST ${RESTORES}${query}`, { body: { apiVersion: 'logplane.dev/v1', kind: 'Restore', metadata: { name: `r${++count}` }, spec }, ...options });
const clusterRestore = (server: TestServer, spec: object) =>
  server.request(`POST ${CLUSTER_RESTORES}`, { body: { apiVersion: 'logplane.dev/v1', kind: 'ClusterRestore', metadata: { name: `r${++count}` }, spec } });

const put = (server: TestServer, name: string, data: Record<string, string>, query = '') =>
  server.request(`PATCH ${CONFIGMAPS}/${name}${query}`, { body: { data }, type: 'application/merge-patch+json' });
const apply = (server: TestServer, object: KubeObject, manager: string) =>
  server.request(`PATCH ${CONFIGMAPS}/${object.metadata.name}?fieldManager=${manager}`, { body: object, type: 'application/apply-patch+yaml' });
const remove = (server: TestServer, path: string) => server.request(`DELETE ${path}`);
const data = ({ replica }: TestServer, name: string) => replica.state.get('configmaps', 'default', name)?.data;
const withData = (name: string, values: Record<string, string>, more: object = {}) => ({ ...configMap(name, more as never), data: values });

/** Three ConfigMaps and where the log ended then; since then one was changed, one removed, and one is new. */
async function changed(): Promise<{ server: TestServer; before: number }> {
  const server = await testServer();
  await server.create(withData('changed', { a: '1', b: '1' }), withData('gone', { a: '1' }), withData('same', { a: '1' }));
  const before = server.replica.state.offset;
  await put(server, 'changed', { a: '2' });
  await remove(server, `${CONFIGMAPS}/gone`);
  await server.create(withData('new', { a: '1' }));
  return { server, before };
}

describe('a restore', () => {
  it('makes again what is gone, changes back what was changed, and removes what was not there, in one entry', async () => {
    const { server, before } = await changed();
    const old = await server.replica.at(before);
    const end = server.replica.state.offset;
    const { code, json } = await restore(server, { at: before, resources: ['configmaps'] });
    expect({ code, message: json.message }).toEqual({ code: 201, message: undefined });
    expect(data(server, 'changed')).toEqual({ a: '1', b: '1' });
    expect(data(server, 'gone')).toEqual({ a: '1' });
    expect(data(server, 'new')).toBeUndefined();
    expect(json.status).toMatchObject({ offset: end, created: 1, changed: 1, removed: 1 });
    expect(json.status.objects).toEqual([
      { operation: 'Delete', resource: 'configmaps', namespace: 'default', name: 'new' },
      { operation: 'Update', resource: 'configmaps', namespace: 'default', name: 'changed', fields: ['.data.a'], resourceVersion: String(end + 3) },
      { operation: 'Create', resource: 'configmaps', namespace: 'default', name: 'gone', resourceVersion: String(end + 4) },
    ]);
    // Another object, with a uid of its own.
    expect(server.replica.state.get('configmaps', 'default', 'gone')!.metadata.uid).not.toBe(old.get('configmaps', 'default', 'gone')!.metadata.uid);
    // All of it follows from the record, and is one entry.
    const { changes } = await server.replica.changesAfter(end, { signal: new AbortController().signal });
    expect(changes.map(({ cause }) => cause)).toEqual([undefined, end + 1, end + 1, end + 1, undefined]);
    // Once more, there is nothing to do.
    expect((await restore(server, { at: before, resources: ['cm'] })).json.status).toMatchObject({ created: 0, changed: 0, removed: 0 });
  });

  it('says in a dry run what it would do', async () => {
    const { server, before } = await changed();
    const { offset } = server.replica.state;
    const { json } = await restore(server, { at: before, everything: true }, { query: '?dryRun=All' });
    expect(json.status).toMatchObject({ created: 1, changed: 1, removed: 1 });
    expect(json.status.objects.map(({ operation, name }: { operation: string; name: string }) => `${operation} ${name}`)).toEqual([
      'Delete new',
      'Update changed',
      'Create gone',
    ]);
    expect(server.replica.state.offset).toBe(offset);
  });

  it('takes what is chosen: by name, by labels that were or are there, by bookmark and time', async () => {
    const server = await testServer();
    await server.create(withData('a', { x: '1' }, { labels: { app: 'web' } }), withData('b', { x: '1' }));
    const at = server.replica.state.offset;
    await server.create({ apiVersion: 'logplane.dev/v1', kind: 'Bookmark', metadata: { name: 'good' }, spec: { offset: at } } as never);
    const time = new Date(server.replica.now()).toISOString();
    server.clock.advance(60_000);
    await server.request(`PATCH ${CONFIGMAPS}/a`, { body: { data: { x: '2' }, metadata: { labels: null } }, type: 'application/merge-patch+json' });
    await put(server, 'b', { x: '2' });
    await restore(server, { at: 'good', selector: { matchLabels: { app: 'web' } } });
    expect([data(server, 'a'), data(server, 'b')]).toEqual([{ x: '1' }, { x: '2' }]);
    expect(server.replica.state.get('configmaps', 'default', 'a')!.metadata.labels).toEqual({ app: 'web' });
    await restore(server, { at: time, names: ['b'] });
    expect(data(server, 'b')).toEqual({ x: '1' });
  });

  it('brings back a namespace with what was in it, definitions with their objects, and owners before what they own', async () => {
    const server = await testServer();
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        names: { plural: 'widgets', kind: 'Widget' },
        scope: 'Namespaced',
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { size: { type: 'integer' } } } } }],
      },
    };
    await server.create(namespace('shop'), definition as never);
    const widget = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w', namespace: 'shop' }, size: 3 };
    const [owner] = await server.create(widget as never);
    const ownerReferences = [{ apiVersion: 'example.com/v1', kind: 'Widget', name: 'w', uid: owner!.metadata.uid! }];
    await server.create(configMap('a', { namespace: 'shop', metadata: { ownerReferences } } as never));
    const at = server.replica.state.offset;
    // As their controllers would, once they are asked to.
    await server.replica.commit(() => ({
      events: [
        'configmaps/shop/a',
        'widgets.example.com/shop/w',
        'namespaces//shop',
        'customresourcedefinitions.apiextensions.k8s.io//widgets.example.com',
      ].map((key) => ({ type: 'DELETED' as const, key, actor: { username: 'x', groups: [] } })),
      answer: () => undefined,
    }));
    const { code, json } = await clusterRestore(server, { at, everything: true });
    expect({ code, message: json.message }).toEqual({ code: 201, message: undefined });
    const { state } = server.replica;
    const again = state.get('widgets.example.com', 'shop', 'w')!;
    expect(again).toMatchObject({ size: 3 });
    expect(state.get('configmaps', 'shop', 'a')!.metadata.ownerReferences).toEqual([{ ...ownerReferences[0], uid: again.metadata.uid }]);
    expect(again.metadata.uid).not.toBe(owner!.metadata.uid);
  });

  it('goes by what is there when it is written, whoever was first', async () => {
    const log = overtakenLog();
    const server = await testServer({ log });
    await server.create(withData('a', { x: '1' }));
    const at = server.replica.state.offset;
    await put(server, 'a', { x: '2' });
    const other = { username: 'other', groups: [] };
    log.overtake('admin', () => [
      { type: 'MODIFIED', key: 'configmaps/default/a', patch: { data: { x: '3', y: '1' } }, actor: other },
      { type: 'ADDED', key: 'configmaps/default/late', object: configMap('late'), actor: other },
    ]);
    const { json } = await restore(server, { at, everything: true });
    expect(json.status).toMatchObject({ changed: 1, removed: 1 });
    expect([data(server, 'a'), server.replica.state.get('configmaps', 'default', 'late')]).toEqual([{ x: '1' }, undefined]);
  });

  it('names and passes over what is served no more', async () => {
    const server = await testServer();
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        names: { plural: 'widgets', kind: 'Widget' },
        scope: 'Namespaced',
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
      },
    };
    await server.create(definition as never);
    await server.create({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w', namespace: 'default' } } as never);
    const at = server.replica.state.offset;
    await server.replica.commit(() => ({
      events: ['widgets.example.com/default/w', 'customresourcedefinitions.apiextensions.k8s.io//widgets.example.com'].map((key) => ({
        type: 'DELETED' as const,
        key,
        actor: { username: 'x', groups: [] },
      })),
      answer: () => undefined,
    }));
    const { json } = await restore(server, { at, everything: true });
    expect(json.status).toMatchObject({
      created: 0,
      skipped: [{ resource: 'widgets.example.com', namespace: 'default', name: 'w', reason: 'its kind is not served any more' }],
    });
  });

  it('refuses to take what field managers have declared, unless forced', async () => {
    const server = await testServer();
    await apply(server, withData('a', { x: '1', y: '1' }), 'argocd');
    await apply(server, withData('created', { x: '1' }), 'argocd');
    const at = server.replica.state.offset;
    await apply(server, withData('a', { x: '2', y: '1' }), 'argocd');
    const { offset } = server.replica.state;
    const refused = await restore(server, { at, names: ['a'] });
    expect(refused.json).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message: expect.stringContaining('configmaps "default/a": .data.x belongs to field manager "argocd"'),
      details: { group: 'logplane.dev', kind: 'restores', causes: [{ reason: 'FieldManagerConflict', field: '.data.x' }] },
    });
    const removal = await restore(server, { at: at - 2, everything: true });
    expect(removal.json.message).toContain('configmaps "default/created": it belongs to field manager "argocd"');
    expect(server.replica.state.offset).toBe(offset);
    expect((await restore(server, { at, names: ['a'], force: true })).code).toBe(201);
    expect(data(server, 'a')).toEqual({ x: '1', y: '1' });
  });

  it('leaves children to the controllers that are restored with them, and refuses those of others, unless forced', async () => {
    const server = await testServer();
    const [owner] = await server.create(withData('owner', { x: '1' }, { labels: { app: 'web' } }));
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner!.metadata.uid!, controller: true }];
    await server.create(withData('child', { x: '1' }, { labels: { app: 'web', child: 'yes' }, metadata: { ownerReferences } }));
    const at = server.replica.state.offset;
    await put(server, 'owner', { x: '2' });
    await put(server, 'child', { x: '2' });
    const refused = await restore(server, { at, selector: { matchLabels: { child: 'yes' } } });
    expect(refused.json).toMatchObject({ code: 409, message: expect.stringContaining('configmaps "default/child": it is controlled by ConfigMap "owner"') });
    await restore(server, { at, selector: { matchLabels: { app: 'web' } } });
    expect([data(server, 'owner'), data(server, 'child')]).toEqual([{ x: '1' }, { x: '2' }]);
    await restore(server, { at, names: ['child'], force: true });
    expect(data(server, 'child')).toEqual({ x: '1' });
    await remove(server, `${CONFIGMAPS}/child`);
    await remove(server, `${CONFIGMAPS}/owner`);
    const orphan = await restore(server, { at, names: ['child'] });
    expect(orphan.json).toMatchObject({ code: 409, message: expect.stringContaining('configmaps "default/child": its owner ConfigMap "owner" is not there') });
    expect((await restore(server, { at, names: ['child'], force: true })).code).toBe(201);
    expect(server.replica.state.get('configmaps', 'default', 'child')!.metadata.ownerReferences).toBeUndefined();
  });

  it('cannot take what is being deleted, forced or not', async () => {
    const server = await testServer();
    await server.create(configMap('a', { metadata: { finalizers: ['example.com/hold'] } } as never));
    const at = server.replica.state.offset;
    await remove(server, `${CONFIGMAPS}/a`);
    const { json } = await restore(server, { at, names: ['a'], force: true });
    expect(json).toMatchObject({ code: 409, message: expect.stringContaining('configmaps "default/a": it is being deleted') });
  });

  it('is refused whole when one object is refused, with which it was', async () => {
    const server = await testServer({ admissionPlugins: [] });
    await server.create(withData('a', { x: '1' }), { ...withData('sealed', { x: '1' }), immutable: true } as never);
    const at = server.replica.state.offset;
    await remove(server, `${CONFIGMAPS}/sealed`);
    await put(server, 'a', { x: '2' });
    await server.create({ ...withData('sealed', { x: '2' }), immutable: true } as never);
    const { offset } = server.replica.state;
    const { json } = await restore(server, { at, everything: true });
    expect(json).toMatchObject({
      code: 422,
      reason: 'Invalid',
      message: expect.stringContaining('configmaps "default/sealed": ConfigMap "sealed" is invalid: data: Forbidden'),
    });
    expect(server.replica.state.offset).toBe(offset);
  });

  it('does only what its user may, and could read', async () => {
    const server = await testServer({ roles: true });
    const grant = (...rules: object[]) => [
      { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'r', namespace: 'default' }, rules },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: 'r', namespace: 'default' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'alice' }],
      },
    ];
    const role = grant(
      { apiGroups: ['logplane.dev'], resources: ['restores'], verbs: ['create'] },
      { apiGroups: [''], resources: ['configmaps'], verbs: ['update', 'get'] },
    );
    await server.create(...(role as never[]));
    await server.create(withData('a', { x: '1' }), withData('b', { x: '1' }), {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', namespace: 'default' },
    } as never);
    const at = server.replica.state.offset;
    await put(server, 'a', { x: '2' });
    await remove(server, `${CONFIGMAPS}/b`);
    const refused = await restore(server, { at, resources: ['configmaps'] }, { token: 'alice' });
    expect(refused.json).toMatchObject({ code: 403, message: expect.stringContaining('User "alice" cannot create resource "configmaps"') });
    expect((await restore(server, { at, names: ['a'], resources: ['configmaps'] }, { token: 'alice' })).code).toBe(201);
    await remove(server, '/api/v1/namespaces/default/secrets/s');
    expect((await restore(server, { at, resources: ['secrets'] }, { token: 'alice' })).json).toMatchObject({
      code: 403,
      message: expect.stringContaining('cannot get resource "secrets"'),
    });
  });

  it('is for who may edit its namespace, and not for who may view it', async () => {
    const server = await testServer({ roles: true });
    const bound = (role: string) => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: role, namespace: 'default' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'alice' }],
    });
    await server.create(withData('a', { x: '1' }));
    const at = server.replica.state.offset;
    await put(server, 'a', { x: '2' });
    await server.create(bound('view') as never);
    const refused = await restore(server, { at, names: ['a'] }, { token: 'alice' });
    expect(refused.json).toMatchObject({ code: 403, message: expect.stringContaining('cannot create resource "restores" in API group "logplane.dev"') });
    await server.create(bound('edit') as never);
    expect((await restore(server, { at, names: ['a'] }, { token: 'alice' })).json.status).toMatchObject({ changed: 1 });
    // What the role does not have, it does not get by this.
    const before = server.replica.state.offset;
    await server.create({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q', namespace: 'default' }, spec: { hard: { pods: '5' } } } as never);
    expect((await restore(server, { at: before, resources: ['resourcequotas'] }, { token: 'alice' })).json).toMatchObject({
      code: 403,
      message: expect.stringContaining('cannot delete resource "resourcequotas"'),
    });
  });

  const wrong: { name: string; spec: object; message: string; code?: number }[] = [
    {
      name: 'an offset in the future',
      spec: { at: 99999, everything: true },
      message: 'spec.at: Invalid value: 99999: must not be in the future: the log ends at',
    },
    {
      name: 'a time in the future',
      spec: { at: '2999-01-01T00:00:00Z', everything: true },
      message: 'spec.at: Invalid value: "2999-01-01T00:00:00Z": must not be in the future',
    },
    {
      name: 'a time before the cluster',
      spec: { at: '1999-01-01T00:00:00Z', everything: true },
      message: 'spec.at: Invalid value: "1999-01-01T00:00:00Z": must not be before the cluster began',
    },
    {
      name: 'no bookmark',
      spec: { at: 'absent', everything: true },
      message: 'spec.at: Invalid value: "absent": must be a resourceVersion, an RFC 3339 time, or the name of a Bookmark that is there',
    },
    { name: 'nothing chosen', spec: { at: 1 }, message: 'spec: Required value: resources, names, namespaces, a selector, or everything: true' },
    {
      name: 'everything and some',
      spec: { at: 1, everything: true, names: ['a'] },
      message: 'spec.everything: Invalid value: true: may not be specified when something else chooses objects',
    },
    {
      name: 'no resource',
      spec: { at: 1, resources: ['wigdets'] },
      message: 'spec.resources[0]: Invalid value: "wigdets": no resource of this name is served, or was',
    },
    { name: 'no selector', spec: { at: 1, selector: { matchLabels: { 'a b': 'x' } } }, message: 'spec.selector.matchLabels: Invalid value: "a b"' },
    { name: 'no time', spec: { everything: true }, message: 'spec.at: Required value' },
  ];
  for (const { name, spec, message, code = 422 } of wrong)
    it(`is refused: ${name}`, async () => {
      const server = await testServer();
      const { offset } = server.replica.state;
      const answer = await restore(server, spec);
      expect(answer.json).toMatchObject({ kind: 'Status', code });
      expect(answer.json.message).toContain(message);
      expect(server.replica.state.offset).toBe(offset);
      expect(server.problems).toEqual([]);
    });
});

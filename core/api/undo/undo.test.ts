import { describe, expect, it } from 'vitest';
import { defaultAdmissionPlugins } from '../../admission/default-plugins.ts';
import { staticTokens } from '../../auth/static-tokens.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { State } from '../../state/state.ts';
import type { Cluster } from '../../testing/cluster.ts';
import { configMap, deployment, namespace } from '../../testing/objects.ts';
import { overtakenLog } from '../../testing/overtaken-log.ts';
import { bearers, type TestServer, testServer } from '../../testing/server.ts';
import { wholeCluster } from '../../testing/whole-cluster.ts';
import { contentOf } from '../../undo/content.ts';
import { createServer } from '../server.ts';

/** Undos (docs/undo.md): the inverse of changes. */

const UNDOS = '/apis/logplane.dev/v1/namespaces/default/undos';
const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';

type Request = TestServer['request'];
type Options = NonNullable<Parameters<Request>[1]> & { query?: string };

const ROUNDS = 25;

let count = 0;
const undo = ({ request }: { request: Request }, spec: object, { query = '', ...options }: Options = {}) =>
  request(`POST ${UNDOS}${query}`, { body: { apiVersion: 'logplane.dev/v1', kind: 'Undo', metadata: { name: `u${++count}` }, spec }, ...options });
const clusterUndo = ({ request }: { request: Request }, spec: object) =>
  request('POST /apis/logplane.dev/v1/clusterundos', { body: { apiVersion: 'logplane.dev/v1', kind: 'ClusterUndo', metadata: { name: `u${++count}` }, spec } });

const put = ({ request }: { request: Request }, name: string, data: Record<string, string | null>, options: Options = {}) =>
  request(`PATCH ${CONFIGMAPS}/${name}`, { body: { data }, type: 'application/merge-patch+json', ...options });
const data = ({ replica }: TestServer, name: string) => replica.state.get('configmaps', 'default', name)?.data;
const withData = (name: string, values: Record<string, string>, more: object = {}) => ({ ...configMap(name, more as never), data: values });
const end = ({ replica }: TestServer) => replica.state.offset;
const role = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: 'alice' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'alice' }],
};

describe('an undo', () => {
  it('takes back one change, and no other', async () => {
    const server = await testServer();
    await server.create(withData('a', { x: '1', y: '1' }));
    await put(server, 'a', { x: '2' });
    const offset = end(server);
    await put(server, 'a', { y: '2', z: '1' });
    const { code, json } = await undo(server, { offset });
    expect({ code, message: json.message }).toEqual({ code: 201, message: undefined });
    expect(data(server, 'a')).toEqual({ x: '1', y: '2', z: '1' });
    expect(json.status).toMatchObject({
      offset: offset + 1,
      created: 0,
      changed: 1,
      removed: 0,
      objects: [{ operation: 'Update', name: 'a', fields: ['.data.x'] }],
    });
    // And is taken back like any other.
    expect((await undo(server, { request: json.status.request })).json.status).toMatchObject({ changed: 1 });
    expect(data(server, 'a')).toEqual({ x: '2', y: '2', z: '1' });
  });

  it('is refused where the same fields were changed since, with which, unless it is forced', async () => {
    const server = await testServer();
    await server.create(withData('a', { x: '1' }), withData('b', { x: '1' }));
    await put(server, 'a', { x: '2' });
    const offset = end(server);
    await put(server, 'a', { x: '3' });
    const before = end(server);
    const { json } = await undo(server, { offset });
    expect(json).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message: `Operation cannot be fulfilled on undos.logplane.dev "u${count}": configmaps "default/a": .data.x was changed since`,
      details: { name: `u${count}`, group: 'logplane.dev', kind: 'undos', causes: [{ field: '.data.x' }] },
    });
    expect(end(server)).toBe(before);
    expect((await undo(server, { offset, force: true })).code).toBe(201);
    expect(data(server, 'a')).toEqual({ x: '1' });
  });

  it('removes what was created, unless others have changed it, and brings back what was deleted, unless it is there again', async () => {
    const server = await testServer();
    await server.create(withData('a', { x: '1' }));
    const created = end(server);
    await put(server, 'a', { x: '2' });
    expect((await undo(server, { offset: created })).json).toMatchObject({
      code: 409,
      message: expect.stringContaining('configmaps "default/a": it was changed since'),
    });
    await server.request(`DELETE ${CONFIGMAPS}/a`);
    const deleted = end(server);
    await undo(server, { offset: deleted });
    expect(data(server, 'a')).toEqual({ x: '2' });
    await server.request(`DELETE ${CONFIGMAPS}/a`);
    await server.create(withData('a', { other: 'one' }));
    expect((await undo(server, { offset: deleted })).json).toMatchObject({
      code: 409,
      message: expect.stringContaining('configmaps "default/a": it is there again, and another one'),
    });
    await server.create(withData('b', { x: '1' }));
    expect((await undo(server, { offset: end(server) })).json.status).toMatchObject({ removed: 1 });
    expect(data(server, 'b')).toBeUndefined();
  });

  it('brings back all that one deletion of a collection has deleted, by the first of it', async () => {
    const log = overtakenLog();
    const server = await testServer({ log });
    const names = ['a', 'b', 'c'];
    await server.create(...names.map((name) => withData(name, { of: name }, { labels: { app: 'web' } })), withData('d', { of: 'd' }));
    // The deletion is decided for one place of the log, and comes to another.
    const other = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'other', namespace: 'default', uid: 'other' } };
    log.overtake('admin', () => [{ type: 'ADDED', key: 'secrets/default/other', object: other, actor: { username: 'x', groups: [] } }]);
    const first = end(server) + 2;
    expect((await server.request(`DELETE ${CONFIGMAPS}?labelSelector=app%3Dweb`)).code).toBe(200);
    expect(names.map((name) => data(server, name))).toEqual([undefined, undefined, undefined]);
    expect(server.replica.recentChanges(first - 1)!.map(({ offset, cause }) => [offset, cause])).toEqual([
      [first, undefined],
      [first + 1, first],
      [first + 2, first],
    ]);
    await server.request(`DELETE ${CONFIGMAPS}/d`);
    expect((await undo(server, { request: first })).json.status).toMatchObject({ created: 3, changed: 0, removed: 0 });
    expect([...names, 'd'].map((name) => data(server, name))).toEqual([...names.map((of) => ({ of })), undefined]);
  });

  it('goes by what is there when it is written, whoever was first', async () => {
    const log = overtakenLog();
    const server = await testServer({ log });
    await server.create(withData('a', { x: '1' }), withData('b', { x: '1' }));
    await put(server, 'a', { x: '2' });
    const changed = end(server);
    const other = { username: 'other', groups: [] };
    log.overtake('admin', () => [{ type: 'MODIFIED', key: 'configmaps/default/a', patch: { data: { x: '3' } }, actor: other }]);
    expect((await undo(server, { offset: changed })).json).toMatchObject({ code: 409, message: expect.stringContaining('.data.x was changed since') });
    await server.create(withData('new', { x: '1' }));
    const created = end(server);
    log.overtake('admin', () => [{ type: 'MODIFIED', key: 'configmaps/default/new', patch: { data: { x: '3' } }, actor: other }]);
    expect((await undo(server, { offset: created })).json).toMatchObject({
      code: 409,
      message: expect.stringContaining('configmaps "default/new": it was changed since'),
    });
    expect([data(server, 'a'), data(server, 'new')]).toEqual([{ x: '3' }, { x: '3' }]);
  });

  it('takes a whole transaction back, by the record of it', async () => {
    const server = await testServer();
    await server.create(withData('a', { x: '1' }), withData('gone', { x: '1' }));
    const steps = [
      { create: { object: withData('new', { x: '1' }) } },
      { patch: { target: { apiVersion: 'v1', kind: 'ConfigMap', name: 'a' }, type: 'merge', patch: { data: { x: '2' } } } },
      { delete: { target: { apiVersion: 'v1', kind: 'ConfigMap', name: 'gone' } } },
    ];
    const made = await server.request('POST /apis/logplane.dev/v1/namespaces/default/transactions', {
      body: { apiVersion: 'logplane.dev/v1', kind: 'Transaction', metadata: { name: 't' }, spec: { steps } },
    });
    const { json } = await undo(server, { request: made.json.status.request });
    expect(json.status).toMatchObject({ created: 1, changed: 1, removed: 1 });
    expect([data(server, 'a'), data(server, 'gone'), data(server, 'new')]).toEqual([{ x: '1' }, { x: '1' }, undefined]);
  });

  it('takes back what a user did since, and leaves what others did', async () => {
    const server = await testServer({ roles: true });
    await server.create(role as never, withData('a', { x: '1', y: '1' }), withData('gone', { x: '1' }));
    const since = end(server);
    const alice = { token: 'alice' };
    await put(server, 'a', { x: '2' }, alice);
    await put(server, 'a', { y: '2' });
    await put(server, 'a', { x: '3' }, alice);
    await server.request(`DELETE ${CONFIGMAPS}/gone`, alice);
    await server.request(`POST ${CONFIGMAPS}`, { body: withData('new', { x: '1' }), ...alice });
    const dry = await undo(server, { actor: 'alice', since }, { query: '?dryRun=All' });
    expect(dry.json.status).toMatchObject({ created: 1, changed: 1, removed: 1 });
    expect(data(server, 'new')).toEqual({ x: '1' });
    expect((await undo(server, { actor: 'alice', since })).code).toBe(201);
    expect([data(server, 'a'), data(server, 'gone'), data(server, 'new')]).toEqual([{ x: '1', y: '2' }, { x: '1' }, undefined]);
    expect((await undo(server, { actor: 'nobody', since })).json.status).toMatchObject({ created: 0, changed: 0, removed: 0 });
  });

  it('leaves no difference, whatever a user did', async () => {
    const server = await testServer({ roles: true });
    await server.create(role as never);
    const random = seeded(7);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
    for (const name of ['a', 'b', 'c']) await server.create(withData(name, { x: '0', y: '0' }, { labels: { l: '0' } }));
    await server.create(deployment());
    let changed = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const since = end(server);
      const before = contents(server.replica.state);
      for (let i = 0; i < 6; i++) {
        const name = pick(['a', 'b', 'c', 'd', 'e']);
        const patch = pick<object>([
          { data: { [pick(['x', 'y', 'z'])]: pick([String(i), null]) } },
          { metadata: { labels: { l: String(i) } } },
          { metadata: { annotations: { a: String(i) }, finalizers: null } },
          { data: null },
        ]);
        const options = { token: 'alice', type: 'application/merge-patch+json' };
        const made = pick([
          () => server.request(`PATCH ${CONFIGMAPS}/${name}`, { body: patch, ...options }),
          () => server.request(`POST ${CONFIGMAPS}`, { body: withData(name, { x: String(i) }), token: 'alice' }),
          () => server.request(`DELETE ${CONFIGMAPS}/${name}`, { token: 'alice' }),
          () =>
            server.request('PATCH /apis/apps/v1/namespaces/default/deployments/web', {
              body: { spec: { template: { spec: { containers: [{ name: pick(['web', 'side']), image: `i:${i}` }] } } } },
              token: 'alice',
              type: 'application/strategic-merge-patch+json',
            }),
          () => server.request('PATCH /apis/apps/v1/namespaces/default/deployments/web', { body: { spec: { replicas: i } }, ...options }),
        ]);
        await made();
      }
      if (JSON.stringify(contents(server.replica.state)) !== JSON.stringify(before)) changed++;
      const { code, json } = await undo(server, { actor: 'alice', since });
      expect({ round, code, message: json.message }).toEqual({ round, code: 201, message: undefined });
      expect(contents(server.replica.state)).toEqual(before);
    }
    expect(changed).toBeGreaterThan(ROUNDS / 2);
  });

  const wrong: { name: string; spec: object; message: string }[] = [
    { name: 'nothing', spec: {}, message: 'spec: Required value: one of offset, request, actor' },
    { name: 'two', spec: { offset: 1, request: 1 }, message: 'spec: Invalid value: "offset, request": must be one of them' },
    { name: 'an actor without a moment', spec: { actor: 'alice' }, message: 'spec.since: Required value: with an actor' },
    { name: 'a moment without an actor', spec: { offset: 1, since: 1 }, message: 'spec.since: Invalid value: 1: may only be specified with an actor' },
    { name: 'an offset in the future', spec: { offset: 99999 }, message: 'spec.offset: Invalid value: 99999: must not be in the future' },
    { name: 'a change of another namespace', spec: { offset: 1 }, message: 'spec.offset: Invalid value: 1: no change of this namespace stands there' },
    { name: 'no offset', spec: { offset: 0 }, message: 'spec.offset: Invalid value: 0: spec.offset in body should be greater than or equal to 1' },
  ];
  for (const { name, spec, message } of wrong)
    it(`is refused: ${name}`, async () => {
      const server = await testServer();
      const before = end(server);
      const { json } = await undo(server, spec);
      expect(json).toMatchObject({ kind: 'Status', code: 422, reason: 'Invalid' });
      expect(json.message).toContain(message);
      expect(end(server)).toBe(before);
      expect(server.problems).toEqual([]);
    });
});

describe('an undo where controllers work', () => {
  it('takes a deployment back to its image, and its pods follow', async () => {
    const { cluster, request } = await wholeServer([deployment({ replicas: 2 })]);
    const images = () => cluster.pods.map(({ spec }) => spec!.containers[0]!.image);
    const before = images();
    const offset = cluster.state.offset + 1;
    const body = {
      spec: { template: { spec: { containers: [{ name: cluster.list('deployments.apps')[0]!.spec!.template.spec!.containers[0]!.name, image: 'other:2' }] } } },
    };
    await request('PATCH /apis/apps/v1/namespaces/default/deployments/web', { body, type: 'application/strategic-merge-patch+json' });
    await cluster.settle();
    await cluster.pass(60);
    expect(images()).toEqual(['other:2', 'other:2']);
    const { json } = await undo({ request }, { request: offset });
    // The pods are the controllers'.
    expect(json.status).toMatchObject({ created: 0, changed: 1, removed: 0 });
    await cluster.settle();
    await cluster.pass(60);
    expect(images()).toEqual(before);
  });

  it('brings a deleted namespace back, with what was in it', async () => {
    const { cluster, request } = await wholeServer([
      namespace('shop'),
      deployment({ replicas: 2 }, { metadata: { namespace: 'shop' } }),
      withData('settings', { x: '1' }, { namespace: 'shop' }) as never,
    ]);
    const before = contents(cluster.state, 'shop');
    const offset = cluster.state.offset + 1;
    await request('DELETE /api/v1/namespaces/shop');
    for (let i = 0; i < 5; i++) await cluster.pass(60);
    expect(cluster.state.get('namespaces', undefined, 'shop')).toBeUndefined();
    const { code, json } = await clusterUndo({ request }, { request: offset });
    expect({ code, message: json.message }).toEqual({ code: 201, message: undefined });
    await cluster.settle();
    await cluster.pass(60);
    expect(contents(cluster.state, 'shop')).toEqual(before);
    expect(cluster.pods.filter(({ metadata }) => metadata.namespace === 'shop')).toHaveLength(2);
  });

  it('takes away what came of a request that is taken back', async () => {
    const { cluster, request } = await wholeServer([]);
    const claims = [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }];
    const labels = { app: 'db' };
    const body = {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'db' },
      spec: {
        serviceName: 'db',
        replicas: 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'db', image: 'db' }] } },
        volumeClaimTemplates: claims,
      },
    };
    const offset = cluster.state.offset + 1;
    expect((await request('POST /apis/apps/v1/namespaces/default/statefulsets', { body })).code).toBe(201);
    await cluster.settle();
    expect(cluster.list('persistentvolumeclaims')).toHaveLength(1);
    const { json } = await undo({ request }, { request: offset });
    expect(json.status.objects.map(({ operation, resource, name }: Record<string, string>) => `${operation} ${resource} ${name}`)).toEqual([
      'Delete persistentvolumeclaims data-db-0',
      'Delete statefulsets.apps db',
    ]);
    for (let i = 0; i < 3; i++) await cluster.pass(60);
    expect([cluster.list('persistentvolumeclaims'), cluster.list('statefulsets.apps'), cluster.pods]).toEqual([[], [], []]);
  });
});

/** The content of all objects of clients, by where they are. */
function contents(state: State, namespace?: string): Record<string, unknown> {
  const all: Record<string, unknown> = {};
  for (const resource of ['namespaces', 'configmaps', 'deployments.apps']) {
    for (const object of state.list(resource)) {
      if (namespace === undefined || object.metadata.namespace === namespace || object.metadata.name === namespace)
        all[`${resource} ${object.metadata.namespace}/${object.metadata.name}`] = contentOf(object as KubeObject);
    }
  }
  return all;
}

async function wholeServer(objects: readonly KubeObject[]): Promise<{ cluster: Cluster; request: Request }> {
  const cluster = await wholeCluster(objects);
  const { replica, env } = cluster;
  const { fetch } = createServer({
    replicaOf: async () => replica,
    defaultCluster: 'main',
    env,
    authenticator: staticTokens(bearers),
    admissionPlugins: defaultAdmissionPlugins,
    problem: (_message, error) => expect.unreachable(String(error)),
  });
  const request: Request = async (line, { body, type = 'application/json' } = {}) => {
    const [method, target] = line.split(' ') as [string, string];
    const headers = { authorization: 'Bearer admin', ...(body !== undefined && { 'content-type': type }) };
    const answer = await fetch(new Request('https://localhost', { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) }), { target });
    const text = await answer.text();
    return { code: answer.status, text, json: JSON.parse(text), headers: answer.headers };
  };
  return { cluster, request };
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

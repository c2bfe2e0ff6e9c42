import { beforeAll, describe, expect, it } from 'vitest';
import type { ChangeObject } from '../../apis/logplane/change.ts';
import { configMap, deployment, namespace } from '../../testing/objects.ts';
import { type TestServer, testServer } from '../../testing/server.ts';

const WEB = '/apis/apps/v1/namespaces/shop/deployments/web';
const merge = { type: 'application/merge-patch+json' };

const inShort = ({ type, what, actor }: ChangeObject) => `${type} ${actor.username} ${what}`;

/** A Deployment that is created by a client, applied by another, scaled, and touched often without a change of its own. */
async function shop(): Promise<TestServer> {
  const server = await testServer({ historyLimit: 4 });
  await server.create(namespace('shop'));
  await server.create(deployment({ replicas: 1 }, { metadata: { namespace: 'shop' } }));
  const image = { spec: { template: { spec: { containers: [{ name: 'web', image: 'web:2' }] } } } };
  await server.request(`PATCH ${WEB}?fieldManager=ci`, { body: image, type: 'application/strategic-merge-patch+json' });
  // What else happens in the cluster is not kept in memory for long.
  for (let i = 0; i < 30; i++) await server.create(configMap(`other-${i}`));
  await server.request(`PATCH ${WEB}/scale?fieldManager=hand`, { body: { spec: { replicas: 3 } }, ...merge });
  return server;
}

describe('the history of an object', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await shop();
  });

  it('is a list of its changes, from the newest on', async () => {
    const { json } = await server.request(`GET ${WEB}/history`);
    expect(json).toMatchObject({ kind: 'ChangeList', apiVersion: 'logplane.dev/v1', metadata: { resourceVersion: String(server.replica.state.offset) } });
    expect(json.items.map(inShort)).toEqual(['MODIFIED admin spec.replicas', 'MODIFIED admin spec.template.spec.containers[web].image', 'ADDED admin ']);
    expect(json.items[0].manager).toEqual({ name: 'hand', subresource: 'scale' });
  });

  it('comes in pages', async () => {
    const first = (await server.request(`GET ${WEB}/history?limit=2`)).json;
    const second = (await server.request(`GET ${WEB}/history?limit=2&continue=${first.metadata.continue}`)).json;
    expect([first, second].map(({ items, metadata }) => [items.length, metadata.continue !== ''])).toEqual([
      [2, true],
      [1, false],
    ]);
    expect(second.items.map(inShort)).toEqual(['ADDED admin ']);
  });

  it('is selected as changes are', async () => {
    const { items } = (await server.request(`GET ${WEB}/history?fieldSelector=type%3DADDED`)).json;
    expect(items.map(inShort)).toEqual(['ADDED admin ']);
  });

  it('is that of the object that has the name, not of one that had it', async () => {
    const path = '/api/v1/namespaces/shop/configmaps/again';
    await server.create(configMap('again', { namespace: 'shop' }));
    await server.request(`DELETE ${path}`);
    expect((await server.request(`GET ${path}/history`)).json).toMatchObject({ code: 404, message: 'configmaps "again" not found' });
    await server.create(configMap('again', { namespace: 'shop' }));
    expect((await server.request(`GET ${path}/history`)).json.items.map(inShort)).toEqual(['ADDED admin ']);
    const found = (await server.request(`GET /apis/logplane.dev/v1/namespaces/shop/changes?fieldSelector=name%3Dagain`)).json;
    expect(found.items.map(({ type }: ChangeObject) => type)).toEqual(['ADDED', 'DELETED', 'ADDED']);
  });

  it('is there of all kinds: of a namespace, and of objects in none', async () => {
    expect((await server.request('GET /api/v1/namespaces/shop/history')).json.items.map(inShort)).toEqual(['ADDED admin ']);
    await server.create({ apiVersion: 'logplane.dev/v1', kind: 'Bookmark', metadata: { name: 'here' } });
    expect((await server.request('GET /apis/logplane.dev/v1/bookmarks/here/history')).json.items).toHaveLength(1);
  });

  it.each([
    { get: `${WEB}x/history`, code: 404 },
    { get: '/apis/logplane.dev/v1/namespaces/shop/changes/1/history', code: 404 },
    { get: '/api/v1/componentstatuses/etcd-0/history', code: 404 },
    { get: `${WEB}/history?continue=x`, code: 400 },
  ])('is not there: $get', async ({ get, code }) => {
    expect((await server.request(`GET ${get}`)).code).toBe(code);
  });

  it('is no part of what Kubernetes’ groups are said to have', async () => {
    const { resources } = (await server.request('GET /apis/apps/v1')).json;
    expect(resources.filter(({ name }: { name: string }) => name.endsWith('/history'))).toEqual([]);
  });

  it('is read alone, by those who may', async () => {
    expect((await server.request(`PUT ${WEB}/history`, { body: {} })).code).toBe(405);
    expect((await server.request(`GET ${WEB}/history`, { token: 'alice' })).json).toMatchObject({
      code: 403,
      message: expect.stringContaining('cannot get resource "deployments/history" in API group "apps"'),
    });
  });
});

describe('a blame', () => {
  it('says of every field which change made it what it is', async () => {
    const server = await shop();
    const { json } = await server.request(`GET ${WEB}/blame`);
    const fields = new Map(json.fields.map((field: { path: string }) => [field.path, field]));
    expect(json).toMatchObject({ kind: 'Blame', metadata: { name: 'web', namespace: 'shop' }, object: { resource: 'deployments.apps' } });
    const { offset } = server.replica.state;
    expect(fields.get('.spec.replicas')).toMatchObject({
      value: 3,
      offset,
      actor: 'admin',
      manager: { name: 'hand', subresource: 'scale' },
      time: '2026-01-01T00:00:00.000000Z',
    });
    expect(fields.get('.spec.template.spec.containers[name="web"].image')).toMatchObject({ value: 'web:2', offset: offset - 31, manager: { name: 'ci' } });
    expect(fields.get('.spec.template.spec.containers[name="web"].name')).toMatchObject({ offset: offset - 32 });
    expect(fields.get('.metadata.labels.app') ?? fields.get('.spec.selector')).toMatchObject({ offset: offset - 32 });
    expect(fields.has('.metadata.resourceVersion')).toBe(false);
    expect(json.fields.every((field: { offset?: number }) => field.offset !== undefined)).toBe(true);
  });

  it('is that of the object as it was, in a cluster that is shown at another time', async () => {
    const server = await shop();
    const { json } = await server.request(`GET /clusters/main@${server.replica.state.offset - 1}${WEB}/blame`);
    expect(json.fields.find(({ path }: { path: string }) => path === '.spec.replicas')).toMatchObject({ value: 1, offset: server.replica.state.offset - 32 });
  });

  it('does not show what is in a Secret', async () => {
    const server = await testServer();
    await server.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'default' }, data: { key: 'aHVudGVyMg==' } } as never);
    const { json, text } = await server.request('GET /api/v1/namespaces/default/secrets/s/blame');
    expect(json.fields.find(({ path }: { path: string }) => path === '.data.key')).toMatchObject({ value: '(7 bytes)' });
    expect(text).not.toContain('aHVudGVyMg');
  });
});

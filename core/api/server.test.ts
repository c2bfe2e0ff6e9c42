import { beforeEach, describe, expect, it } from 'vitest';
import { configMap, namespace, pod } from '../testing/objects.ts';
import { type TestServer, testServer } from '../testing/server.ts';

let server: TestServer;
beforeEach(async () => {
  server = await testServer({ objects: [namespace('default'), namespace('other'), configMap('a', { data: { x: '1' }, labels: { app: 'web' } })] });
});

const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';

describe('writes', () => {
  it('creates an object and answers it as it is kept', async () => {
    const { code, json } = await server.request(`POST ${CONFIGMAPS}`, { body: configMap('b') });
    expect(code).toBe(201);
    expect(json).toMatchObject({
      kind: 'ConfigMap',
      metadata: { name: 'b', namespace: 'default', resourceVersion: '4', creationTimestamp: '2026-01-01T00:00:00Z' },
    });
    expect((await server.request(`GET ${CONFIGMAPS}/b`)).json).toEqual(json);
  });

  it('draws a name that is free', async () => {
    const body = { ...configMap(''), metadata: { generateName: 'job-' } };
    const { json } = await server.request(`POST ${CONFIGMAPS}`, { body });
    expect(json.metadata).toMatchObject({ generateName: 'job-', name: expect.stringMatching(/^job-[a-z0-9]{5}$/) });
  });

  it('replaces an object', async () => {
    const { json: before } = await server.request(`GET ${CONFIGMAPS}/a`);
    const { code, json } = await server.request(`PUT ${CONFIGMAPS}/a`, { body: { ...before, data: { y: '2' } } });
    expect(code).toBe(200);
    expect(json).toMatchObject({ data: { y: '2' }, metadata: { uid: before.metadata.uid, resourceVersion: '4' } });
  });

  it.each([
    { type: 'application/merge-patch+json', body: { data: { y: '2' } }, want: { x: '1', y: '2' } },
    { type: 'application/strategic-merge-patch+json', body: { data: { x: null, y: '2' } }, want: { y: '2' } },
    { type: 'application/json-patch+json', body: [{ op: 'replace', path: '/data/x', value: '9' }], want: { x: '9' } },
  ])('patches an object ($type)', async ({ type, body, want }) => {
    const { code, json } = await server.request(`PATCH ${CONFIGMAPS}/a`, { type, body });
    expect({ code, data: json.data }).toEqual({ code: 200, data: want });
  });

  it('applies patches that come together, all of them', async () => {
    const patches = ['p', 'q', 'r', 's'].map((key) =>
      server.request(`PATCH ${CONFIGMAPS}/a`, { type: 'application/merge-patch+json', body: { data: { [key]: key } } }),
    );
    expect((await Promise.all(patches)).map(({ code }) => code)).toEqual([200, 200, 200, 200]);
    expect((await server.request(`GET ${CONFIGMAPS}/a`)).json.data).toEqual({ x: '1', p: 'p', q: 'q', r: 'r', s: 's' });
  });

  it('writes nothing for a patch that changes nothing', async () => {
    const { json } = await server.request(`PATCH ${CONFIGMAPS}/a`, { type: 'application/merge-patch+json', body: { data: { x: '1' } } });
    expect({ version: json.metadata.resourceVersion, offset: server.replica.state.offset }).toEqual({ version: '3', offset: 3 });
  });

  it('answers the deletion of an object with what was deleted', async () => {
    const { json: before } = await server.request(`GET ${CONFIGMAPS}/a`);
    const { code, json } = await server.request(`DELETE ${CONFIGMAPS}/a`);
    expect(code).toBe(200);
    expect(json).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name: 'a', kind: 'configmaps', uid: before.metadata.uid },
    });
    expect((await server.request(`GET ${CONFIGMAPS}/a`)).code).toBe(404);
  });

  it('answers a deletion that takes a while with the object on its way out', async () => {
    await server.create(pod('p', { nodeName: 'n' }));
    const { code, json } = await server.request('DELETE /api/v1/namespaces/default/pods/p', {
      body: { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 10 },
    });
    expect(code).toBe(200);
    expect(json).toMatchObject({ kind: 'Pod', metadata: { deletionTimestamp: '2026-01-01T00:00:10Z', deletionGracePeriodSeconds: 10 } });
  });

  it('keeps an object with a finalizer until that is gone', async () => {
    await server.request(`PATCH ${CONFIGMAPS}/a`, { type: 'application/merge-patch+json', body: { metadata: { finalizers: ['example.com/hold'] } } });
    expect((await server.request(`DELETE ${CONFIGMAPS}/a`)).json).toMatchObject({ kind: 'ConfigMap', metadata: { deletionTimestamp: expect.any(String) } });
    await server.request(`PATCH ${CONFIGMAPS}/a`, { type: 'application/merge-patch+json', body: { metadata: { finalizers: null } } });
    expect((await server.request(`GET ${CONFIGMAPS}/a`)).code).toBe(404);
  });

  it('does not delete a priority class of the system by its name', async () => {
    const refused = async (name: string) => {
      const { code, json } = await server.request(`DELETE /apis/scheduling.k8s.io/v1/priorityclasses/${name}`);
      return { code, message: json.message };
    };
    const why = 'this is a system priority class and cannot be deleted';
    expect(await refused('system-node-critical')).toEqual({
      code: 403,
      message: `priorityclasses.scheduling.k8s.io "system-node-critical" is forbidden: ${why}`,
    });
    expect(await refused('absent')).toMatchObject({ code: 404 });
  });

  it('deletes what is selected of a collection, in one entry', async () => {
    await server.create(configMap('b', { labels: { app: 'web' } }), configMap('c'));
    const { code, json } = await server.request(`DELETE ${CONFIGMAPS}?labelSelector=app%3Dweb`);
    expect(code).toBe(200);
    expect(json).toMatchObject({ kind: 'ConfigMapList', items: [{ metadata: { name: 'a' } }, { metadata: { name: 'b' } }] });
    expect((await server.request(`GET ${CONFIGMAPS}`)).json.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)).toEqual(['c']);
  });

  it.each([
    { name: 'create', line: `POST ${CONFIGMAPS}?dryRun=All`, body: configMap('b') },
    { name: 'update', line: `PUT ${CONFIGMAPS}/a?dryRun=All`, body: configMap('a') },
    { name: 'delete', line: `DELETE ${CONFIGMAPS}/a?dryRun=All` },
    { name: 'delete, by its body', line: `DELETE ${CONFIGMAPS}/a`, body: { kind: 'DeleteOptions', apiVersion: 'v1', dryRun: ['All'] } },
    { name: 'deletecollection', line: `DELETE ${CONFIGMAPS}?dryRun=All` },
  ])('a dry run writes nothing ($name)', async ({ line, body }) => {
    const { code } = await server.request(line, { body });
    expect(code).toBeLessThan(300);
    expect(server.replica.state.offset).toBe(3);
  });

  it('warns of fields that it does not know, and of those that stand twice', async () => {
    const body = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"b","name":"b"},"spec":{}}';
    const { code, headers } = await server.request(`POST ${CONFIGMAPS}`, { body });
    expect(code).toBe(201);
    expect(headers.get('warning')).toBe('299 - "duplicate field \\"metadata.name\\"", 299 - "unknown field \\"spec\\""');
  });

  it('takes YAML, and gives it', async () => {
    const body = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: b\ndata:\n  answer: "yes"\n';
    const { code, text, headers } = await server.request(`POST ${CONFIGMAPS}`, { body, type: 'application/yaml', accept: 'application/yaml' });
    expect({ code, type: headers.get('content-type') }).toEqual({ code: 201, type: 'application/yaml' });
    expect(text).toContain('data:\n  answer: "yes"\n');
  });

  it('says who wrote', async () => {
    const changes = server.replica.recentChanges(2)!;
    expect(changes.map(({ actor }) => actor.username)).toEqual(['admin']);
  });
});

it('The fields of an object are answered in the order in which they came, also where an error quotes one', async () => {
  const body = '{"kind":"ConfigMap","data":{"z":"1","a":"2"},"apiVersion":"v1","metadata":{"name":"b"}}';
  expect((await server.request(`POST ${CONFIGMAPS}`, { body })).text).toMatch(/^\{"kind":"ConfigMap","data":\{"z":"1","a":"2"\},"apiVersion":"v1","metadata":/);
  await server.create(pod('p'));
  const pods = '/api/v1/namespaces/default/pods/p';
  const patch = { body: { spec: { z: 1, b: 2 } }, type: 'application/merge-patch+json' };
  const { code, json } = await server.request(`PATCH ${pods}?fieldValidation=Strict`, patch);
  const fields = Object.keys((await server.request(`GET ${pods}`)).json).map((field) => json.message.indexOf(`\\"${field}\\":`));
  expect({ code, fields }).toEqual({ code: 422, fields: fields.toSorted((a, b) => a - b) });
});

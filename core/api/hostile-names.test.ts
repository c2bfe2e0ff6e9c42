import { beforeAll, describe, expect, it } from 'vitest';
import { staticTokens } from '../auth/static-tokens.ts';
import { configMap, namespace } from '../testing/objects.ts';
import { type TestServer, testServer } from '../testing/server.ts';
import type { AuditEvent } from './audit/event.ts';

/** Names that mean something to JavaScript: of objects, of their fields, of kinds that clients define, of users. What they are in keys of bodies: codec/object-keys.test.ts. */

const VALID = ['constructor', 'valueof', 'tostring', 'hasownproperty', 'prototype', 'proto', 'then', 'length'];
const KEYS = ['constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', 'then'];

let server: TestServer;
const events: AuditEvent[] = [];
const beforehand = Object.getOwnPropertyNames(Object.prototype);
beforeAll(async () => {
  server = await testServer({
    roles: true,
    objects: [namespace('default'), ...VALID.map((name) => namespace(name))],
    authenticator: staticTokens({
      admin: { username: 'admin', groups: ['system:masters'] },
      proto: { username: '__proto__', groups: ['constructor', '__proto__'], extra: JSON.parse('{"__proto__":["x"],"constructor":["y"]}') },
    }),
    audit: { policy: { rules: [{ level: 'RequestResponse' }] }, sink: { write: (event) => void events.push(event) } },
  });
});

it.each(VALID)('an object, and its namespace, may be called %s', async (name) => {
  const path = `/api/v1/namespaces/${name}/configmaps`;
  const created = await server.request(`POST ${path}`, { body: configMap(name, { namespace: name, data: { a: name } }) });
  expect(created.code).toBe(201);
  expect((await server.request(`GET ${path}/${name}`)).json.data).toEqual({ a: name });
  expect((await server.request(`GET ${path}`)).json.items).toHaveLength(1);
  expect((await server.request(`DELETE ${path}/${name}`)).code).toBe(200);
  expect((await server.request(`GET ${path}/${name}`)).code).toBe(404);
  // There is none of a name that has a meaning and was never given.
  expect((await server.request(`GET /api/v1/namespaces/default/configmaps/${name}`)).code).toBe(404);
  expect((await server.request(`GET /api/v1/namespaces/nowhere-${name}/pods/${name}`)).code).toBe(404);
});

it.each(KEYS)('labels and annotations may be called %s, and are selected by it', async (key) => {
  const path = '/api/v1/namespaces/default/configmaps';
  const name = `labelled-${key.toLowerCase()}`;
  const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels: { [key]: 'x' }, annotations: { [key]: 'y' } } });
  const { code, json } = await server.request(`POST ${path}`, { body });
  expect([code, json.metadata.labels, json.metadata.annotations]).toEqual([201, { [key]: 'x' }, { [key]: 'y' }]);
  for (const [selector, found] of [
    [key, 1],
    [`${key}=x`, 1],
    [`${key}=y`, 0],
    [`${key} in (function)`, 0],
  ] as const) {
    const listed = await server.request(`GET ${path}?labelSelector=${encodeURIComponent(selector)}`);
    expect(listed.json.items).toHaveLength(found);
  }
  const without = await server.request(`GET ${path}?labelSelector=${encodeURIComponent(`!${key}`)}`);
  expect(without.json.items.map((one: { metadata: { name: string } }) => one.metadata.name)).not.toContain(name);
});

describe('custom resources', () => {
  const fields =
    '"properties":{"__proto__":{"type":"string"},"constructor":{"type":"object","properties":{"prototype":{"type":"integer"}}},"toString":{"type":"string","default":"d"}}';
  const schema = `{"type":"object","properties":{"spec":{"type":"object",${fields}}}}`;
  const definition = `{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"constructors.prototype.example"},
    "spec":{"group":"prototype.example","scope":"Namespaced","names":{"plural":"constructors","singular":"constructor","kind":"Object","listKind":"ObjectList"},
    "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":${schema}}}]}}`;
  const path = '/apis/prototype.example/v1/namespaces/default/constructors';
  const object = (spec: string) => `{"apiVersion":"prototype.example/v1","kind":"Object","metadata":{"name":"constructor"},"spec":${spec}}`;

  it('may have such names, fields and defaults', async () => {
    expect((await server.request('POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions', { body: definition })).code).toBe(201);
    const created = await server.request(`POST ${path}`, { body: object('{"__proto__":"a","constructor":{"prototype":1},"valueOf":"pruned"}') });
    expect(created.code).toBe(201);
    expect(JSON.stringify(created.json.spec)).toBe('{"__proto__":"a","constructor":{"prototype":1},"toString":"d"}');
    const read = await server.request(`GET ${path}/constructor`);
    expect(read.text).toContain('"__proto__":"a"');
    const wrong = await server.request(`PATCH ${path}/constructor`, {
      body: '{"spec":{"__proto__":{"polluted":true},"constructor":{"prototype":"x"}}}',
      type: 'application/merge-patch+json',
    });
    expect([wrong.code, wrong.json.message]).toEqual([422, expect.stringContaining('spec.__proto__: Invalid value: "object"')]);
    const applied = await server.request(`PATCH ${path}/constructor?fieldManager=__proto__&force=true`, {
      body: object('{"__proto__":"b"}'),
      type: 'application/apply-patch+yaml',
    });
    expect([applied.code, applied.text]).toEqual([200, expect.stringContaining('"__proto__":"b"')]);
    expect((await server.request('GET /apis/prototype.example/v1')).json.resources).toHaveLength(1);
    expect((await server.request('GET /openapi/v3/apis/prototype.example/v1')).code).toBe(200);
  });
});

it.each([
  ['GET /apis/constructor', 404],
  ['GET /apis/__proto__/v1', 404],
  ['GET /apis/apps/constructor/deployments', 404],
  ['GET /api/constructor/pods', 404],
  ['GET /api/v1/namespaces/default/constructor', 404],
  ['GET /api/v1/namespaces/default/pods/a/constructor', 404],
  ['POST /api/v1/namespaces/default/pods/a/__proto__', 404],
  ['GET /constructor', 404],
  ['GET /__proto__', 404],
  ['GET /healthz/constructor', 404],
  ['GET /openapi/v3/constructor', 404],
  ['GET /clusters/constructor/api', 404],
  ['GET /clusters/__proto__/api', 404],
  ['GET /api/v1/pods?constructor=1&__proto__=2&__proto__[a]=3', 200],
  ['GET /api/v1/pods?fieldSelector=constructor%3Dx', 400],
  ['GET /api/v1/pods?fieldSelector=metadata.__proto__%3Dx', 400],
])('%s is answered %i', async (line, code) => {
  const answer = await server.request(line, line.startsWith('POST') ? { body: {} } : {});
  expect(answer.code).toBe(code);
});

it('a user may be called so, is told so, and may do no more for it', async () => {
  const whoAmI = await server.request('POST /apis/authentication.k8s.io/v1/selfsubjectreviews', { token: 'proto', body: {} });
  expect(whoAmI.json.status.userInfo).toMatchObject({ username: '__proto__', groups: ['constructor', '__proto__', 'system:authenticated'] });
  expect(JSON.stringify(whoAmI.json.status.userInfo.extra)).toBe('{"__proto__":["x"],"constructor":["y"]}');
  expect((await server.request('GET /api/v1/secrets', { token: 'proto' })).code).toBe(403);
  expect((await server.request('GET /api/v1/secrets', { token: '__proto__' })).code).toBe(401);
  expect((await server.request('GET /api/v1/secrets', { token: 'constructor' })).code).toBe(401);
});

it('leaves nothing behind in JavaScript, and all of it in the audit log', () => {
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(beforehand);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  expect(server.problems).toEqual([]);
  const created = events.find(({ verb, stage, objectRef }) => verb === 'create' && stage === 'ResponseComplete' && objectRef?.resource === 'constructors');
  expect(JSON.stringify(created?.requestObject)).toContain('"__proto__":"a"');
  expect(JSON.stringify(events.find(({ user }) => user.username === '__proto__')!.user.extra)).toBe('{"__proto__":["x"],"constructor":["y"]}');
});

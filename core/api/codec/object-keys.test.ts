import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryLog } from '../../log/memory/memory-log.ts';
import { configMap, namespace, pod } from '../../testing/objects.ts';
import { type RequestOptions, type TestServer, testServer } from '../../testing/server.ts';
import { decodeProtobuf, encodeProtobuf } from './protobuf.ts';
import { parseYaml } from './yaml.ts';

/** What JavaScript makes easy to get wrong: keys that lead to what all objects share, and fields that are not there. */

let server: TestServer;
beforeEach(async () => {
  server = await testServer({ objects: [namespace('default'), configMap('a', { data: { x: '1' } })] });
});
afterEach(() => {
  expect(server.problems).toEqual([]);
});

const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';
const PODS = '/api/v1/namespaces/default/pods';
const yaml = 'application/yaml';
const protobuf = 'application/vnd.kubernetes.protobuf';
const merge = 'application/merge-patch+json';
const strategic = 'application/strategic-merge-patch+json';
const jsonPatch = 'application/json-patch+json';

const podWith = (spec: object) => ({ ...pod('b'), spec: { containers: [{ name: 'main', image: 'x' }], ...spec } });

describe('keys that every JavaScript object has', () => {
  const data = JSON.parse('{"__proto__":"a","constructor":"b","toString":"c","hasOwnProperty":"d"}') as Record<string, string>;
  const text = JSON.stringify(data);
  const before = Reflect.ownKeys(Object.prototype);
  afterEach(() => {
    expect(Reflect.ownKeys(Object.prototype)).toEqual(before);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it.each<{ name: string; line?: string; options: RequestOptions }>([
    { name: 'JSON', options: { body: `{"metadata":{"name":"b"},"data":${text}}` } },
    { name: 'YAML', options: { body: `metadata: {name: b}\ndata: {__proto__: a, constructor: b, toString: c, hasOwnProperty: d}`, type: yaml } },
    { name: 'YAML, merged', options: { body: `metadata: {name: b}\ndata: {<<: {__proto__: a, constructor: b}, toString: c, hasOwnProperty: d}`, type: yaml } },
    { name: 'protobuf', options: { body: encodeProtobuf({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b' }, data }), type: protobuf } },
    { name: 'a merge patch', line: `PATCH ${CONFIGMAPS}/b`, options: { body: `{"data":${text}}`, type: merge } },
    { name: 'a strategic merge patch', line: `PATCH ${CONFIGMAPS}/b`, options: { body: `{"data":${text}}`, type: strategic } },
    { name: 'a JSON patch', line: `PATCH ${CONFIGMAPS}/b`, options: { body: `[{"op":"add","path":"/data","value":${text}}]`, type: jsonPatch } },
    { name: 'an update', line: `PUT ${CONFIGMAPS}/b`, options: { body: `{"metadata":{"name":"b"},"data":${text}}` } },
  ])('are kept as any other: $name', async ({ line, options }) => {
    const log = memoryLog();
    server = await testServer({ log, objects: [namespace('default'), ...(line ? [configMap('b')] : [])] });
    const { code } = await server.request(line ?? `POST ${CONFIGMAPS}`, options);
    expect(code).toBeLessThan(300);
    const path = `${CONFIGMAPS}/b`;
    // toEqual overlooks a key __proto__, texts do not.
    const sorted = (value: Record<string, string>) => JSON.stringify(Object.entries(value).sort());
    expect(sorted((await server.request(`GET ${path}`)).json.data)).toBe(sorted(data));
    expect(sorted((await server.request(`GET ${CONFIGMAPS}`)).json.items.at(-1).data)).toBe(sorted(data));
    expect(sorted((parseYaml((await server.request(`GET ${path}`, { accept: yaml })).text) as { data: Record<string, string> }).data)).toBe(sorted(data));
    const bytes = new Uint8Array(await (await server.response(`GET ${path}`, { accept: protobuf })).arrayBuffer());
    expect(sorted(decodeProtobuf(bytes)['data'] as Record<string, string>)).toBe(sorted(data));
    // What was written to the log is read from it again.
    const again = await testServer({ log, objects: [] });
    expect(sorted((await again.request(`GET ${path}`)).json.data)).toBe(sorted(data));
  });

  it.each<{ name: string; line?: string; options: RequestOptions; code: number }>([
    { name: 'in front of an object', options: { body: '{"__proto__":{"polluted":1},"metadata":{"name":"b"}}' }, code: 201 },
    { name: 'in metadata', options: { body: '{"metadata":{"name":"b","__proto__":{"finalizers":["a.b/c"]}}}' }, code: 201 },
    { name: 'as a label', options: { body: '{"metadata":{"name":"b","labels":{"__proto__":"x"}}}' }, code: 422 },
    { name: 'as a label that is legal', options: { body: '{"metadata":{"name":"b","labels":{"constructor":"x","toString":"y"}}}' }, code: 201 },
    { name: 'as a name', options: { body: '{"metadata":{"name":"__proto__"}}' }, code: 422 },
    { name: 'as a name that is legal', options: { body: '{"metadata":{"name":"constructor"}}' }, code: 201 },
    {
      name: 'in a merge patch',
      line: `PATCH ${CONFIGMAPS}/a`,
      options: { body: '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}', type: merge },
      code: 200,
    },
    { name: 'in a strategic merge patch', line: `PATCH ${CONFIGMAPS}/a`, options: { body: '{"__proto__":{"polluted":1}}', type: strategic }, code: 200 },
    { name: 'in a path', line: `PATCH ${CONFIGMAPS}/a`, options: { body: [{ op: 'add', path: '/__proto__/polluted', value: 1 }], type: jsonPatch }, code: 422 },
    {
      name: 'in a long path',
      line: `PATCH ${CONFIGMAPS}/a`,
      options: { body: [{ op: 'add', path: '/constructor/prototype/polluted', value: 1 }], type: jsonPatch },
      code: 422,
    },
    {
      name: 'as what a pod asks for',
      options: { body: podWith({ containers: [{ name: 'main', image: 'x', resources: { requests: { constructor: '1' } } }] }) },
      code: 422,
    },
    { name: 'as a class of priority', line: `POST ${PODS}`, options: { body: podWith({ priorityClassName: 'constructor' }) }, code: 403 },
    {
      name: 'as a type of secret',
      line: 'POST /api/v1/namespaces/default/secrets',
      options: { body: { metadata: { name: 's' }, type: 'constructor' } },
      code: 201,
    },
    {
      name: 'as a schedule',
      line: 'POST /apis/batch/v1/namespaces/default/cronjobs',
      options: {
        body: {
          metadata: { name: 'c' },
          spec: { schedule: 'constructor', jobTemplate: { spec: { template: { spec: podWith({ restartPolicy: 'Never' }).spec } } } },
        },
      },
      code: 422,
    },
    { name: 'as a form of answer', line: `GET ${CONFIGMAPS}/a`, options: { accept: 'application/json;as=__proto__;v=v1;g=meta.k8s.io' }, code: 406 },
    { name: 'in a query', line: `GET ${CONFIGMAPS}/a?__proto__=1&constructor=2&__proto__[polluted]=1`, options: {}, code: 200 },
  ])('do no harm $name', async ({ line, options, code }) => {
    const target = line ?? `POST ${JSON.stringify(options.body).includes('containers') ? PODS : CONFIGMAPS}`;
    const answer = await server.request(target, options);
    expect(answer.code).toBe(code);
    expect((await server.request(`GET ${CONFIGMAPS}/a`)).json.data).toEqual({ x: '1' });
    expect((await server.request(`GET ${CONFIGMAPS}?labelSelector=hasOwnProperty`)).json.items).toEqual([]);
  });
});

describe('fields that are left out', () => {
  it.each([
    { path: `${PODS}`, body: podWith({ readinessGates: [null], schedulingGates: [{}] }), field: 'spec.readinessGates[0].conditionType' },
    { path: '/apis/batch/v1/namespaces/default/cronjobs', body: { metadata: {}, spec: {} }, field: 'metadata.name' },
    { path: '/apis/scheduling.k8s.io/v1/priorityclasses', body: {}, field: 'metadata.name' },
    {
      path: '/apis/storage.k8s.io/v1/storageclasses',
      body: { metadata: { name: 's' }, provisioner: 'p', allowedTopologies: [{ matchLabelExpressions: [{}] }] },
      field: 'allowedTopologies[0].matchLabelExpressions[0].key',
    },
    {
      path: '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices',
      body: { metadata: { name: 's' }, addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'], hints: { forNodes: [null] } }] },
      field: 'endpoints[0].hints.forNodes[0].name',
    },
  ])('are missing, and nothing worse ($field)', async ({ path, body, field }) => {
    const { code, json } = await server.request(`POST ${path}`, { body });
    expect(code).toBe(422);
    expect(json.details.causes.map((cause: { field: string }) => cause.field)).toContain(field);
  });
});

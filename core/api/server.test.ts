import { beforeEach, describe, expect, it } from 'vitest';
import { configMap, namespace, pod, type RequestOptions, type TestServer, testServer } from './testing.ts';

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
    const changes = server.replica.state.changesAfter(2)!;
    expect(changes.map(({ actor }) => actor)).toEqual(['admin']);
  });
});

describe('what a client did wrong', () => {
  const cases: { name: string; line: string; options?: RequestOptions; code: number; reason: string; message: string | RegExp }[] = [
    { name: 'no token', line: 'GET /api/v1/pods', options: { token: null }, code: 401, reason: 'Unauthorized', message: 'Unauthorized' },
    { name: 'an unknown token', line: 'GET /api/v1/pods', options: { token: 'guess' }, code: 401, reason: 'Unauthorized', message: 'Unauthorized' },
    {
      name: 'not allowed in a namespace',
      line: 'GET /api/v1/namespaces/default/pods',
      options: { token: 'alice' },
      code: 403,
      reason: 'Forbidden',
      message: 'pods is forbidden: User "alice" cannot list resource "pods" in API group "" in the namespace "default"',
    },
    {
      name: 'not allowed at the cluster scope',
      line: 'DELETE /apis/apps/v1/namespaces/default/deployments/web',
      options: { token: 'alice' },
      code: 403,
      reason: 'Forbidden',
      message: 'deployments.apps "web" is forbidden: User "alice" cannot delete resource "deployments" in API group "apps" in the namespace "default"',
    },
    {
      name: 'not allowed a path',
      line: 'GET /metrics',
      options: { token: 'alice' },
      code: 403,
      reason: 'Forbidden',
      message: 'forbidden: User "alice" cannot get path "/metrics"',
    },
    { name: 'no such cluster', line: 'GET /clusters/nowhere/api/v1/pods', code: 404, reason: 'NotFound', message: 'clusters.logplane.dev "nowhere" not found' },
    { name: 'no such object', line: `GET ${CONFIGMAPS}/none`, code: 404, reason: 'NotFound', message: 'configmaps "none" not found' },
    { name: 'no such resource', line: 'GET /api/v1/things', code: 404, reason: 'NotFound', message: 'the server could not find the requested resource' },
    {
      name: 'no such version',
      line: 'GET /apis/apps/v9/deployments',
      code: 404,
      reason: 'NotFound',
      message: 'the server could not find the requested resource',
    },
    {
      name: 'no such subresource',
      line: `GET ${CONFIGMAPS}/a/status`,
      code: 404,
      reason: 'NotFound',
      message: 'the server could not find the requested resource',
    },
    {
      name: 'a resource without namespaces in one',
      line: 'GET /api/v1/namespaces/default/nodes',
      code: 404,
      reason: 'NotFound',
      message: 'the server could not find the requested resource',
    },
    {
      name: 'no such namespace',
      line: 'POST /api/v1/namespaces/none/configmaps',
      options: { body: configMap('b', { namespace: 'none' }) },
      code: 404,
      reason: 'NotFound',
      message: 'namespaces "none" not found',
    },
    {
      name: 'a method that is not allowed',
      line: `POST ${CONFIGMAPS}/a`,
      options: { body: configMap('a') },
      code: 405,
      reason: 'MethodNotAllowed',
      message: 'the server does not allow this method on the requested resource',
    },
    {
      name: 'creating in all namespaces',
      line: 'POST /api/v1/configmaps',
      options: { body: configMap('b') },
      code: 405,
      reason: 'MethodNotAllowed',
      message: 'the server does not allow this method on the requested resource',
    },
    {
      name: 'OPTIONS',
      line: 'OPTIONS /api/v1/pods',
      code: 405,
      reason: 'MethodNotAllowed',
      message: 'the server does not allow this method on the requested resource',
    },
    {
      name: 'nothing acceptable',
      line: 'GET /api/v1/pods',
      options: { accept: 'image/png' },
      code: 406,
      reason: 'NotAcceptable',
      message: /^only the following media types are accepted: application\/json/,
    },
    {
      name: 'a Table of what has none',
      line: 'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      options: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io', body: {} },
      code: 406,
      reason: 'NotAcceptable',
      message: /only the following media types/,
    },
    {
      name: 'a name that is taken',
      line: `POST ${CONFIGMAPS}`,
      options: { body: configMap('a') },
      code: 409,
      reason: 'AlreadyExists',
      message: 'configmaps "a" already exists',
    },
    {
      name: 'an object that has changed since',
      line: `PUT ${CONFIGMAPS}/a`,
      options: { body: { ...configMap('a'), metadata: { name: 'a', resourceVersion: '1' } } },
      code: 409,
      reason: 'Conflict',
      message: 'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    },
    {
      name: 'a patch of an object that has changed since',
      line: `PATCH ${CONFIGMAPS}/a`,
      options: { type: 'application/merge-patch+json', body: { metadata: { resourceVersion: '1' } } },
      code: 409,
      reason: 'Conflict',
      message: /the object has been modified/,
    },
    {
      name: 'a deletion of another object of that name',
      line: `DELETE ${CONFIGMAPS}/a`,
      options: { body: { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid: 'other' } } },
      code: 409,
      reason: 'Conflict',
      message: /the UID in the precondition \(other\) does not match the UID in record/,
    },
    {
      name: 'an update of what is not there',
      line: `PUT ${CONFIGMAPS}/none`,
      options: { body: configMap('none') },
      code: 404,
      reason: 'NotFound',
      message: 'configmaps "none" not found',
    },
    {
      name: 'another name than in the URL',
      line: `PUT ${CONFIGMAPS}/a`,
      options: { body: configMap('b') },
      code: 400,
      reason: 'BadRequest',
      message: 'the name of the object (b) does not match the name on the URL (a)',
    },
    {
      name: 'another namespace than in the URL',
      line: `POST ${CONFIGMAPS}`,
      options: { body: configMap('b', { namespace: 'other' }) },
      code: 400,
      reason: 'BadRequest',
      message: 'the namespace of the provided object does not match the namespace sent on the request',
    },
    {
      name: 'no name in an update',
      line: `PUT ${CONFIGMAPS}/a`,
      options: { body: { metadata: {} } },
      code: 400,
      reason: 'BadRequest',
      message: 'the name of the object (a based on URL) was undeterminable: name must be provided',
    },
    {
      name: 'no name at all',
      line: `POST ${CONFIGMAPS}`,
      options: { body: { metadata: {} } },
      code: 422,
      reason: 'Invalid',
      message: 'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
    },
    {
      name: 'malformed JSON',
      line: `POST ${CONFIGMAPS}`,
      options: { body: '{"kind":' },
      code: 400,
      reason: 'BadRequest',
      message: /^the object provided is unrecognized \(must be of type ConfigMap\): couldn't get version\/kind; json parse error: unexpected end of JSON input/,
    },
    {
      name: 'another kind',
      line: `POST ${CONFIGMAPS}`,
      options: { body: { ...pod('p') } },
      code: 400,
      reason: 'BadRequest',
      message: /^Pod in version "v1" cannot be handled as a ConfigMap: /,
    },
    {
      name: 'another version',
      line: 'POST /apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers',
      options: { body: { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'h' } } },
      code: 400,
      reason: 'BadRequest',
      message: 'the API version in the data (autoscaling/v2) does not match the expected API version (autoscaling/v1)',
    },
    {
      name: 'a value of a wrong type',
      line: `POST ${CONFIGMAPS}`,
      options: { body: { ...configMap('b'), data: { x: 1 } } },
      code: 400,
      reason: 'BadRequest',
      message: /^ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string$/,
    },
    {
      name: 'an unknown field, when strict',
      line: `POST ${CONFIGMAPS}?fieldValidation=Strict`,
      options: { body: { ...configMap('b'), spec: { foo: 1 } } },
      code: 400,
      reason: 'BadRequest',
      message: 'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "spec"',
    },
    {
      name: 'a body of an unknown type',
      line: `POST ${CONFIGMAPS}`,
      options: { body: 'x', type: 'text/plain' },
      code: 415,
      reason: 'UnsupportedMediaType',
      message: /^the body of the request was in an unknown format - accepted media types include: application\/json/,
    },
    {
      name: 'server-side apply',
      line: `PATCH ${CONFIGMAPS}/a?fieldManager=x`,
      options: { body: configMap('a'), type: 'application/apply-patch+yaml' },
      code: 415,
      reason: 'UnsupportedMediaType',
      message:
        'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json',
    },
    {
      name: 'a patch that does not fit',
      line: `PATCH ${CONFIGMAPS}/a`,
      options: { body: [{ op: 'test', path: '/data/x', value: 'other' }], type: 'application/json-patch+json' },
      code: 422,
      reason: 'Invalid',
      message: 'the server rejected our request due to an error in our request',
    },
    {
      name: 'a malformed patch',
      line: `PATCH ${CONFIGMAPS}/a`,
      options: { body: '{', type: 'application/merge-patch+json' },
      code: 400,
      reason: 'BadRequest',
      message: /^error decoding patch: unexpected end of JSON input/,
    },
    {
      name: 'a patch that renames',
      line: `PATCH ${CONFIGMAPS}/a`,
      options: { body: { metadata: { name: 'b' } }, type: 'application/merge-patch+json' },
      code: 400,
      reason: 'BadRequest',
      message: 'the name of the object (b) does not match the name on the URL (a)',
    },
    {
      name: 'a patch that breaks the type',
      line: `PATCH ${CONFIGMAPS}/a`,
      options: { body: { data: [] }, type: 'application/merge-patch+json' },
      code: 422,
      reason: 'Invalid',
      message: /^ "" is invalid: patch: Invalid value: /,
    },
    {
      name: 'an unknown dry run',
      line: `POST ${CONFIGMAPS}?dryRun=Some`,
      options: { body: configMap('b') },
      code: 422,
      reason: 'Invalid',
      message: 'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"',
    },
    {
      name: 'an unknown field validation',
      line: `POST ${CONFIGMAPS}?fieldValidation=Maybe`,
      options: { body: configMap('b') },
      code: 422,
      reason: 'Invalid',
      message: 'CreateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "Maybe": supported values: "Ignore", "Warn", "Strict", ""',
    },
    {
      name: 'two propagation policies',
      line: `DELETE ${CONFIGMAPS}/a`,
      options: { body: { orphanDependents: true, propagationPolicy: 'Foreground' } },
      code: 422,
      reason: 'Invalid',
      message:
        'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Invalid value: "Foreground": orphanDependents and deletionPropagation cannot be both set',
    },
    {
      name: 'a body over the limit',
      line: `POST ${CONFIGMAPS}`,
      options: { body: 'x'.repeat(3 * 1024 * 1024 + 1) },
      code: 413,
      reason: 'RequestEntityTooLarge',
      message: 'Request entity too large: limit is 3145728',
    },
  ];

  it.each(cases)('$name: $code $reason', async ({ line, options, code, reason, message }) => {
    const answer = await server.request(line, options);
    expect(answer.json).toMatchObject({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason });
    expect(answer.code).toBe(code);
    if (typeof message === 'string') expect(answer.json.message).toBe(message);
    else expect(answer.json.message).toMatch(message);
    expect(server.replica.state.offset).toBe(3);
    expect(server.problems).toEqual([]);
  });

  it('refuses an object that grew beyond what is kept', async () => {
    const half = 'x'.repeat(600);
    const options = (key: string) => ({ type: 'application/merge-patch+json', body: { data: { [key]: half } } });
    const small = await testServer({ objects: [namespace('default'), configMap('a')], limits: { objectBytes: 1024 } });
    expect((await small.request(`PATCH ${CONFIGMAPS}/a`, options('p'))).code).toBe(200);
    const { code, json } = await small.request(`PATCH ${CONFIGMAPS}/a`, options('q'));
    expect({ code, reason: json.reason, message: json.message }).toEqual({
      code: 413,
      reason: 'RequestEntityTooLarge',
      message: 'etcdserver: request is too large',
    });
  });

  it('stops reading a body without a length at the limit', async () => {
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 65_536;
        controller.enqueue(new Uint8Array(65_536).fill(32));
      },
    });
    const { code, json } = await server.request(`POST ${CONFIGMAPS}`, { body });
    expect({ code, message: json.message }).toEqual({ code: 413, message: 'Request entity too large: limit is 3145728' });
    expect(sent).toBeLessThan(4 * 1024 * 1024);
  });

  it('keeps its bugs to itself', async () => {
    const broken = await testServer({
      authenticator: {
        authenticate: async () => {
          throw new Error('secret inside');
        },
      },
      objects: [],
    });
    const { code, json, text } = await broken.request('GET /api/v1/pods');
    expect({ code, reason: json.reason }).toEqual({ code: 500, reason: 'InternalError' });
    expect(text).not.toContain('secret');
    expect(broken.problems).toMatchObject([{ message: 'secret inside' }]);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { configMap, namespace, pod } from '../testing/objects.ts';
import { type RequestOptions, type TestServer, testServer } from '../testing/server.ts';

let server: TestServer;
beforeEach(async () => {
  server = await testServer({ objects: [namespace('default'), namespace('other'), configMap('a', { data: { x: '1' }, labels: { app: 'web' } })] });
});

const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';

describe('what a client did wrong', () => {
  const cases: { name: string; line: string; options?: RequestOptions; code: number; reason: string; message: string | RegExp }[] = [
    {
      name: 'no token',
      line: 'GET /api/v1/pods',
      options: { token: null },
      code: 403,
      reason: 'Forbidden',
      message: 'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" at the cluster scope',
    },
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
      name: 'a patch with force that is no apply',
      line: `PATCH ${CONFIGMAPS}/a?force=false`,
      options: { body: {}, type: 'application/merge-patch+json' },
      code: 422,
      reason: 'Invalid',
      message: 'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
    },
    {
      name: 'nothing acceptable',
      line: 'GET /api/v1/pods',
      options: { accept: 'image/png' },
      code: 406,
      reason: 'NotAcceptable',
      message: /^406: Not Acceptable\n\nAvailable representations: application\/json, .*, application\/vnd.kubernetes.protobuf;stream=watch$/,
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
      name: 'an apply in CBOR',
      line: `PATCH ${CONFIGMAPS}/a?fieldManager=x`,
      options: { body: configMap('a'), type: 'application/apply-patch+cbor' },
      code: 415,
      reason: 'UnsupportedMediaType',
      message:
        'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml',
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
      name: 'a malformed strategic patch',
      line: `PATCH ${CONFIGMAPS}/a`,
      options: { body: '{', type: 'application/strategic-merge-patch+json' },
      code: 400,
      reason: 'BadRequest',
      message: /^unexpected end of JSON input/,
    },
    {
      name: 'a strategic patch that breaks the type',
      line: `PATCH ${CONFIGMAPS}/a`,
      options: { body: { data: { x: 7 } }, type: 'application/strategic-merge-patch+json' },
      code: 422,
      reason: 'Invalid',
      message: ' "" is invalid: patch: Invalid value: "map[data:map[x:7]]": cannot convert int64 to string',
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
      message: 'CreateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "Maybe": supported values: "", "Ignore", "Strict", "Warn"',
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

  it('lets a client send more than the limit before it is refused, but not without end', async () => {
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 65_536;
        controller.enqueue(new Uint8Array(65_536).fill(32));
      },
    });
    const { code, json } = await server.request(`POST ${CONFIGMAPS}`, { body });
    expect({ code, message: json.message }).toEqual({ code: 413, message: 'Request entity too large: limit is 3145728' });
    expect(sent).toBeGreaterThan(4 * 1024 * 1024);
    expect(sent).toBeLessThan(13 * 1024 * 1024);
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

it('A client without a token is refused whatever is bound to it', async () => {
  const server = await testServer({ roles: true });
  const subjects = [
    { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'system:anonymous' },
    { kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'system:unauthenticated' },
  ];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' };
  const body = { metadata: { name: 'everybody' }, roleRef, subjects };
  expect((await server.request('POST /apis/rbac.authorization.k8s.io/v1/clusterrolebindings', { body })).code).toBe(201);
  expect((await server.request('GET /api/v1/pods', { token: null })).code).toBe(403);
  expect((await server.request('GET /version', { token: null })).code).toBe(200);
});

it('Where no role is there yet, administrators alone are let in', async () => {
  const server = await testServer();
  expect((await server.request('GET /api', { token: 'alice' })).code).toBe(403);
  expect((await server.request('GET /api')).code).toBe(200);
});

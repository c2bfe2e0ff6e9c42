import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TestServer } from '../../../core/testing/server.ts';
import { defined, THINGS, thing } from '../definition.ts';
import { fuzzServer } from '../growth.ts';
import type { RandomRequest } from './requests.ts';

/** Requests that chance found, and that the server once failed at. */

/** What JavaScript cannot make a text of. */
const textless = { toString: { a: 1 } };

const apply = (path: string, body: object): RandomRequest => ({
  line: `PATCH ${path}?fieldManager=a&force=true`,
  options: { body: JSON.stringify(body), type: 'application/apply-patch+yaml' },
});

const withSpec = (schema: unknown) => {
  const { body } = defined(schema).options as { body: object };
  return { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', ...body };
};

const DEFINITION = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/cs.a.b';

const found: readonly { name: string; request: RandomRequest; code: number; message: string }[] = [
  {
    name: 'a namespace that is none, applied',
    request: apply('/api/v1/namespaces/default/configmaps/b', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b', namespace: textless } }),
    code: 500,
    message: 'failed to create typed patch object (/b; /v1, Kind=ConfigMap): .metadata.namespace: expected string, got &value.valueUnstructured',
  },
  {
    name: 'a version that is none, applied',
    request: apply('/api/v1/namespaces/default/configmaps/b', { apiVersion: textless, kind: 'ConfigMap', metadata: { name: 'b' } }),
    code: 400,
    message: 'invalid object type: /, Kind=ConfigMap',
  },
  {
    name: 'a name that is none, applied to a custom object',
    request: apply(`${THINGS}/b`, { ...thing({}), metadata: { name: textless } }),
    code: 400,
    message: 'the name of the object (b based on URL) was undeterminable: name must be provided',
  },
  {
    name: 'a name that is none, of a custom object of another kind',
    request: { line: `POST ${THINGS}`, options: { body: { ...thing({}), kind: 'Other', metadata: { name: {} } } } },
    code: 400,
    message: 'Other in version "v1" cannot be handled as a Thing: json: cannot unmarshal object into Go struct field ObjectMeta.name of type string',
  },
  {
    name: 'a schema that is none, applied',
    request: apply(DEFINITION, withSpec({ type: 'array', items: { type: 'string', maxLength: {} } })),
    code: 500,
    message: 'failed to convert new object (/cs.a.b; apiextensions.k8s.io/v1, Kind=CustomResourceDefinition) to proper version: ',
  },
  {
    name: 'a number that is too large, applied',
    request: apply('/apis/apps/v1/namespaces/default/deployments/b', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'b' },
      spec: { replicas: 2 ** 40 },
    }),
    code: 500,
    message: 'failed to convert new object (/b; apps/v1, Kind=Deployment) to proper version: ',
  },
  {
    name: 'an enum of objects, and a default that is none of them',
    request: defined({ type: 'string', enum: [[textless]], default: 'a' }),
    code: 422,
    message: 'Unsupported value: "a": supported values: "[{\\"toString\\":{\\"a\\":1}}]"',
  },
  {
    name: 'a set of what are no texts, applied',
    request: apply('/api/v1/namespaces/default/configmaps/b', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'b', finalizers: [textless, textless] },
    }),
    code: 500,
    message: 'failed to create typed patch object (/b; /v1, Kind=ConfigMap): .metadata.finalizers',
  },
  {
    name: 'a precondition that is none',
    request: { line: 'DELETE /api/v1/namespaces/default/configmaps/a', options: { body: { preconditions: { uid: textless } } } },
    code: 400,
    message: 'json: cannot unmarshal object into Go struct field DeleteOptions.preconditions.uid of type types.UID',
  },
];

let server: TestServer;
beforeAll(async () => {
  server = await fuzzServer();
});
afterAll(() => {
  expect(server.problems).toEqual([]);
});

it.each(found.map((one) => [one.name, one] as const))('%s', async (_name, { request, code, message }) => {
  const before = server.replica.state.offset;
  const answer = await server.request(request.line, request.options);
  expect({ code: answer.code, message: answer.json.message }).toEqual({ code, message: expect.stringContaining(message) });
  expect(server.replica.state.offset).toBe(before);
});

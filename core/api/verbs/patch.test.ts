import { beforeEach, describe, expect, it } from 'vitest';
import { configMap, deployment, namespace } from '../../testing/objects.ts';
import { type TestServer, testServer } from '../../testing/server.ts';

let server: TestServer;
beforeEach(async () => {
  server = await testServer({ objects: [namespace('default'), configMap('a'), deployment()] });
});

const A = '/api/v1/namespaces/default/configmaps/a';
const WEB = '/apis/apps/v1/namespaces/default/deployments/web';

describe('a strategic merge patch that leaves a value of another type', () => {
  // apimachinery/pkg/runtime/converter.go: what is patched is converted, not decoded.
  it.each([
    { path: A, body: { metadata: { labels: 'x' } }, why: 'cannot restore map from string' },
    { path: A, body: { metadata: { labels: { a: 1 } } }, why: 'cannot convert int64 to string' },
    { path: A, body: { metadata: { labels: { a: true } } }, why: 'unrecognized type: string' },
    { path: WEB, body: { spec: { replicas: 1.5 } }, why: 'cannot convert float64 to int32' },
    { path: A, body: { metadata: { finalizers: 7 } }, why: 'cannot restore slice from int64' },
    { path: A, body: { immutable: 'yes' }, why: 'unrecognized type: bool' },
    { path: WEB, body: { spec: { replicas: 'x' } }, why: 'unrecognized type: int32' },
    { path: WEB, body: { spec: { template: [] } }, why: 'cannot restore struct from: slice' },
  ])('is refused: $why', async ({ path, body, why }) => {
    const { code, json } = await server.request(`PATCH ${path}`, { body, type: 'application/strategic-merge-patch+json' });
    expect({ code, why: json.details.causes[0].message.replace(/^Invalid value: "(?:[^"\\]|\\.)*": /, '') }).toEqual({ code: 422, why });
  });

  it('is refused in the words of the decoder when it is a merge patch', async () => {
    const { code, json } = await server.request(`PATCH ${WEB}`, { body: { spec: { replicas: 'x' } }, type: 'application/merge-patch+json' });
    expect({ code, message: json.message }).toEqual({
      code: 422,
      message: expect.stringMatching(/json: cannot unmarshal string into Go struct field DeploymentSpec\.spec\.replicas of type int32/),
    });
  });
});

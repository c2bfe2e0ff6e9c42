import { expect, it } from 'vitest';
import { ServiceAccountTokens } from '../../auth/service-account-tokens.ts';
import { namespace } from '../../testing/objects.ts';
import { testServer } from '../../testing/server.ts';

const setUp = () => {
  const serviceAccountTokens = new ServiceAccountTokens({ key: new Uint8Array(32).fill(7) });
  const bob = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'bob', namespace: 'default' } };
  return testServer({ roles: true, objects: [namespace('default'), bob], serviceAccountTokens });
};

it('says where the keys are that a token of a service account can be checked with', async () => {
  const server = await setUp();
  const { json, headers } = await server.request('GET /clusters/main/.well-known/openid-configuration', { headers: { host: 'api.example.com' } });
  expect(headers.get('content-type')).toBe('application/json');
  expect(json).toEqual({
    issuer: 'https://kubernetes.default.svc',
    jwks_uri: 'https://api.example.com/clusters/main/openid/v1/jwks',
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
  });
  const keys = await server.request('GET /openid/v1/jwks');
  expect(keys.headers.get('content-type')).toBe('application/jwk-set+json');
  expect(keys.json.keys).toMatchObject([{ use: 'sig', kty: 'EC', crv: 'P-256', alg: 'ES256' }]);
});

it('may be asked by service accounts, as the default role has it', async () => {
  const server = await setUp();
  const { json } = await server.request('POST /api/v1/namespaces/default/serviceaccounts/bob/token', { body: { spec: {} } });
  expect((await server.request('GET /openid/v1/jwks', { token: json.status.token })).code).toBe(200);
  expect((await server.request('GET /openid/v1/jwks', { token: 'alice' })).code).toBe(403);
});

import { beforeEach, describe, expect, it } from 'vitest';
import { defaultAdmissionPlugins } from '../../admission/default-plugins.ts';
import type { AdmissionPlugin, AdmissionReview } from '../../admission/plugin.ts';
import { ServiceAccountTokens } from '../../auth/service-account-tokens.ts';
import { objectOf } from '../../kube/fields.ts';
import { forbidden } from '../../kube/status.ts';
import type { SubjectAccessReview, TokenRequest } from '../../schema/generated/kinds.ts';
import { namespace } from '../../testing/objects.ts';
import { validating } from '../../testing/policies.ts';
import { type TestServer, testServer } from '../../testing/server.ts';

const ACCESS = '/apis/authorization.k8s.io/v1';
const asked = { user: 'carol', nonResourceAttributes: { verb: 'get', path: '/' } };

/** What a plugin saw of a request, to change and to judge it. */
let seen: Pick<AdmissionReview, 'name' | 'namespace' | 'dryRun' | 'options' | 'object'>[] = [];
const watcher: AdmissionPlugin = {
  name: 'Watcher',
  mutate(review) {
    const { object, resource } = review;
    if (resource.groupResource === 'subjectaccessreviews.authorization.k8s.io') {
      const { spec } = object as SubjectAccessReview;
      if (spec!.user === 'carol') review.object = { ...object, spec: { ...spec, groups: ['system:masters'] } } as SubjectAccessReview;
    }
  },
  validate({ name, namespace, dryRun, options, object, resource, warn }) {
    seen.push({ name, namespace, dryRun, options, object });
    if ((object as SubjectAccessReview).spec?.user !== 'mallory') return;
    warn('seen');
    throw forbidden(resource, name, 'mallory is not asked about');
  },
};

let server: TestServer;
beforeEach(async () => {
  server = await testServer({
    admissionPlugins: [...defaultAdmissionPlugins, watcher],
    serviceAccountTokens: new ServiceAccountTokens({ key: new Uint8Array(32).fill(7) }),
    objects: [
      namespace('default'),
      objectOf({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'bob', namespace: 'default' } }),
      ...validating('all', {
        matchConstraints: { resourceRules: [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'] }] },
        validations: [{ expression: "object.kind == 'Binding'" }],
      }),
    ],
  });
  seen = [];
});

describe('a review that is created', () => {
  it('is answered as mutating admission left it', async () => {
    const { json } = await server.request(`POST ${ACCESS}/subjectaccessreviews`, { body: { spec: asked } });
    expect(json).toMatchObject({ spec: { ...asked, groups: ['system:masters'] }, status: { allowed: true } });
  });

  it('is refused by validating admission, which is asked once it is valid', async () => {
    const refused = await server.request(`POST ${ACCESS}/subjectaccessreviews`, { body: { spec: { ...asked, user: 'mallory' } } });
    expect(refused).toMatchObject({ code: 403, json: { message: expect.stringMatching(/mallory is not asked about$/) } });
    expect(refused.headers.get('warning')).toBe('299 - "seen"');
    const invalid = await server.request(`POST ${ACCESS}/subjectaccessreviews`, { body: { spec: { user: 'mallory' } } });
    expect(invalid.code).toBe(422);
    expect(seen).toHaveLength(1);
  });

  it('may be a dry run, and takes the options of a creation', async () => {
    await server.request(`POST ${ACCESS}/subjectaccessreviews?dryRun=All&fieldManager=m`, { body: { spec: asked } });
    expect(seen).toMatchObject([{ name: '', namespace: undefined, dryRun: true, options: { dryRun: ['All'], fieldManager: 'm' } }]);
    const strict = await server.request(`POST ${ACCESS}/subjectaccessreviews?fieldValidation=Strict`, { body: { spec: { ...asked, none: 1 } } });
    expect(strict).toMatchObject({ code: 400, json: { message: expect.stringContaining('unknown field "spec.none"') } });
  });

  it('does not say whether a namespace is there, and is no concern of policies', async () => {
    const spec = { user: 'u', resourceAttributes: { namespace: 'none', verb: 'get', resource: 'pods' } };
    expect((await server.request(`POST ${ACCESS}/namespaces/none/localsubjectaccessreviews`, { body: { spec } })).code).toBe(201);
    const elsewhere = await server.request('POST /api/v1/namespaces/default/configmaps', { body: { metadata: { name: 'c' } } });
    expect(elsewhere.json.message).toContain("ValidatingAdmissionPolicy 'all'");
  });

  it('comes without what only the server says of an object', async () => {
    const metadata = { uid: 'u', creationTimestamp: '2020-01-01T00:00:00Z', selfLink: '/x' };
    expect((await server.request(`POST ${ACCESS}/subjectaccessreviews`, { body: { metadata, spec: asked } })).code).toBe(201);
  });
});

it('a request for a token is judged with all that it need not say', async () => {
  await server.request('DELETE /apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/all');
  seen = [];
  const { code, json } = await server.request('POST /api/v1/namespaces/default/serviceaccounts/bob/token', { body: {} });
  expect(code).toBe(201);
  const { status: _, ...told } = json as TokenRequest;
  expect(seen).toMatchObject([{ name: 'bob', namespace: 'default', object: told }]);
  expect(told).toMatchObject({ metadata: { name: 'bob', uid: expect.any(String) }, spec: { audiences: [expect.any(String)], expirationSeconds: 3600 } });
});

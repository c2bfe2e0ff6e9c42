import { beforeEach, describe, expect, it } from 'vitest';
import { ServiceAccountTokens } from '../../auth/service-account-tokens.ts';
import { type TestServer, testServer } from '../../testing/server.ts';

let server: TestServer;
beforeEach(async () => {
  server = await testServer({ roles: true });
});

const ACCESS = '/apis/authorization.k8s.io/v1';
const IDENTITY = '/apis/authentication.k8s.io/v1';
const pods = { resource: 'pods', verb: 'list', namespace: 'default' };

describe('may a user do this?', () => {
  it.each([
    { name: 'an administrator', token: 'admin', spec: { resourceAttributes: pods }, want: true },
    { name: 'any other user', token: 'alice', spec: { resourceAttributes: pods }, want: false },
    { name: 'any other user, of a path that all may see', token: 'alice', spec: { nonResourceAttributes: { verb: 'get', path: '/version' } }, want: true },
  ])('I, as $name', async ({ token, spec, want }) => {
    const { code, json } = await server.request(`POST ${ACCESS}/selfsubjectaccessreviews`, { token, body: { spec } });
    expect({ code, allowed: json.status.allowed }).toEqual({ code: 201, allowed: want });
  });

  it.each([
    { subject: { user: 'carol', groups: ['system:masters'] }, want: true },
    { subject: { user: 'carol' }, want: false },
  ])('$subject', async ({ subject, want }) => {
    for (const path of [`${ACCESS}/subjectaccessreviews`, `${ACCESS}/namespaces/default/localsubjectaccessreviews`]) {
      const { json } = await server.request(`POST ${path}`, { body: { spec: { ...subject, resourceAttributes: pods } } });
      expect(json.status).toEqual({ allowed: want });
    }
  });

  it.each([
    {
      path: 'selfsubjectaccessreviews',
      spec: {},
      code: 422,
      message:
        '.authorization.k8s.io "" is invalid: spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
    },
    {
      path: 'subjectaccessreviews',
      spec: { resourceAttributes: pods },
      code: 422,
      message: '.authorization.k8s.io "" is invalid: spec.user: Invalid value: "": at least one of user or group must be specified',
    },
    {
      path: 'namespaces/other/localsubjectaccessreviews',
      spec: { user: 'carol', resourceAttributes: pods },
      code: 422,
      message: '.authorization.k8s.io "" is invalid: spec.resourceAttributes.namespace: Invalid value: "default": must match metadata.namespace',
    },
    {
      path: 'selfsubjectaccessreviews',
      metadata: { name: 'x' },
      spec: { resourceAttributes: pods },
      code: 422,
      message: '.authorization.k8s.io "" is invalid: metadata: Invalid value: {"name":"x"}: must be empty',
    },
    {
      path: 'selfsubjectaccessreviews',
      spec: { resourceAttributes: { ...pods, fieldSelector: {}, labelSelector: { rawSelector: 'a', requirements: [{ key: 'b', operator: 'In' }] } } },
      code: 422,
      message:
        '.authorization.k8s.io "" is invalid: [spec.resourceAttributes.fieldSelector.requirements: Required value: when spec.resourceAttributes.fieldSelector is specified, requirements or rawSelector is required, spec.resourceAttributes.labelSelector.rawSelector: Invalid value: "a": may not specified at the same time as requirements, spec.resourceAttributes.labelSelector.requirements[0].values: Required value: must be specified when `operator` is \'In\' or \'NotIn\']',
    },
  ])('$path is refused: $code', async ({ path, metadata, spec, code, message }) => {
    const answer = await server.request(`POST ${ACCESS}/${path}`, { body: { ...(metadata && { metadata }), spec } });
    expect({ code: answer.code, message: answer.json.message }).toEqual({ code, message });
  });

  it('lists what I may do', async () => {
    const { json } = await server.request(`POST ${ACCESS}/selfsubjectrulesreviews`, { body: { spec: { namespace: 'default' } } });
    expect(json.status).toMatchObject({
      resourceRules: [
        { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
        { verbs: ['create'], apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'] },
        { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
      ],
      incomplete: false,
    });
    expect(json.status.nonResourceRules[0]).toEqual({ verbs: ['*'], nonResourceURLs: ['*'] });
  });
});

describe('may a user do this in a cluster that is shown as it was?', () => {
  const past = () => `/clusters/main@${server.replica.state.offset}${ACCESS}`;
  const readOnly = 'cluster main is shown as it was at another time: it can only be read';

  it.each([
    { verb: 'list', want: { allowed: true } },
    { verb: 'delete', want: { allowed: false, denied: true, reason: readOnly } },
    { verb: 'create', want: { allowed: false, denied: true, reason: readOnly } },
    { verb: '*', want: { allowed: false, denied: true, reason: readOnly } },
    { verb: 'create', of: { group: 'authorization.k8s.io', resource: 'selfsubjectaccessreviews' }, want: { allowed: true } },
    { verb: 'create', of: { group: 'logplane.dev', resource: 'plans' }, want: { allowed: true } },
    { verb: 'create', of: { group: 'authors.example.com', resource: 'books' }, want: { allowed: false, denied: true, reason: readOnly } },
  ])('$verb $of.resource', async ({ verb, of = { resource: 'pods' }, want }) => {
    const { json } = await server.request(`POST ${past()}/selfsubjectaccessreviews`, { body: { spec: { resourceAttributes: { ...of, verb } } } });
    expect(json.status).toEqual(want);
  });

  it('lists what reads', async () => {
    const { json } = await server.request(`POST ${past()}/selfsubjectrulesreviews`, { body: { spec: { namespace: 'default' } } });
    expect(json.status.resourceRules).toContainEqual({ verbs: ['get', 'list', 'watch'], apiGroups: ['*'], resources: ['*'] });
    expect(
      json.status.resourceRules.filter(
        ({ verbs, apiGroups }: { verbs: string[]; apiGroups: string[] }) => verbs.includes('create') && !apiGroups[0]!.startsWith('auth'),
      ),
    ).toEqual([]);
  });
});

describe('who is this?', () => {
  it('I', async () => {
    const { json } = await server.request(`POST ${IDENTITY}/selfsubjectreviews`, { token: 'alice', body: {} });
    expect(json.status.userInfo).toEqual({ username: 'alice', groups: ['developers', 'system:authenticated'] });
  });

  it.each([
    { token: 'alice', want: { authenticated: true, user: { username: 'alice', groups: ['developers', 'system:authenticated'] } } },
    { token: 'guess', want: { user: {}, error: 'invalid bearer token' } },
  ])('the bearer of "$token"', async ({ token, want }) => {
    const { json } = await server.request(`POST ${IDENTITY}/tokenreviews`, { body: { spec: { token } } });
    expect(json.status).toEqual(want);
  });
});

describe('who is this, to whom?', () => {
  const review = async (asked: { token: string; audiences?: string[] }) =>
    (await server.request(`POST ${IDENTITY}/tokenreviews`, { body: { spec: asked } })).json.status;
  const issue = async (audiences: string[]) =>
    (await server.request('POST /api/v1/namespaces/default/serviceaccounts/bob/token', { body: { spec: { audiences } } })).json.status.token as string;
  const own = 'https://kubernetes.default.svc';
  const no = { user: {}, error: 'invalid bearer token' };
  const refused = (why: string) => ({ user: {}, error: `[invalid bearer token, ${why}]` });

  beforeEach(async () => {
    server = await testServer({ roles: true, serviceAccountTokens: new ServiceAccountTokens({ key: new Uint8Array(32).fill(7) }) });
    await server.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'bob', namespace: 'default' } });
  });

  it.each([
    { name: 'for no audience', audiences: [], asked: undefined, want: [own] },
    { name: 'for the API server', audiences: [], asked: [own, 'vault'], want: [own] },
    { name: 'for another audience', audiences: ['vault'], asked: ['vault', 'db'], want: ['vault'] },
    {
      name: 'for another audience, asked by the API server',
      audiences: ['vault'],
      asked: undefined,
      want: `token audiences ["vault"] is invalid for the target audiences ["${own}"]`,
    },
    {
      name: 'for the API server, asked by another audience',
      audiences: [],
      asked: ['vault', 'db'],
      want: `token audiences ["${own}"] is invalid for the target audiences ["vault" "db"]`,
    },
  ])('a token $name', async ({ audiences, asked, want }) => {
    const status = await review({ token: await issue(audiences), ...(asked && { audiences: asked }) });
    expect(typeof want === 'string' ? status : { authenticated: status.authenticated, audiences: status.audiences }).toEqual(
      typeof want === 'string' ? refused(want) : { authenticated: true, audiences: want },
    );
  });

  it("the host's own tokens are for the API server alone", async () => {
    expect(await review({ token: 'alice' })).toMatchObject({ authenticated: true, audiences: [own] });
    expect(await review({ token: 'alice', audiences: ['vault'] })).toEqual(no);
  });

  it('a token that has expired, or whose account is another one', async () => {
    const token = await issue([]);
    server.clock.advance(3_600_000);
    expect(await review({ token })).toEqual(refused('service account token has expired'));
    const later = await issue([]);
    await server.request('DELETE /api/v1/namespaces/default/serviceaccounts/bob');
    await server.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'bob', namespace: 'default' } });
    expect((await review({ token: later })).error).toMatch(/^\[invalid bearer token, service account UID \(\S+\) does not match claim \(\S+\)\]$/);
  });

  it('may do what every user may, and no more', async () => {
    const token = await issue([]);
    expect((await server.request('GET /apis', { token })).code).toBe(200);
    expect((await server.request('GET /api/v1/namespaces/default/secrets', { token })).json.message).toBe(
      'secrets is forbidden: User "system:serviceaccount:default:bob" cannot list resource "secrets" in API group "" in the namespace "default"',
    );
    expect((await server.request('GET /api/v1/nodes', { token, headers: { 'impersonate-user': 'admin', 'impersonate-group': 'system:masters' } })).code).toBe(
      403,
    );
  });
});

describe('acting as another user', () => {
  const whoami = (headers: Record<string, string | undefined>, token = 'admin') =>
    server.request(`POST ${IDENTITY}/selfsubjectreviews`, { token, body: {}, headers: headers as Record<string, string> });

  it.each([
    { name: 'a user', headers: { 'impersonate-user': 'bob' }, want: { username: 'bob', groups: ['system:authenticated'] } },
    {
      name: 'a user of groups',
      headers: { 'impersonate-user': 'bob', 'impersonate-group': 'a, b' },
      want: { username: 'bob', groups: ['a', 'b', 'system:authenticated'] },
    },
    {
      name: 'a service account',
      headers: { 'impersonate-user': 'system:serviceaccount:default:app' },
      want: { username: 'system:serviceaccount:default:app', groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'] },
    },
    {
      name: 'with more',
      headers: { 'impersonate-user': 'bob', 'impersonate-uid': 'u', 'impersonate-extra-scopes': 'x' },
      want: { username: 'bob', uid: 'u', groups: ['system:authenticated'], extra: { scopes: ['x'] } },
    },
    {
      name: 'a service account of other groups',
      headers: { 'impersonate-user': 'system:serviceaccount:default:app', 'impersonate-group': 'a' },
      want: { username: 'system:serviceaccount:default:app', groups: ['a', 'system:authenticated'] },
    },
    {
      name: 'a user that is called like no service account can be',
      headers: { 'impersonate-user': 'system:serviceaccount:default:APP' },
      want: { username: 'system:serviceaccount:default:APP', groups: ['system:authenticated'] },
    },
    {
      name: 'a user who did not authenticate',
      headers: { 'impersonate-user': 'system:anonymous', 'impersonate-group': 'system:masters' },
      want: { username: 'system:anonymous', groups: ['system:masters', 'system:unauthenticated'] },
    },
    {
      name: 'with an extra key that is escaped',
      headers: { 'impersonate-user': 'bob', 'impersonate-extra-example.com%2f__proto__': 'x' },
      want: { username: 'bob', groups: ['system:authenticated'], extra: { 'example.com/__proto__': ['x'] } },
    },
  ])('$name', async ({ headers, want }) => {
    expect((await whoami(headers)).json.status.userInfo).toEqual(want);
  });

  it('has only what that one may do', async () => {
    const { code, json } = await server.request('GET /api/v1/nodes', { headers: { 'impersonate-user': 'bob' } });
    expect({ code, message: json.message }).toEqual({
      code: 403,
      message: 'nodes is forbidden: User "bob" cannot list resource "nodes" in API group "" at the cluster scope',
    });
  });

  it('is told of a namespace as of what is in it', async () => {
    const { code, json } = await server.request('GET /api/v1/namespaces/default', { headers: { 'impersonate-user': 'bob' } });
    expect({ code, message: json.message }).toEqual({
      code: 403,
      message: 'namespaces "default" is forbidden: User "bob" cannot get resource "namespaces" in API group "" in the namespace "default"',
    });
  });

  it('is what the log remembers', async () => {
    await server.request('POST /api/v1/namespaces', {
      headers: { 'impersonate-user': 'bob', 'impersonate-group': 'system:masters' },
      body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'his' } },
    });
    const [change] = server.replica.recentChanges(server.replica.state.offset - 1, 1)!;
    expect(change).toMatchObject({ actor: { username: 'bob', groups: ['system:masters', 'system:authenticated'] }, object: { metadata: { name: 'his' } } });
  });

  it('is not for every user', async () => {
    const { code, json } = await whoami({ 'impersonate-user': 'admin', 'impersonate-group': 'system:masters' }, 'alice');
    expect({ code, message: json.message }).toEqual({
      code: 403,
      message:
        'selfsubjectreviews.authentication.k8s.io is forbidden: User "alice" cannot impersonate-on:user-info:create resource "selfsubjectreviews" in API group "authentication.k8s.io" at the cluster scope',
    });
  });

  it('needs a user', async () => {
    const { code, json } = await whoami({ 'impersonate-group': 'system:masters', 'impersonate-extra-scopes': 'x', 'impersonate-uid': 'u' });
    expect({ code, message: json.message }).toEqual({
      code: 400,
      message:
        'requested &user.DefaultInfo{Name:"", UID:"u", Groups:[]string{"system:masters"}, Extra:map[string][]string{"scopes":[]string{"x"}}} without impersonating a user name',
    });
  });
});

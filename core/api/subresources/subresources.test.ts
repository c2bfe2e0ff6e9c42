import { beforeEach, describe, expect, it } from 'vitest';
import { ServiceAccountTokens } from '../../auth/service-account-tokens.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { Deployment, PodDisruptionBudget } from '../../schema/generated/kinds.ts';
import { certificateRequest } from '../../testing/certificate-requests.ts';
import { namespace, node, pod } from '../../testing/objects.ts';
import { type RequestOptions, type TestServer, testServer } from '../../testing/server.ts';

const deployment: Deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'nginx' }] } },
  },
};
const account: KubeObject = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'bob', namespace: 'default' } };

let server: TestServer;
beforeEach(async () => {
  server = await testServer({
    roles: true,
    objects: [namespace('default'), deployment, account, pod('p', { labels: { app: 'web' }, serviceAccountName: 'bob' })],
    serviceAccountTokens: new ServiceAccountTokens({ key: new Uint8Array(32).fill(7) }),
  });
});

const WEB = '/apis/apps/v1/namespaces/default/deployments/web';
const P = '/api/v1/namespaces/default/pods/p';
const merge = (body: object): RequestOptions => ({ type: 'application/merge-patch+json', body });

describe('status', () => {
  it('takes the status and nothing else', async () => {
    const { code, json } = await server.request(`PATCH ${P}/status`, merge({ spec: { nodeName: 'n' }, status: { podIP: '10.0.0.1' } }));
    expect({ code, ip: json.status.podIP, node: json.spec.nodeName }).toEqual({ code: 200, ip: '10.0.0.1', node: undefined });
  });

  it('is not taken with the object', async () => {
    const { json } = await server.request(`PATCH ${P}`, merge({ metadata: { labels: { a: 'b' } }, status: { podIP: '10.0.0.1' } }));
    expect({ ip: json.status.podIP, labels: json.metadata.labels }).toEqual({ ip: undefined, labels: { app: 'web', a: 'b' } });
  });

  it('reads as the object', async () => {
    expect((await server.request(`GET ${P}/status`)).json).toEqual((await server.request(`GET ${P}`)).json);
  });
});

describe('scale', () => {
  it('shows what a workload has and should have', async () => {
    const { json } = await server.request(`GET ${WEB}/scale`);
    expect(json).toMatchObject({
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      metadata: { name: 'web', namespace: 'default' },
      spec: { replicas: 2 },
      status: { replicas: 0, selector: 'app=web' },
    });
  });

  it('has columns of its own, and the status those of the object', async () => {
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    const table = async (path: string) => {
      const { json } = await server.request(`GET ${path}`, { accept });
      return { kind: json.kind, names: json.columnDefinitions.map(({ name }: { name: string }) => name), cells: json.rows[0].cells };
    };
    expect(await table(`${WEB}/scale`)).toEqual({ kind: 'Table', names: ['Name', 'Desired', 'Available', 'Age'], cells: ['web', 2, 0, '0s'] });
    expect(await table(`${WEB}/status`)).toEqual(await table(WEB));
  });

  it.each([
    {
      name: 'by an update',
      line: `PUT ${WEB}/scale`,
      options: { body: { kind: 'Scale', apiVersion: 'autoscaling/v1', metadata: { name: 'web', namespace: 'default' }, spec: { replicas: 5 } } },
    },
    { name: 'by a patch', line: `PATCH ${WEB}/scale`, options: merge({ spec: { replicas: 5 } }) },
  ])('changes it $name', async ({ line, options }) => {
    const { code, json } = await server.request(line, options);
    expect({ code, kind: json.kind, replicas: json.spec.replicas }).toEqual({ code: 200, kind: 'Scale', replicas: 5 });
    expect((await server.request(`GET ${WEB}`)).json).toMatchObject({ metadata: { generation: 2 }, spec: { replicas: 5 } });
  });

  it.each([
    { spec: { replicas: -1 }, code: 422, message: 'Scale.autoscaling "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0' },
    {
      metadata: { resourceVersion: '1' },
      spec: {},
      code: 409,
      message:
        'Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please apply your changes to the latest version and try again',
    },
    { metadata: { uid: 'other' }, spec: {}, code: 409, message: expect.stringMatching(/Precondition failed: UID in precondition: other/) },
  ])('is refused: $code', async ({ code, message, ...body }) => {
    const answer = await server.request(`PATCH ${WEB}/scale`, merge(body));
    expect({ code: answer.code, message: answer.json.message }).toEqual({ code, message });
  });
});

describe('binding', () => {
  const binding = (name: string, target: object) => ({ kind: 'Binding', apiVersion: 'v1', metadata: { name }, target });

  it.each([
    { name: 'below the pod', line: `POST ${P}/binding` },
    { name: 'as a Binding', line: 'POST /api/v1/namespaces/default/bindings' },
  ])('puts a pod on a node ($name)', async ({ line }) => {
    const answer = await server.request(line, { body: binding('p', { kind: 'Node', name: 'n1' }) });
    expect(answer).toMatchObject({ code: 201, json: { kind: 'Status', status: 'Success', code: 201 } });
    expect((await server.request(`GET ${P}`)).json.spec.nodeName).toBe('n1');
  });

  it.each([
    {
      name: 'a second time',
      bound: true,
      body: binding('p', { name: 'n2' }),
      code: 409,
      message: 'Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "n1"',
    },
    { name: 'without a node', bound: false, body: binding('p', {}), code: 500, message: 'target.name: Required value' },
    { name: 'of another pod', bound: false, body: binding('q', { name: 'n1' }), code: 400, message: 'name in URL does not match name in Binding object' },
  ])('is refused $name', async ({ bound, body, code, message }) => {
    if (bound) await server.request(`POST ${P}/binding`, { body: binding('p', { name: 'n1' }) });
    const answer = await server.request(`POST ${P}/binding`, { body });
    expect({ code: answer.code, message: answer.json.message }).toEqual({ code, message });
  });
});

describe('eviction', () => {
  const eviction = { kind: 'Eviction', apiVersion: 'policy/v1', metadata: { name: 'p', namespace: 'default' } };
  const budget = (name: string): PodDisruptionBudget => ({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, namespace: 'default' },
    spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } },
  });
  const BUDGET = '/apis/policy/v1/namespaces/default/poddisruptionbudgets/b';
  const allow = (disruptionsAllowed: number) =>
    server.request(
      `PATCH ${BUDGET}/status`,
      merge({ status: { disruptionsAllowed, desiredHealthy: 1, currentHealthy: 1 + disruptionsAllowed, expectedPods: 2, observedGeneration: 1 } }),
    );

  const SET = "Cannot evict pod as it would violate the pod's disruption budget.";
  const evict = (query = '', body: object = eviction) => server.request(`POST ${P}/eviction${query}`, { body });
  const podIs = (phase: string, ready: boolean) =>
    server.request(`PATCH ${P}/status`, merge({ status: { phase, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] } }));
  const budgetIs = (status: object, spec: object = {}) =>
    server
      .create({ ...budget('b'), spec: { ...budget('b').spec, ...spec } } as PodDisruptionBudget)
      .then(() => server.request(`PATCH ${BUDGET}/status`, merge({ status })));

  beforeEach(() => podIs('Running', true));

  it('deletes a pod that no budget covers', async () => {
    expect(await evict()).toMatchObject({ code: 201, json: { status: 'Success' } });
    expect((await server.request(`GET ${P}`)).code).toBe(404);
  });

  it('says of a pod that takes its time why it ends', async () => {
    await server.request(`POST ${P}/binding`, { body: { kind: 'Binding', apiVersion: 'v1', metadata: { name: 'p' }, target: { name: 'n1' } } });
    const conditions = async () =>
      (await server.request(`GET ${P}`)).json.status.conditions.filter(({ type }: { type: string }) => type === 'DisruptionTarget');
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      lastTransitionTime: '2026-01-01T00:00:00Z',
      reason: 'EvictionByEvictionAPI',
      message: 'Eviction API: evicting',
    };
    await evict('?dryRun=All');
    expect(await conditions()).toEqual([]);
    await evict();
    expect(await conditions()).toMatchObject([condition]);
    server.clock.advance(1_000);
    expect((await evict()).code).toBe(201);
    expect(await conditions()).toMatchObject([condition]);
  });

  it('counts against the budget, in the same entry', async () => {
    await server.create(budget('b'));
    await allow(1);
    const before = server.replica.state.offset;
    expect((await evict()).code).toBe(201);
    expect((await server.request(`GET ${BUDGET}`)).json.status).toMatchObject({
      disruptionsAllowed: 0,
      disruptedPods: { p: '2026-01-01T00:00:00Z' },
      conditions: [{ type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods' }],
    });
    // The budget changes, the pod ends, and the pod goes.
    expect(server.replica.state.offset).toBe(before + 3);
  });

  it('counts nothing against the budget where it is refused', async () => {
    await server.create(budget('b'));
    await allow(1);
    const { json } = await server.request(`GET ${BUDGET}`);
    expect((await evict('', { ...eviction, deleteOptions: { preconditions: { uid: 'another' } } })).code).toBe(409);
    expect((await server.request(`GET ${BUDGET}`)).json).toEqual(json);
  });

  it.each([
    { name: 'AlwaysAllow', spec: { unhealthyPodEvictionPolicy: 'AlwaysAllow' }, status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 1 } },
    { name: 'a healthy budget', spec: {}, status: { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1 } },
    {
      name: 'IfHealthyBudget and a healthy budget',
      spec: { unhealthyPodEvictionPolicy: 'IfHealthyBudget' },
      status: { disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1 },
    },
  ])('takes a pod that is not ready and leaves the budget alone: $name', async ({ spec, status }) => {
    await podIs('Running', false);
    await budgetIs({ expectedPods: 2, observedGeneration: 1, ...status }, spec);
    const before = (await server.request(`GET ${BUDGET}`)).json;
    expect((await evict()).code).toBe(201);
    expect((await server.request(`GET ${BUDGET}`)).json).toEqual(before);
    expect((await server.request(`GET ${P}`)).code).toBe(404);
  });

  it.each(['Pending', 'Succeeded', 'Failed'])('asks no budget about a pod that is %s', async (phase) => {
    await podIs(phase, false);
    await server.create(budget('b'), budget('c'));
    expect((await evict()).code).toBe(201);
  });

  const healthy = { currentHealthy: 2, desiredHealthy: 1 };
  const condition = (reason: string) => ({
    conditions: [{ type: 'DisruptionAllowed', status: 'False', reason, message: 'why', lastTransitionTime: '2026-01-01T00:00:00Z' }],
  });
  it.each([
    { name: 'allows none', status: { currentHealthy: 1, desiredHealthy: 1 }, why: 'The disruption budget b needs 1 healthy pods and has 1 currently' },
    {
      name: 'has too few that are ready',
      ready: false,
      status: { currentHealthy: 0, desiredHealthy: 1 },
      why: 'The disruption budget b needs 1 healthy pods and has 0 currently',
    },
    {
      name: 'wants none',
      ready: false,
      status: { currentHealthy: 0, desiredHealthy: 0 },
      why: 'The disruption budget b needs 0 healthy pods and has 0 currently',
    },
    {
      name: 'could not be worked out',
      status: { ...healthy, ...condition('SyncFailed') },
      why: 'The disruption budget b does not allow evicting pods currently because it failed sync: why',
    },
    {
      name: 'has another reason',
      status: { ...healthy, ...condition('Other') },
      why: 'The disruption budget b does not allow evicting pods currently (Other): why',
    },
    { name: 'has no reason', status: healthy, why: 'The disruption budget b does not allow evicting pods currently' },
    { name: 'is being worked out', status: { observedGeneration: 0 }, why: 'The disruption budget b is still being processed by the server.', after: '10' },
  ])('waits when the budget $name', async ({ ready = true, status, why, after = null }) => {
    await podIs('Running', ready);
    await budgetIs({ disruptionsAllowed: 0, expectedPods: 2, observedGeneration: 1, currentHealthy: 0, desiredHealthy: 0, ...status });
    const { code, json, headers } = await evict();
    expect({ code, message: json.message, details: json.details, after: headers.get('retry-after') }).toEqual({
      code: 429,
      message: SET,
      details: { causes: [{ reason: 'DisruptionBudget', message: why }], ...(after && { retryAfterSeconds: 10 }) },
      after,
    });
  });

  it('knows no way with two budgets', async () => {
    await server.create(budget('b'), budget('c'));
    const { code, json } = await evict();
    expect({ code, json }).toEqual({
      code: 500,
      json: {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
        code: 500,
      },
    });
  });

  it.each([
    { name: 'of another pod', body: { ...eviction, metadata: { name: 'q' } }, code: 400, message: 'name in URL does not match name in Eviction object' },
    { name: 'of no pod', body: { ...eviction, metadata: {} }, code: 400, message: 'name in URL does not match name in Eviction object' },
    {
      name: 'in another namespace',
      body: { ...eviction, metadata: { name: 'p', namespace: 'other' } },
      code: 400,
      message: 'the namespace of the provided object does not match the namespace sent on the request',
    },
    {
      name: 'of an older version of the pod',
      body: { ...eviction, deleteOptions: { preconditions: { resourceVersion: '1' } } },
      code: 409,
      message: expect.stringMatching(/^Operation cannot be fulfilled on Pod "p": the ResourceVersion in the precondition \(1\) does not match/),
    },
    {
      name: 'that may break the store',
      body: { ...eviction, deleteOptions: { ignoreStoreReadErrorWithClusterBreakingPotential: true } },
      code: 422,
      message:
        'Eviction.policy "p" is invalid: deleteOptions.ignoreStoreReadErrorWithClusterBreakingPotential: Invalid value: true: can not be set for pod eviction, try after removing the option',
    },
  ])('is refused $name', async ({ body, code, message }) => {
    const answer = await evict('', body);
    expect({ code: answer.code, message: answer.json.message }).toEqual({ code, message });
  });
});

describe('what leads to a node', () => {
  it.each([
    { line: `GET ${P}/log`, code: 501, reason: 'NotImplemented' },
    { line: `POST ${P}/exec?command=ls`, code: 501, reason: 'NotImplemented' },
    { line: `GET ${P}/proxy/metrics`, code: 501, reason: 'NotImplemented' },
    { line: `GET ${P}/log?container=none`, code: 400, reason: 'BadRequest' },
    { line: 'GET /api/v1/namespaces/default/pods/none/log', code: 404, reason: 'NotFound' },
  ])('$line: $code', async ({ line, code, reason }) => {
    expect(await server.request(line)).toMatchObject({ code, json: { kind: 'Status', reason, code } });
  });
});

describe('token', () => {
  const TOKEN = '/api/v1/namespaces/default/serviceaccounts/bob/token';
  const request = (spec: object = {}) => server.request(`POST ${TOKEN}`, { body: { kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1', spec } });
  const whoami = async (token: string) => {
    const { code, json } = await server.request('POST /apis/authentication.k8s.io/v1/selfsubjectreviews', { token, body: {} });
    return code === 201 ? json.status.userInfo.username : code;
  };

  it('is good until it expires', async () => {
    const { code, json } = await request({ expirationSeconds: 600 });
    expect({ code, expires: json.status.expirationTimestamp }).toEqual({ code: 201, expires: '2026-01-01T00:10:00Z' });
    expect(await whoami(json.status.token)).toBe('system:serviceaccount:default:bob');
    server.clock.advance(600_000);
    expect(await whoami(json.status.token)).toBe(401);
  });

  it('is good while its account is there', async () => {
    const { token } = (await request()).json.status;
    await server.request('DELETE /api/v1/namespaces/default/serviceaccounts/bob');
    await server.create(account);
    expect(await whoami(token)).toBe(401);
  });

  it('ends with the pod that it is bound to', async () => {
    const { token } = (await request({ boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'p' } })).json.status;
    expect(await whoami(token)).toBe('system:serviceaccount:default:bob');
    await server.request(`DELETE ${P}`);
    expect(await whoami(token)).toBe(401);
  });

  it('is not good when it was changed, or is for another audience', async () => {
    const { token } = (await request()).json.status;
    const [header, , signature] = token.split('.');
    const forged = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString()), exp: 9_999_999_999 })).toString(
      'base64url',
    );
    expect(await whoami(`${header}.${forged}.${signature}`)).toBe(401);
    const { token: elsewhere } = (await request({ audiences: ['vault'] })).json.status;
    expect(await whoami(elsewhere)).toBe(401);
  });

  it.each([
    {
      name: 'too short a time',
      spec: { expirationSeconds: 60 },
      code: 422,
      message: 'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes',
    },
    { name: 'a pod that is not there', spec: { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'none' } }, code: 404, message: 'pods "none" not found' },
    {
      name: 'a thing that does not end',
      spec: { boundObjectRef: { kind: 'Service', apiVersion: 'v1', name: 's' } },
      code: 400,
      message: 'cannot bind token to object of type /v1, Kind=Service',
    },
  ])('is not issued for $name', async ({ spec, code, message }) => {
    const answer = await request(spec);
    expect({ code: answer.code, message: answer.json.message }).toEqual({ code, message });
  });
});

describe('metadata that comes with a part of an object', () => {
  it('is taken with the approval of a certificate signing request', async () => {
    const requests = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
    const { request } = certificateRequest({ commonName: 'alice' });
    await server.request(`POST ${requests}`, {
      body: { metadata: { name: 'a', labels: { of: 'old' } }, spec: { signerName: 'example.com/x', usages: ['client auth'], request } },
    });
    const body = {
      metadata: { annotations: { by: 'me' } },
      spec: { signerName: 'other.com/x' },
      status: { conditions: [{ type: 'Approved', status: 'True', reason: 'r' }] },
    };
    const { code, json } = await server.request(`PATCH ${requests}/a/approval`, { type: 'application/merge-patch+json', body });
    expect({ code, ...json.metadata, signer: json.spec.signerName, type: json.status.conditions[0].type }).toMatchObject({
      code: 200,
      labels: { of: 'old' },
      annotations: { by: 'me' },
      signer: 'example.com/x',
      type: 'Approved',
    });
  });

  it('is taken with the finalizers of a namespace', async () => {
    const { json } = await server.request('GET /api/v1/namespaces/default');
    const body = { ...json, metadata: { ...json.metadata, annotations: { by: 'me' } } };
    expect((await server.request('PUT /api/v1/namespaces/default/finalize', { body })).json.metadata.annotations).toEqual({ by: 'me' });
  });
});

describe('what a token request says', () => {
  const TOKEN = '/api/v1/namespaces/default/serviceaccounts/bob/token';
  const request = (spec: object, metadata: object = {}) => server.request(`POST ${TOKEN}`, { body: { metadata, spec } });
  const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());
  const ofPod = { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'p' } };

  it('the token of a pod names its node, and goes on for a year where clients read it once', async () => {
    await server.create(node('n'));
    await server.request(`POST ${P}/binding`, { body: { metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } } });
    const { json } = await request({ ...ofPod, expirationSeconds: 3607 });
    const claims = claimsOf(json.status.token);
    expect(claims['kubernetes.io']).toMatchObject({ pod: { name: 'p' }, node: { name: 'n', uid: expect.any(String) }, warnafter: claims.iat + 3607 });
    expect(claims.exp).toBe(claims.iat + 365 * 24 * 3600);
    expect(json.status.expirationTimestamp).toBe('2026-01-01T01:00:07Z');
    const { userInfo } = (await server.request('POST /apis/authentication.k8s.io/v1/selfsubjectreviews', { token: json.status.token, body: {} })).json.status;
    expect(userInfo.extra).toMatchObject({ 'authentication.kubernetes.io/node-name': ['n'], 'authentication.kubernetes.io/pod-name': ['p'] });
    // It ends with the pod, not with the node.
    await server.request('DELETE /api/v1/nodes/n');
    expect((await server.request('POST /apis/authentication.k8s.io/v1/selfsubjectreviews', { token: json.status.token, body: {} })).code).toBe(201);
    expect(claimsOf((await request({ ...ofPod, expirationSeconds: 3600 })).json.status.token)['kubernetes.io'].warnafter).toBeUndefined();
    expect(claimsOf((await request({ ...ofPod, expirationSeconds: 3607, audiences: ['vault'] })).json.status.token)['kubernetes.io'].warnafter).toBeUndefined();
  });

  it('a token that is bound to a node ends with it', async () => {
    await server.create(node('n'));
    const { token } = (await request({ boundObjectRef: { kind: 'Node', apiVersion: 'v1', name: 'n' } })).json.status;
    const review = async () => (await server.request('POST /apis/authentication.k8s.io/v1/tokenreviews', { body: { spec: { token } } })).json.status;
    expect(await review()).toMatchObject({ authenticated: true, user: { extra: { 'authentication.kubernetes.io/node-name': ['n'] } } });
    await server.request('DELETE /api/v1/nodes/n');
    expect(await review()).toEqual({ user: {}, error: '[invalid bearer token, service account token has been invalidated]' });
  });

  it.each([
    {
      name: 'another name',
      metadata: { name: 'alice' },
      code: 422,
      message: 'TokenRequest.authentication.k8s.io "bob" is invalid: metadata.name: Invalid value: "alice": must match the service account name if specified',
    },
    {
      name: 'another uid',
      metadata: { uid: 'u' },
      code: 409,
      message:
        /^Operation cannot be fulfilled on TokenRequest\.authentication\.k8s\.io "bob": the UID in the token request \(u\) does not match the UID of the service account \(.*\)$/,
    },
    {
      name: 'another uid of its pod',
      spec: { boundObjectRef: { ...ofPod.boundObjectRef, uid: 'u' } },
      code: 409,
      message: /^Operation cannot be fulfilled on Pod "p": the UID in the bound object reference \(u\) does not match the UID in record\./,
    },
    {
      name: 'a pod of another account',
      spec: { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'q' } },
      code: 400,
      message: 'cannot bind token for serviceaccount "bob" to pod running with different serviceaccount name.',
    },
  ])('$name: $code', async ({ spec = {}, metadata = {}, code, message }) => {
    await server.create(pod('q'));
    const answer = await request(spec, metadata);
    expect({ code: answer.code, message: answer.json.message }).toEqual({
      code,
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    });
  });
});

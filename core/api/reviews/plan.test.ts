import { beforeEach, describe, expect, it } from 'vitest';
import { clusterReconcilers } from '../../clusters/cluster-reconcilers.ts';
import { nodeObjects } from '../../nodes/node-objects.ts';
import { START } from '../../testing/env.ts';
import { deploymentManifest } from '../../testing/plans.ts';
import { type TestServer, testServer } from '../../testing/server.ts';

const PLANS = '/apis/logplane.dev/v1/plans';

const plan = (spec: object) => ({ apiVersion: 'logplane.dev/v1', kind: 'Plan', metadata: { name: 'p' }, spec });

let server: TestServer;
beforeEach(async () => {
  server = await testServer({ roles: true, reconcilers: async () => clusterReconcilers({ eventTtlMs: 0 }) });
  await server.create(...nodeObjects(2, START));
});

describe('POST of a Plan', () => {
  it('answers with what would happen, and keeps nothing', async () => {
    const { offset } = server.replica.state;
    const { code, json } = await server.request(`POST ${PLANS}`, { body: plan({ manifests: [deploymentManifest('web', { replicas: 2 })] }) });
    expect({ code, json }).toMatchObject({
      code: 201,
      json: {
        kind: 'Plan',
        metadata: { name: 'p' },
        spec: { until: 'ready', seed: 1, webhooks: 'Never' },
        status: { result: 'Succeeds', resourceVersion: String(offset), applied: { created: [{ kind: 'Deployment', name: 'web' }] } },
      },
    });
    expect(server.replica.state.offset).toBe(offset);
    expect((await server.request(`GET ${PLANS}`)).code).toBe(405);
    expect((await server.request('GET /apis/apps/v1/namespaces/default/deployments/web')).code).toBe(404);
    expect(server.problems).toEqual([]);
  });

  it('takes texts of YAML, several documents and Lists', async () => {
    const list = { apiVersion: 'v1', kind: 'List', items: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } }] };
    const text = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n';
    const { json } = await server.request(`POST ${PLANS}`, { body: plan({ manifests: [text, list] }) });
    expect(json.status.applied.created.map(({ name }: { name: string }) => name)).toEqual(['a', 'b', 'c']);
  });

  it('is computed in its turn, and refused where too many wait: the client is told when to come again', async () => {
    const goOn = Promise.withResolvers<void>();
    const first = Promise.withResolvers<void>();
    // The webhook of the first plan answers late.
    const busy = await testServer({
      reconcilers: async () => [],
      ask: async () => {
        first.resolve();
        await goOn.promise;
        return { type: 'failed', message: 'late' };
      },
    });
    await busy.create({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'late' },
      webhooks: [
        {
          name: 'late.example.com',
          clientConfig: { url: 'https://late.example.com' },
          rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE'] }],
          sideEffects: 'None',
          failurePolicy: 'Ignore',
          admissionReviewVersions: ['v1'],
        },
      ],
    } as never);
    const post = (name: string) => {
      const manifests = [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } }];
      return busy.request(`POST ${PLANS}`, { body: plan({ manifests, webhooks: name === 'first' ? 'IfSafe' : 'Never' }) });
    };
    const answers = [post('first')];
    await first.promise;
    for (let i = 1; i < 22; i++) answers.push(post(`c${i}`));
    const refused = await Promise.race(answers);
    expect({ code: refused.code, after: refused.headers.get('retry-after') }).toEqual({ code: 429, after: '5' });
    expect(refused.json).toMatchObject({ reason: 'TooManyRequests', message: expect.stringContaining('too many plans are computed at once; try again') });
    goOn.resolve();
    const codes = (await Promise.all(answers)).map(({ code }) => code);
    expect([codes.filter((code) => code === 201).length, codes.filter((code) => code === 429).length]).toEqual([20, 2]);
  });

  it('applies as the field manager of the request', async () => {
    const body = plan({ manifests: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { a: '2' } }] });
    const patch = (manager: string, a: string) =>
      server.request(`PATCH /api/v1/namespaces/default/configmaps/c?fieldManager=${manager}`, {
        body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { a } },
        type: 'application/apply-patch+yaml',
      });
    expect((await patch('one', '1')).code).toBe(201);
    const other = await server.request(`POST ${PLANS}?fieldManager=two`, { body });
    expect(other.json.status.applied.refused).toMatchObject([
      { code: 409, reason: 'Conflict', message: expect.stringContaining('conflict with "one": .data.a') },
    ]);
    const forced = await server.request(`POST ${PLANS}?fieldManager=two`, { body: plan({ ...body.spec, force: true }) });
    expect(forced.json.status.applied.changed).toMatchObject([{ fields: [{ path: '.data.a', before: '"1"', after: '"2"' }] }]);
    const same = await server.request(`POST ${PLANS}?fieldManager=one`, { body });
    expect(same.json.status.applied.refused).toEqual([]);
  });

  it('is about the cluster as it was, where its URL says so', async () => {
    const before = server.replica.state.offset;
    await server.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'default' } });
    const body = plan({ manifests: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } }] });
    const ofThen = await server.request(`POST /clusters/main@${before}${PLANS}`, { body });
    expect(ofThen.json.status).toMatchObject({ resourceVersion: String(before), applied: { created: [{ name: 'c' }] } });
    expect((await server.request(`POST ${PLANS}`, { body })).json.status.applied).toMatchObject({ created: [] });
    expect((await server.request(`POST /clusters/main@${before}/apis/logplane.dev/v1/bookmarks`, { body: plan({}) })).code).toBe(405);
  });

  it('is for those who may create plans, and does what they may', async () => {
    const body = plan({ manifests: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } }] });
    expect(await server.request(`POST ${PLANS}`, { body, token: 'alice' })).toMatchObject({
      code: 403,
      json: { message: 'plans.logplane.dev is forbidden: User "alice" cannot create resource "plans" in API group "logplane.dev" at the cluster scope' },
    });
    const rbac = 'rbac.authorization.k8s.io';
    await server.create(
      {
        apiVersion: `${rbac}/v1`,
        kind: 'ClusterRole',
        metadata: { name: 'planner' },
        ...{ rules: [{ apiGroups: ['logplane.dev'], resources: ['plans'], verbs: ['create'] }] },
      },
      {
        apiVersion: `${rbac}/v1`,
        kind: 'ClusterRoleBinding',
        metadata: { name: 'planner' },
        ...{ roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'planner' }, subjects: [{ apiGroup: rbac, kind: 'User', name: 'alice' }] },
      },
    );
    const allowed = await server.request(`POST ${PLANS}`, { body, token: 'alice' });
    expect(allowed).toMatchObject({ code: 201, json: { status: { result: 'Fails', applied: { refused: [{ code: 403, reason: 'Forbidden' }] } } } });
  });

  it.each([
    { name: 'no spec', body: { apiVersion: 'logplane.dev/v1', kind: 'Plan' }, want: 'Plan.logplane.dev "" is invalid: spec: Required value' },
    {
      name: 'no such time',
      body: plan({ until: 'soon' }),
      want: 'spec.until: Invalid value: "soon": must be ready, or a duration of more than none and at most 2160h',
    },
    { name: 'a horizon that never comes', body: plan({ until: '9999h' }), want: 'spec.until: Invalid value: "9999h"' },
    { name: 'no change', body: plan({ changes: [{ type: 'Explode', nodes: ['a'] }] }), want: 'spec.changes[0].type: Unsupported value: "Explode"' },
    { name: 'no nodes', body: plan({ changes: [{ type: 'Drain' }] }), want: 'exactly one of `nodes` and `zone` must be specified' },
    {
      name: 'no target',
      body: plan({ changes: [{ type: 'Usage', nodes: ['a'] }] }),
      want: "spec.changes[0].target: Required value: must be specified when `type` is 'Usage'",
    },
    { name: 'a time that is none', body: plan({ changes: [{ type: 'Drain', zone: 'a', after: '-1s' }] }), want: 'spec.changes[0].after: Invalid value: "-1s"' },
    { name: 'no YAML', body: plan({ manifests: ['a: b: c'] }), want: 'spec.manifests[0]: Invalid value: "a: b: c": yaml: ' },
    { name: 'no object', body: plan({ manifests: [{ data: {} }] }), want: 'not a Kubernetes object: apiVersion and kind are missing' },
    { name: 'a number', body: plan({ manifests: [1] }), want: 'spec.manifests[0]: Invalid value: 1: must be an object, or a text of YAML' },
    { name: 'the past', body: plan({ startTime: '2020-01-01T00:00:00Z' }), want: 'must not be before the last change of the cluster' },
    { name: 'a seed that is none', body: plan({ seed: -1 }), want: 'spec.seed: Invalid value: -1: spec.seed in body should be greater than or equal to 0' },
  ])('refuses what makes no sense: $name', async ({ body, want }) => {
    const { code, json } = await server.request(`POST ${PLANS}`, { body });
    expect({ code, reason: json.reason, message: json.message }).toEqual({ code: 422, reason: 'Invalid', message: expect.stringContaining(want) });
  });

  it('is refused by a server that has nothing to make plans with', async () => {
    const bare = await testServer();
    expect(await bare.request(`POST ${PLANS}`, { body: plan({}) })).toMatchObject({ code: 503, json: { reason: 'ServiceUnavailable' } });
  });
});

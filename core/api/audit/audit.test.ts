import { describe, expect, it } from 'vitest';
import type { AskPort } from '../../admission/ask.ts';
import { defaultAdmissionPlugins } from '../../admission/default-plugins.ts';
import type { AdmissionPlugin } from '../../admission/plugin.ts';
import { ServiceAccountTokens } from '../../auth/service-account-tokens.ts';
import { objectOf } from '../../kube/fields.ts';
import { forbidden } from '../../kube/status.ts';
import { configMap, namespace } from '../../testing/objects.ts';
import { type RequestOptions, type TestServerOptions, testServer } from '../../testing/server.ts';
import type { AuditEvent } from './event.ts';
import type { PolicyRule } from './policy.ts';

const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';

/** A server that audits, and what it has written since the last look. */
async function audited(rules: readonly PolicyRule[], { omitManagedFields = true, ...options }: TestServerOptions & { omitManagedFields?: boolean } = {}) {
  let events: AuditEvent[] = [];
  const sink = { write: (event: AuditEvent) => void events.push(event) };
  const server = await testServer({ ...options, audit: { policy: { rules, omitManagedFields }, sink } });
  events = [];
  const taken = () => events.splice(0);
  const ask = async (line: string, request?: RequestOptions) => {
    const answer = await server.request(line, request);
    return { answer, events: taken() };
  };
  return { server, ask, taken };
}

const stages = (events: readonly AuditEvent[]) => events.map(({ stage }) => stage);

describe('an audit event', () => {
  it('says who asked for what, from where, and what came of it', async () => {
    const { ask } = await audited([{ level: 'Metadata' }]);
    const headers = { 'user-agent': 'test/1', 'x-forwarded-for': '192.0.2.1, nonsense, 192.0.2.2', 'x-real-ip': '192.0.2.3', 'audit-id': 'mine' };
    const { events } = await ask(`GET ${CONFIGMAPS}/none?pretty=1`, { headers });
    const received = {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: 'Metadata',
      auditID: 'mine',
      stage: 'RequestReceived',
      requestURI: `${CONFIGMAPS}/none?pretty=1`,
      verb: 'get',
      user: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
      sourceIPs: ['192.0.2.1', '192.0.2.2', '192.0.2.3'],
      userAgent: 'test/1',
      objectRef: { resource: 'configmaps', namespace: 'default', name: 'none', apiVersion: 'v1' },
      requestReceivedTimestamp: '2026-01-01T00:00:00.000000Z',
      stageTimestamp: '2026-01-01T00:00:00.000000Z',
    };
    const notFound = {
      metadata: {},
      status: 'Failure',
      message: 'configmaps "none" not found',
      reason: 'NotFound',
      details: { name: 'none', kind: 'configmaps' },
      code: 404,
    };
    const annotations = { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': '' };
    expect(events).toEqual([received, { ...received, stage: 'ResponseComplete', responseStatus: notFound, annotations }]);
  });

  it('has what its level asks for: the object as it was sent, and as it is answered', async () => {
    const { ask } = await audited([
      { level: 'Metadata', verbs: ['create'] },
      { level: 'Request', verbs: ['patch'], omitStages: ['RequestReceived'] },
      { level: 'RequestResponse', omitStages: ['RequestReceived'] },
    ]);
    const created = await ask(`POST ${CONFIGMAPS}`, { body: configMap('a', { data: { x: '1' } }) });
    const { requestObject, responseObject, objectRef, responseStatus, annotations } = created.events[1]!;
    expect([requestObject, responseObject]).toEqual([undefined, undefined]);
    expect(objectRef).toEqual({ resource: 'configmaps', namespace: 'default', name: 'a', apiVersion: 'v1' });
    expect(responseStatus).toEqual({ metadata: {}, code: 201 });
    // Where the object is in the log.
    expect(annotations!['logplane.dev/offset']).toBe(created.answer.json.metadata.resourceVersion);

    const patched = await ask(`PATCH ${CONFIGMAPS}/a`, { body: { data: { y: '2' } }, type: 'application/merge-patch+json' });
    expect(patched.events).toMatchObject([{ stage: 'ResponseComplete', requestObject: { data: { y: '2' } } }]);
    expect(patched.events[0]).not.toHaveProperty('responseObject');

    const updated = await ask(`PUT ${CONFIGMAPS}/a`, { body: configMap('a', { data: { z: '3' } }) });
    expect(updated.events).toMatchObject([{ requestObject: { kind: 'ConfigMap', data: { z: '3' } }, responseObject: { kind: 'ConfigMap', data: { z: '3' } } }]);
    expect(JSON.stringify(updated.events)).not.toContain('managedFields');

    const listed = await ask(`GET ${CONFIGMAPS}`);
    expect(listed.events).toMatchObject([{ responseObject: { kind: 'ConfigMapList', items: [{ data: { z: '3' } }] } }]);
    expect(listed.answer.json.items[0].metadata.managedFields).toHaveLength(1);
    const table = await ask(`GET ${CONFIGMAPS}`, { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' });
    expect(table.events).toMatchObject([{ responseObject: { kind: 'Table', rows: [{ cells: ['a', 1, expect.anything()] }] } }]);
    const protobuf = await ask(`GET ${CONFIGMAPS}/a`, { accept: 'application/vnd.kubernetes.protobuf' });
    expect(protobuf.events).toMatchObject([{ responseObject: { kind: 'ConfigMap', data: { z: '3' } } }]);

    const deleted = await ask(`DELETE ${CONFIGMAPS}/a`, { body: { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background' } });
    expect(deleted.events).toMatchObject([{ requestObject: { propagationPolicy: 'Background' }, responseStatus: { status: 'Success', code: 200 } }]);
  });

  it('keeps the managed fields unless told', async () => {
    const { ask } = await audited([{ level: 'RequestResponse' }], { omitManagedFields: false });
    const { events } = await ask(`POST ${CONFIGMAPS}`, { body: configMap('a', { data: { x: '1' } }) });
    expect(JSON.stringify(events[1]!.responseObject)).toContain('managedFields');
  });

  it('is of the authenticated user, and names the impersonated one', async () => {
    const { ask } = await audited([{ level: 'Metadata', users: ['admin'] }]);
    const { events } = await ask(`GET ${CONFIGMAPS}`, { headers: { 'impersonate-user': 'bob', 'impersonate-group': 'dev' } });
    expect(events).toMatchObject([
      { user: { username: 'admin' } },
      {
        user: { username: 'admin' },
        impersonatedUser: { username: 'bob', groups: ['dev', 'system:authenticated'] },
        responseStatus: { code: 403, reason: 'Forbidden' },
        annotations: { 'authorization.k8s.io/decision': 'forbid' },
      },
    ]);
    expect(events[0]).not.toHaveProperty('impersonatedUser');
  });

  it('of what failed to authenticate is of nobody', async () => {
    const { ask } = await audited([{ level: 'Metadata' }]);
    const { events } = await ask(`GET ${CONFIGMAPS}`, { token: 'guess' });
    expect(events).toMatchObject([{ stage: 'ResponseStarted', user: {}, responseStatus: { code: 401, reason: 'Unauthorized' } }]);
    expect(JSON.stringify(events)).not.toContain('guess');
  });

  it('is of what is no resource, too', async () => {
    const { ask } = await audited([{ level: 'Metadata', nonResourceURLs: ['/version', '/healthz*'] }]);
    const { events } = await ask('GET /version', { token: null });
    expect(events).toMatchObject([
      { stage: 'RequestReceived', user: { username: 'system:anonymous' }, verb: 'get' },
      { stage: 'ResponseComplete', responseStatus: { code: 200 } },
    ]);
    expect(events[0]).not.toHaveProperty('objectRef');
    expect(stages((await ask('GET /apis')).events)).toEqual([]);
  });

  it('of a watch comes when it begins and when it ends', async () => {
    const { server, taken } = await audited([{ level: 'RequestResponse' }]);
    const stop = new AbortController();
    const response = await server.response(`GET ${CONFIGMAPS}?watch=1`, { signal: stop.signal });
    expect(stages(taken())).toEqual(['RequestReceived', 'ResponseStarted']);
    stop.abort();
    await (response as Response & { over: Promise<void> }).over;
    await Promise.resolve();
    expect(taken()).toMatchObject([{ stage: 'ResponseComplete', verb: 'watch', responseStatus: { code: 200 } }]);
  });

  it('of a bug says so, and nothing else of it', async () => {
    const broken: AdmissionPlugin = {
      name: 'Broken',
      validate({ resource, object }) {
        if (resource.groupResource === 'configmaps') throw new Error(`cannot bear ${JSON.stringify(object)}`);
      },
    };
    const { ask } = await audited([{ level: 'Metadata' }], { admissionPlugins: [broken] });
    const { events } = await ask(`POST ${CONFIGMAPS}`, { body: configMap('a', { data: { x: 'hunter2' } }) });
    expect(events[1]).toMatchObject({
      stage: 'Panic',
      responseStatus: { code: 500, reason: 'InternalError', message: "APIServer panic'd: an unexpected error" },
    });
    expect(JSON.stringify(events)).not.toContain('hunter2');
  });

  it('has what admission has to say, also of what it refuses', async () => {
    const judge: AdmissionPlugin = {
      name: 'Judge',
      validate({ resource, object, annotate }) {
        if (resource.groupResource !== 'configmaps') return;
        annotate('judge.example/verdict', object!.metadata.name);
        if (object!.metadata.name === 'bad') throw forbidden(resource, 'bad', 'it is bad');
      },
    };
    const { ask } = await audited([{ level: 'Metadata', omitStages: ['RequestReceived'] }], { admissionPlugins: [judge] });
    for (const [name, query, code] of [
      ['good', '', 201],
      ['bad', '', 403],
      ['tried', '?dryRun=All', 201],
    ] as const) {
      const { events } = await ask(`POST ${CONFIGMAPS}${query}`, { body: configMap(name) });
      expect(events).toMatchObject([{ responseStatus: { code }, annotations: { 'judge.example/verdict': name } }]);
    }
  });

  it.each([
    { level: 'Metadata', patch: undefined },
    {
      level: 'Request',
      patch: '{"configuration":"m","webhook":"m.example.com","patch":[{"op":"add","path":"/data","value":{"a":"\\u003cb\\u003e"}}],"patchType":"JSONPatch"}',
    },
  ] as const)('tells that a webhook has patched the object, and how where the object is told: $level', async ({ level, patch }) => {
    const webhook = {
      name: 'm.example.com',
      rules: [{ operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }],
      clientConfig: { url: 'https://m.example.com' },
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
    };
    const operations = [{ value: { a: '<b>' }, path: '/data', op: 'add' }];
    const ask: AskPort = async ({ question }) => {
      const { uid } = (question as { request: { uid: string } }).request;
      const response = { uid, allowed: true, patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(operations)).toString('base64') };
      return { type: 'answered', value: { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response } };
    };
    const metadata = { name: 'm' };
    const objects = [
      namespace('default'),
      objectOf({ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration', metadata, webhooks: [webhook] }),
    ];
    const server = await audited([{ level, omitStages: ['RequestReceived'] }], { objects, ask, admissionPlugins: defaultAdmissionPlugins });
    const { answer, events } = await server.ask(`POST ${CONFIGMAPS}`, { body: { metadata: { name: 'c' } } });
    expect(answer.json.data).toEqual({ a: '<b>' });
    const { annotations = {} } = events[0]!;
    expect(annotations['mutation.webhook.admission.k8s.io/round_0_index_0']).toBe('{"configuration":"m","webhook":"m.example.com","mutated":true}');
    expect(annotations['patch.webhook.admission.k8s.io/round_0_index_0']).toBe(patch);
  });

  it('says that a version is to go', async () => {
    const { ask } = await audited([{ level: 'Metadata', omitStages: ['RequestReceived'] }]);
    const { events } = await ask('GET /api/v1/namespaces/default/endpoints');
    expect(events).toMatchObject([{ annotations: { 'k8s.io/deprecated': 'true' } }]);
  });

  it('has no token in it, whatever the policy says', async () => {
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'bob', namespace: 'default' } };
    const serviceAccountTokens = new ServiceAccountTokens({ key: new Uint8Array(32).fill(7) });
    const { server, ask, taken } = await audited([{ level: 'RequestResponse' }], { serviceAccountTokens, objects: [namespace('default'), account] });
    const issued = await ask('POST /api/v1/namespaces/default/serviceaccounts/bob/token', { body: {} });
    const token: string = issued.answer.json.status.token;
    expect(issued.events[1]).toMatchObject({
      responseObject: { kind: 'TokenRequest', status: { token: '<removed>', expirationTimestamp: expect.anything() } },
    });
    const reviewed = await ask('POST /apis/authentication.k8s.io/v1/tokenreviews', { body: { spec: { token } } });
    expect(reviewed.events[1]).toMatchObject({
      requestObject: { spec: { token: '<removed>' } },
      responseObject: { spec: { token: '<removed>' }, status: { authenticated: true } },
    });
    const administrators = await ask('POST /apis/authentication.k8s.io/v1/tokenreviews', { body: { spec: { token: 'admin' } } });
    expect(administrators.events[1]).toMatchObject({ requestObject: { spec: { token: '<removed>' } } });

    const encoded = Buffer.from(token).toString('base64');
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', annotations: { 'last-applied': JSON.stringify({ data: { token: encoded } }) } },
      data: { token: encoded, password: 'aHVudGVyMg==' },
    };
    const written = await ask('POST /api/v1/namespaces/default/secrets', { body: secret });
    // What is no token the policy has asked for.
    expect(written.events[1]).toMatchObject({ requestObject: { data: { token: '<removed>', password: 'aHVudGVyMg==' } } });
    await server.request('GET /api/v1/namespaces/default/secrets');
    await server.request(`GET ${CONFIGMAPS}?labelSelector=${token}`);
    await server.request('PATCH /api/v1/namespaces/default/secrets/s', { body: { stringData: { other: token } }, type: 'application/merge-patch+json' });
    const all = JSON.stringify([...issued.events, ...reviewed.events, ...written.events, ...taken()]);
    expect(all).not.toContain(token);
    expect(all).not.toContain(encoded);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type TestServer, testServer } from '../../testing/server.ts';

let server: TestServer;
beforeEach(async () => {
  server = await testServer();
});

const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';
const ONE = `${CONFIGMAPS}/one`;
const WEB = '/apis/apps/v1/namespaces/default/deployments/web';

const apply = (target: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  server.request(`PATCH ${target}`, { type: 'application/apply-patch+yaml', body, headers });
const merge = (target: string, body: object): Promise<Answer> => server.request(`PATCH ${target}`, { type: 'application/merge-patch+json', body });

const configMap = (data?: object, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'one', ...metadata },
  ...(data && { data }),
});

const deployment = (spec: object = {}, container: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'web:1', ...container }] } },
    ...spec,
  },
});

/** Who owns what, by manager, operation and subresource. */
const owners = ({ json }: Answer): Record<string, unknown> =>
  Object.fromEntries(
    (json.metadata.managedFields ?? []).map((entry: Record<string, unknown>) => [
      [entry['manager'], entry['operation'], ...(entry['subresource'] ? [entry['subresource']] : [])].join(' '),
      entry['fieldsV1'],
    ]),
  );

const data = (...keys: string[]) => ({ 'f:data': Object.fromEntries(keys.map((key) => [`f:${key}`, {}])) });

describe('an apply', () => {
  it('creates what is not there, and says whose it is', async () => {
    const created = await apply(`${ONE}?fieldManager=a`, configMap({ k: '1' }));
    expect(created.code).toBe(201);
    expect(created.json.metadata.managedFields).toEqual([
      { manager: 'a', operation: 'Apply', apiVersion: 'v1', time: created.json.metadata.creationTimestamp, fieldsType: 'FieldsV1', fieldsV1: data('k') },
    ]);
    expect((await server.request(`GET ${ONE}`)).json).toEqual(created.json);
  });

  it('writes nothing when it changes nothing', async () => {
    const { json } = await apply(`${ONE}?fieldManager=a`, configMap({ k: '1' }));
    const before = server.replica.state.offset;
    await server.clock.advance(5_000);
    const again = await apply(`${ONE}?fieldManager=a`, configMap({ k: '1' }));
    expect({ code: again.code, json: again.json, offset: server.replica.state.offset }).toEqual({ code: 200, json, offset: before });
  });

  it('takes off what its manager applied before, and leaves what others own', async () => {
    await apply(`${ONE}?fieldManager=a`, configMap({ mine: '1', ours: '1' }));
    await apply(`${ONE}?fieldManager=b`, configMap({ ours: '1', theirs: '1' }));
    await merge(`${ONE}?fieldManager=c`, { data: { other: '1' } });
    const given = await apply(`${ONE}?fieldManager=a`, configMap({}));
    expect(given.json.data).toEqual({ ours: '1', theirs: '1', other: '1' });
    expect(owners(given)).toEqual({ 'a Apply': { 'f:data': {} }, 'b Apply': data('ours', 'theirs'), 'c Update': data('other') });
  });

  it('of what another manager owns conflicts, and names it; forced, it takes that over', async () => {
    await apply(WEB_OF('a'), deployment({ replicas: 1 }));
    await merge(`${WEB}?fieldManager=kubectl`, { spec: { replicas: 3, paused: true } });
    const refused = await apply(WEB_OF('b'), deployment({ replicas: 2, paused: false }, { image: 'web:2' }));
    expect({ code: refused.code, reason: refused.json.reason, message: refused.json.message, causes: refused.json.details.causes }).toEqual({
      code: 409,
      reason: 'Conflict',
      message: [
        'Apply failed with 3 conflicts: conflicts with "a":',
        '- .spec.template.spec.containers[name="main"].image',
        'conflicts with "kubectl" using apps/v1:',
        '- .spec.paused',
        '- .spec.replicas',
      ].join('\n'),
      causes: [
        { reason: 'FieldManagerConflict', message: 'conflict with "a"', field: '.spec.template.spec.containers[name="main"].image' },
        { reason: 'FieldManagerConflict', message: 'conflict with "kubectl" using apps/v1', field: '.spec.paused' },
        { reason: 'FieldManagerConflict', message: 'conflict with "kubectl" using apps/v1', field: '.spec.replicas' },
      ],
    });
    const forced = await apply(`${WEB_OF('b')}&force=true`, deployment({ replicas: 2, paused: false }, { image: 'web:2' }));
    expect({ code: forced.code, replicas: forced.json.spec.replicas }).toEqual({ code: 200, replicas: 2 });
    expect(Object.keys(owners(forced))).toEqual(['a Apply', 'b Apply']);
  });

  it('in a dry run shows what would come of it', async () => {
    const shown = await apply(`${ONE}?fieldManager=a&dryRun=All`, configMap({ k: '1' }));
    expect({ code: shown.code, owners: owners(shown) }).toEqual({ code: 201, owners: { 'a Apply': data('k') } });
    expect((await server.request(`GET ${ONE}`)).code).toBe(404);
  });

  it.each([
    ['the version that is there', 200],
    ['another one', 409],
  ])('of %s answers %d', async (which, code) => {
    const { json } = await apply(`${ONE}?fieldManager=a`, configMap({ k: '1' }));
    const resourceVersion = code === 200 ? json.metadata.resourceVersion : '1';
    expect((await apply(`${ONE}?fieldManager=a`, configMap({ k: '2' }, { resourceVersion }))).code, which).toBe(code);
  });

  it('merges lists by their keys, of which some have a default', async () => {
    const ports = (...all: object[]) => deployment({}, { ports: all });
    await apply(WEB_OF('a'), ports({ containerPort: 80, name: 'http' }));
    const both = await apply(WEB_OF('b'), { ...ports({ containerPort: 80, protocol: 'UDP', name: 'udp' }) });
    expect(both.json.spec.template.spec.containers[0].ports).toEqual([
      { containerPort: 80, name: 'http', protocol: 'TCP' },
      { containerPort: 80, name: 'udp', protocol: 'UDP' },
    ]);
  });

  it('is YAML or JSON', async () => {
    const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata:\n  k: |\n    text\n';
    expect((await apply(`${ONE}?fieldManager=a`, yaml)).json.data).toEqual({ k: 'text\n' });
    expect((await apply(`${ONE}?fieldManager=a`, JSON.stringify(configMap({ k: 'text' })))).json.data).toEqual({ k: 'text' });
  });

  const WEB_OF = (manager: string) => `${WEB}?fieldManager=${manager}`;
});

describe('an apply is refused', () => {
  const refusals: { name: string; target?: string; body: unknown; code: number; message: string | RegExp }[] = [
    {
      name: 'without a manager',
      target: ONE,
      body: configMap(),
      code: 422,
      message: 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    },
    {
      name: 'with a manager that is too long',
      target: `${ONE}?fieldManager=${'x'.repeat(129)}`,
      body: configMap(),
      code: 422,
      message: /fieldManager: Too long/,
    },
    {
      name: 'of another name',
      body: configMap({}, { name: 'two' }),
      code: 400,
      message: 'the name of the object (two) does not match the name on the URL (one)',
    },
    {
      name: 'without a name',
      body: { apiVersion: 'v1', kind: 'ConfigMap' },
      code: 400,
      message: 'the name of the object (one based on URL) was undeterminable: name must be provided',
    },
    {
      name: 'of another namespace',
      body: configMap({}, { namespace: 'other' }),
      code: 400,
      message: 'the namespace of the provided object does not match the namespace sent on the request',
    },
    { name: 'of managed fields', body: configMap({}, { managedFields: [] }), code: 400, message: 'metadata.managedFields must be nil' },
    { name: 'of another kind', body: { ...configMap(), kind: 'Secret' }, code: 400, message: 'invalid object type: /v1, Kind=Secret' },
    { name: 'of no kind', body: { metadata: { name: 'one' } }, code: 400, message: 'invalid object type: /, Kind=' },
    {
      name: 'of a field that there is not',
      body: { ...configMap(), datas: {} },
      code: 500,
      message: 'failed to create typed patch object (/one; /v1, Kind=ConfigMap): .datas: field not declared in schema',
    },
    {
      name: 'of a value of another type',
      body: configMap({ k: 1 }),
      code: 500,
      message: 'failed to create typed patch object (/one; /v1, Kind=ConfigMap): .data.k: expected string, got &value.valueUnstructured{Value:1}',
    },
    { name: 'that is not YAML', body: 'a: [', code: 400, message: /^error decoding YAML: error converting YAML to JSON: yaml: / },
    {
      name: 'that is a list',
      body: '[]',
      code: 400,
      message: 'error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}',
    },
    {
      name: 'that sets a field twice, where that is asked for',
      target: `${ONE}?fieldManager=a&fieldValidation=Strict`,
      body: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one"},"data":{"k":"1","k":"2"}}',
      code: 400,
      message: /^error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n {2}line 1: key "k" already set in map$/,
    },
    {
      name: 'of a uid that nothing has',
      body: configMap({}, { uid: 'x' }),
      code: 409,
      message: 'Operation cannot be fulfilled on configmaps "one": uid mismatch: the provided object specified uid x, and no existing object was found',
    },
    {
      name: 'to the status of what is not there',
      target: `${WEB}/status?fieldManager=a`,
      body: deployment(),
      code: 404,
      message: 'deployments.apps "web" not found',
    },
    {
      name: 'to the scale of what is not there',
      target: `${WEB}/scale?fieldManager=a`,
      body: scale(1),
      code: 404,
      message: 'deployments.apps "web" not found',
    },
  ];
  for (const { name, target = `${ONE}?fieldManager=a`, body, code, message } of refusals) {
    it(name, async () => {
      const answer = await apply(target, body);
      expect({ code: answer.code, message: answer.json.message }).toEqual({
        code,
        message: message instanceof RegExp ? expect.stringMatching(message) : message,
      });
      expect(server.problems).toEqual([]);
    });
  }

  it('by who may not create', async () => {
    const answer = await server.request(`PATCH ${ONE}?fieldManager=a`, { type: 'application/apply-patch+yaml', body: configMap(), token: 'alice' });
    expect(answer.code).toBe(403);
  });

  it('when it is another kind of patch that is forced', async () => {
    await apply(`${ONE}?fieldManager=a`, configMap());
    const { code, json } = await merge(`${ONE}?force=true`, {});
    expect({ code, message: json.message }).toEqual({
      code: 422,
      message: 'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
    });
  });
});

describe('a subresource', () => {
  it('has managers of its own for the status', async () => {
    await apply(`${WEB}?fieldManager=a`, deployment());
    const status = { conditions: [{ type: 'Mine', status: 'True' }] };
    const given = await apply(`${WEB}/status?fieldManager=s`, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: { paused: true },
      status,
    });
    expect({ code: given.code, paused: given.json.spec.paused, owners: owners(given)['s Apply status'] }).toEqual({
      code: 200,
      paused: undefined,
      owners: { 'f:status': { 'f:conditions': { 'k:{"type":"Mine"}': { '.': {}, 'f:status': {}, 'f:type': {} } } } },
    });
  });

  it('scales, and owns the replicas then, at a time that is not known', async () => {
    await apply(`${WEB}?fieldManager=a`, deployment({ replicas: 1 }));
    expect((await server.request(`PUT ${WEB}/scale?fieldManager=scaler`, { body: scale(4) })).json.spec).toEqual({ replicas: 4 });
    const web = await server.request(`GET ${WEB}`);
    expect(web.json.metadata.managedFields.find(({ manager }: { manager: string }) => manager === 'scaler')).toEqual({
      manager: 'scaler',
      operation: 'Update',
      apiVersion: 'apps/v1',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:spec': { 'f:replicas': {} } },
      subresource: 'scale',
    });
    expect(owners(web)['a Apply']).not.toHaveProperty(['f:spec', 'f:replicas']);
  });

  it('is applied to: a Scale conflicts with who owns the replicas', async () => {
    await apply(`${WEB}?fieldManager=a`, deployment({ replicas: 1 }));
    const refused = await apply(`${WEB}/scale?fieldManager=b`, scale(4));
    expect({ code: refused.code, message: refused.json.message }).toEqual({
      code: 409,
      message: 'Apply failed with 1 conflict: conflict with "a": .spec.replicas',
    });
    const forced = await apply(`${WEB}/scale?fieldManager=b&force=true`, scale(4));
    expect({ code: forced.code, kind: forced.json.kind, spec: forced.json.spec }).toEqual({ code: 200, kind: 'Scale', spec: { replicas: 4 } });
    const web = await server.request(`GET ${WEB}`);
    expect({ replicas: web.json.spec.replicas, b: owners(web)['b Apply scale'] }).toEqual({ replicas: 4, b: { 'f:spec': { 'f:replicas': {} } } });
  });
});

function scale(replicas: number) {
  return { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'web', namespace: 'default' }, spec: { replicas } };
}

describe('who writes', () => {
  it.each([
    ['kubectl/v1.36.0 (linux/amd64) kubernetes/abc', 'kubectl'],
    ['a b/c', 'a b'],
    ['plain', 'plain'],
    ['', 'unknown'],
    [`${'x'.repeat(200)}/1`, 'x'.repeat(128)],
  ])('is by the user agent %j the manager %j', async (agent, manager) => {
    const { json } = await server.request(`POST ${CONFIGMAPS}`, { body: configMap({ k: '1' }), headers: { 'user-agent': agent } });
    expect(json.metadata.managedFields[0].manager).toBe(manager);
  });

  it('comes to own what it changes, by each verb and type of patch', async () => {
    const creator = (await server.request(`POST ${CONFIGMAPS}?fieldManager=creator`, { body: configMap({ k: '1' }, { labels: { a: '1' } }) })) as Answer;
    expect(owners(creator)).toEqual({ 'creator Update': { 'f:data': { '.': {}, 'f:k': {} }, 'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } } } });
    const body = { ...creator.json, data: { ...creator.json.data, put: '1' } };
    await server.request(`PUT ${ONE}?fieldManager=putter`, { body });
    await server.request(`PATCH ${ONE}?fieldManager=json`, { type: 'application/json-patch+json', body: [{ op: 'add', path: '/data/json', value: '1' }] });
    await merge(`${ONE}?fieldManager=merge`, { data: { merge: '1' } });
    const last = await server.request(`PATCH ${ONE}?fieldManager=strategic`, { type: 'application/strategic-merge-patch+json', body: { data: { k: '2' } } });
    expect(owners(last)).toEqual({
      'creator Update': { 'f:data': {}, 'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } } },
      'putter Update': data('put'),
      'json Update': data('json'),
      'merge Update': data('merge'),
      'strategic Update': data('k'),
    });
  });

  it('is told by watches, lists, tables and metadata alone', async () => {
    const { json } = await apply(`${ONE}?fieldManager=a`, configMap({ k: '1' }));
    const { managedFields } = json.metadata;
    const list = await server.request(`GET ${CONFIGMAPS}`);
    const table = await server.request(`GET ${CONFIGMAPS}`, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
    const partial = await server.request(`GET ${ONE}`, { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' });
    expect(list.json.items[0].metadata.managedFields).toEqual(managedFields);
    expect(table.json.rows[0].object.metadata.managedFields).toEqual(managedFields);
    expect(partial.json.metadata.managedFields).toEqual(managedFields);
    const watch = await server.response(`GET ${CONFIGMAPS}?watch=true&timeoutSeconds=1&resourceVersion=0`);
    const first = await watch.body!.getReader().read();
    expect(JSON.parse(Buffer.from(first.value!).toString().split('\n')[0]!).object).toEqual(json);
  });

  it('is one of ten at most; the oldest become one', async () => {
    await server.request(`POST ${CONFIGMAPS}?fieldManager=creator`, { body: configMap({ k: '1' }) });
    for (let i = 0; i < 12; i++) {
      await server.clock.advance(1_000);
      await merge(`${ONE}?fieldManager=m-${i}`, { data: { [`k-${i}`]: '1' } });
    }
    const { json } = await server.request(`GET ${ONE}`);
    expect(json.metadata.managedFields.map(({ manager }: { manager: string }) => manager)).toEqual([
      'ancient-changes',
      ...Array.from({ length: 9 }, (_, i) => `m-${i + 3}`),
    ]);
    expect(json.metadata.managedFields[0].fieldsV1).toEqual({ 'f:data': { '.': {}, 'f:k': {}, 'f:k-0': {}, 'f:k-1': {}, 'f:k-2': {} } });
  });

  it.each([[[]], [[{}]]])('is forgotten by a client that sends %j, until the next apply', async (managedFields) => {
    const { json } = await apply(`${ONE}?fieldManager=a`, configMap({ k: '1' }));
    const cleared = await server.request(`PUT ${ONE}`, { body: { ...json, metadata: { ...json.metadata, managedFields } } });
    expect({
      code: cleared.code,
      managedFields: cleared.json.metadata.managedFields,
      isNew: cleared.json.metadata.resourceVersion !== json.metadata.resourceVersion,
    }).toEqual({ code: 200, managedFields: undefined, isNew: true });
    await merge(`${ONE}?fieldManager=m`, { data: { x: '1' } });
    const refused = await apply(`${ONE}?fieldManager=b`, configMap({ k: '2' }));
    expect(refused.json.message).toBe('Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.k');
    const taken = await apply(`${ONE}?fieldManager=b`, configMap({ k: '1' }));
    expect(owners(taken)).toEqual({ 'b Apply': data('k'), 'before-first-apply Update': { 'f:data': { '.': {}, 'f:k': {}, 'f:x': {} } } });
  });

  it('is what a client says it is, where it writes managers itself', async () => {
    const { json } = await apply(`${ONE}?fieldManager=a`, configMap({ k: '1' }));
    const [entry] = json.metadata.managedFields;
    const put = (managedFields: unknown[]) =>
      server.request(`PUT ${ONE}?fieldManager=u`, { body: { ...json, metadata: { ...json.metadata, resourceVersion: undefined, managedFields } } });
    expect(owners(await put([{ ...entry, manager: 'renamed' }]))).toEqual({ 'renamed Apply': data('k') });
    // What are no managers changes nothing.
    expect(owners(await put([{ ...entry, operation: 'Other' }]))).toEqual({ 'renamed Apply': data('k') });
  });
});

describe('kubectl', () => {
  const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

  it('goes over from client-side apply without a conflict, and keeps the annotation up', async () => {
    const config = configMap({ k: '1' }, { annotations: {} });
    const annotated = configMap({ k: '1' }, { annotations: { [LAST_APPLIED]: `${JSON.stringify(config)}\n` } });
    await server.request(`POST ${CONFIGMAPS}?fieldManager=kubectl-client-side-apply`, { body: annotated });
    const given = await apply(`${ONE}?fieldManager=kubectl`, configMap({ k: '2' }));
    expect(given.code).toBe(200);
    expect(JSON.parse(given.json.metadata.annotations[LAST_APPLIED])).toEqual(configMap({ k: '2' }));
    const other = await apply(`${ONE}?fieldManager=other`, configMap({ k: '3' }));
    expect(other.code).toBe(409);
  });

  it('conflicts where what it applied has changed since', async () => {
    const annotated = configMap({ k: '1' }, { annotations: { [LAST_APPLIED]: JSON.stringify(configMap({ k: '1' })) } });
    await server.request(`POST ${CONFIGMAPS}?fieldManager=kubectl-client-side-apply`, { body: annotated });
    await merge(`${ONE}?fieldManager=m`, { data: { k: '2' } });
    const refused = await apply(`${ONE}?fieldManager=kubectl`, configMap({ k: '3' }));
    expect(refused.json.message).toBe('Apply failed with 1 conflict: conflict with "m" using v1: .data.k');
  });
});

describe('several versions', () => {
  const HPA = (version: string) => `/apis/autoscaling/${version}/namespaces/default/horizontalpodautoscalers/one`;
  const hpa = (version: string, spec: object) => ({
    apiVersion: `autoscaling/${version}`,
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'one' },
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, ...spec },
  });
  const metrics = [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }];

  it('of an object have managers in theirs, which conflict where they mean the same', async () => {
    await apply(`${HPA('v2')}?fieldManager=a`, hpa('v2', { maxReplicas: 5, metrics }));
    const refused = await apply(`${HPA('v1')}?fieldManager=b`, hpa('v1', { maxReplicas: 5, targetCPUUtilizationPercentage: 60 }));
    expect(refused.json.message).toBe('Apply failed with 1 conflict: conflict with "a": .spec.metrics');
    const forced = await apply(`${HPA('v1')}?fieldManager=b&force=true`, hpa('v1', { maxReplicas: 5, targetCPUUtilizationPercentage: 60 }));
    expect(forced.json.spec.targetCPUUtilizationPercentage).toBe(60);
    expect(owners(forced)).toMatchObject({
      'a Apply': { 'f:spec': { 'f:maxReplicas': {}, 'f:scaleTargetRef': { 'f:kind': {} } } },
      'b Apply': { 'f:spec': { 'f:maxReplicas': {}, 'f:scaleTargetRef': {}, 'f:targetCPUUtilizationPercentage': {} } },
    });
    expect(owners(forced)['a Apply']).not.toHaveProperty(['f:spec', 'f:metrics']);
  });

  it('of an Event have managers under its names, in whatever API it is kept', async () => {
    const events = '/apis/events.k8s.io/v1/namespaces/default/events';
    const event = {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: 'one', namespace: 'default', labels: { a: '1' } },
      eventTime: '2026-01-01T00:00:00.000000Z',
      reportingController: 'example.com/tester',
      reportingInstance: 'tester-1',
      action: 'Testing',
      reason: 'Tested',
      regarding: { kind: 'Pod', namespace: 'default', name: 'p' },
      note: 'something',
      type: 'Normal',
    };
    const owned = { 'f:note': {}, 'f:regarding': {}, 'f:reportingController': {}, 'f:reportingInstance': {} };
    await apply(`${events}/one?fieldManager=a`, event);
    const head = { apiVersion: event.apiVersion, kind: 'Event', metadata: { name: 'one', labels: { a: '2' } } };
    const forced = await apply(`${events}/one?fieldManager=b&force=true`, head);
    expect(forced.code).toBe(200);
    expect(forced.json).toMatchObject({ note: 'something', regarding: { name: 'p' }, metadata: { labels: { a: '2' } } });
    expect(owners(forced)).toMatchObject({ 'a Apply': owned, 'b Apply': { 'f:metadata': { 'f:labels': { 'f:a': {} } } } });
    const created = await server.request(`POST ${events}?fieldManager=c`, { body: { ...event, metadata: { name: 'two', namespace: 'default' } } });
    expect(owners(created)).toMatchObject({ 'c Update': owned });
    expect(owners(await server.request('GET /api/v1/namespaces/default/events/two'))).toMatchObject({ 'c Update': owned });
  });
});

describe('the same text, sent again and again', () => {
  const again = () => apply(`${ONE}?fieldManager=a`, configMap({ k: '1' }));

  it('changes nothing while the object is as it left it, and what it is to change after that', async () => {
    const { resourceVersion } = (await again()).json.metadata;
    for (let i = 0; i < 3; i++) expect((await again()).json.metadata.resourceVersion).toBe(resourceVersion);
    // The key of another, then its own.
    await merge(`${ONE}?fieldManager=b`, { data: { other: '2' } });
    expect((await again()).json.data).toEqual({ k: '1', other: '2' });
    await merge(`${ONE}?fieldManager=b`, { data: { k: '2' } });
    expect([await again(), await again()].map(({ code }) => code)).toEqual([409, 409]);
    await server.request(`DELETE ${ONE}`);
    const created = await again();
    expect([created.code, created.json.data]).toEqual([201, { k: '1' }]);
    expect((await again()).json.metadata.uid).toBe(created.json.metadata.uid);
  });

  it('is by each manager its own', async () => {
    for (const manager of ['a', 'a', 'b', 'b']) await apply(`${ONE}?fieldManager=${manager}`, configMap({ k: '1' }));
    expect(owners(await server.request(`GET ${ONE}`))).toEqual({ 'a Apply': data('k'), 'b Apply': data('k') });
  });

  it('is told each time what is wrong with it', async () => {
    const twice = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one"},"data":{"k":"1","k":"2"}}';
    for (let i = 0; i < 2; i++) expect((await apply(`${ONE}?fieldManager=a`, twice)).headers.get('warning')).toMatch(/already set in map/);
  });
});

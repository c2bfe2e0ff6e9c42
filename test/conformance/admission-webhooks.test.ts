import { describe, expect, it } from 'vitest';
import { ServiceAccountTokens } from '../../core/auth/service-account-tokens.ts';
import type { KubeObject } from '../../core/kube/object.ts';
import { configMap, deployment, namespace, pod } from '../../core/testing/objects.ts';
import { testServer } from '../../core/testing/server.ts';
import { admissionPort, configuration, deny, failed, type Hook, patch } from '../support/admission-port.ts';

/** Webhooks of admission as operators configure them: what they are asked, what their answers do (apiserver's pkg/admission/plugin/webhook). */

async function withHooks(hooks: Readonly<Record<string, Hook>>, ...objects: KubeObject[]) {
  const { ask, asked } = admissionPort(hooks);
  const serviceAccountTokens = new ServiceAccountTokens({ key: new Uint8Array(32) });
  const server = await testServer({ ask, serviceAccountTokens });
  await server.create(...objects);
  asked.length = 0;
  return { server, asked };
}

const MAPS = '/api/v1/namespaces/default/configmaps';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const everything = [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] }];
const rules = (resources: string[], more: object = {}) => ({ rules: [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources, ...more }] });
const MERGE = 'application/merge-patch+json';

describe('a webhook is asked', () => {
  it('about a new object as it would be stored', async () => {
    const { server, asked } = await withHooks({}, configuration('Validating', 'c', { v: { rules: everything, timeoutSeconds: 7 } }));
    const { json } = await server.request(`POST ${MAPS}?fieldManager=me`, { body: configMap('a', { data: { a: 'b' } }), token: 'admin' });
    expect(asked).toEqual([
      {
        hook: 'v',
        apiVersion: 'admission.k8s.io/v1',
        timeoutMs: 7_000,
        request: {
          uid: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/),
          kind: { group: '', version: 'v1', kind: 'ConfigMap' },
          resource: { group: '', version: 'v1', resource: 'configmaps' },
          requestKind: { group: '', version: 'v1', kind: 'ConfigMap' },
          requestResource: { group: '', version: 'v1', resource: 'configmaps' },
          name: 'a',
          namespace: 'default',
          operation: 'CREATE',
          userInfo: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
          object: { ...json, metadata: { ...json.metadata, resourceVersion: undefined } },
          oldObject: null,
          dryRun: false,
          options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1', fieldManager: 'me' },
        },
      },
    ]);
    expect(json.metadata.managedFields).toHaveLength(1);
  });

  it('about changes and deletions, with what was there', async () => {
    const { server, asked } = await withHooks({}, configMap('a', { data: { a: 'b' } }), configuration('Validating', 'c', { v: {} }));
    await server.request(`PATCH ${MAPS}/a?dryRun=All`, { body: { data: { a: 'c' } }, type: MERGE });
    await server.request(`DELETE ${MAPS}/a`, { body: { propagationPolicy: 'Background' } });
    expect(asked.map(({ request }) => request)).toMatchObject([
      {
        operation: 'UPDATE',
        name: 'a',
        dryRun: true,
        object: { data: { a: 'c' } },
        oldObject: { data: { a: 'b' } },
        options: { kind: 'UpdateOptions', dryRun: ['All'] },
      },
      {
        operation: 'DELETE',
        name: 'a',
        dryRun: false,
        object: null,
        oldObject: { data: { a: 'b' } },
        options: { kind: 'DeleteOptions', propagationPolicy: 'Background' },
      },
    ]);
    expect(asked[1]!.request.oldObject!.metadata.managedFields).toHaveLength(1);
  });

  it('about a generated name once there is one, and about two requests that say the same by two uids', async () => {
    const hooks = [configuration('Mutating', 'c', { m: {} }), configuration('Validating', 'c', { v: {} })];
    const { server, asked } = await withHooks({}, ...hooks);
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'a-' } };
    const names = [await server.request(`POST ${MAPS}`, { body }), await server.request(`POST ${MAPS}`, { body })].map(({ json }) => json.metadata.name);
    expect(asked.map(({ hook, request }) => [hook, request.name])).toEqual([
      ['m', undefined],
      ['v', names[0]],
      ['m', undefined],
      ['v', names[1]],
    ]);
    expect(new Set(asked.map(({ request }) => request.uid)).size).toBe(4);
  });

  it('about subresources as what they are', async () => {
    const { server, asked } = await withHooks(
      {},
      pod('a'),
      deployment({}, { metadata: { name: 'web' } }),
      configuration('Validating', 'c', { v: { ...rules(['pods/status', 'pods/exec', 'pods/eviction', 'deployments/scale', 'serviceaccounts/token']) } }),
    );
    const of = '/api/v1/namespaces/default/pods/a';
    await server.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } });
    await server.request(`PATCH ${of}/status`, { body: { status: { phase: 'Running' } }, type: MERGE });
    await server.request(`PATCH ${DEPLOYMENTS}/web/scale`, { body: { spec: { replicas: 3 } }, type: MERGE });
    await server.request('POST /api/v1/namespaces/default/serviceaccounts/default/token', {
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
    });
    await server.request(`POST ${of}/exec?command=ls&stdin=true&container=main`);
    await server.request(`POST ${of}/eviction`, { body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'a' } } });
    expect(
      asked.map(({ request: { operation, subResource, kind, resource, object, oldObject } }) => ({
        operation,
        subResource,
        kind: (kind as { kind: string }).kind,
        resource: (resource as { resource: string }).resource,
        object: object?.kind,
        oldObject: oldObject?.kind,
      })),
    ).toEqual([
      { operation: 'UPDATE', subResource: 'status', kind: 'Pod', resource: 'pods', object: 'Pod', oldObject: 'Pod' },
      { operation: 'UPDATE', subResource: 'scale', kind: 'Scale', resource: 'deployments', object: 'Scale', oldObject: 'Scale' },
      { operation: 'CREATE', subResource: 'token', kind: 'TokenRequest', resource: 'serviceaccounts', object: 'TokenRequest', oldObject: undefined },
      { operation: 'CONNECT', subResource: 'exec', kind: 'PodExecOptions', resource: 'pods', object: 'PodExecOptions', oldObject: undefined },
      { operation: 'CREATE', subResource: 'eviction', kind: 'Eviction', resource: 'pods', object: 'Eviction', oldObject: undefined },
    ]);
    expect(asked[3]!.request).toMatchObject({ options: null, object: { stdin: true, container: 'main', command: ['ls'] } });
  });

  it('about objects in the version that it knows, and patches them in it', async () => {
    const hook = { rules: [{ operations: ['*'], apiGroups: ['autoscaling'], apiVersions: ['v2'], resources: ['horizontalpodautoscalers'] }] };
    const utilization = { op: 'replace', path: '/spec/metrics/0/resource/target/averageUtilization', value: 70 };
    const { server, asked } = await withHooks(
      { m: () => patch(utilization) },
      configuration('Mutating', 'c', { m: hook, exact: { ...hook, matchPolicy: 'Exact' } }),
    );
    const scaler = {
      apiVersion: 'autoscaling/v1',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'web' },
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 5, targetCPUUtilizationPercentage: 50 },
    };
    const { code, json } = await server.request('POST /apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers', { body: scaler });
    expect([code, json.apiVersion, json.spec.targetCPUUtilizationPercentage]).toEqual([201, 'autoscaling/v1', 70]);
    expect(asked.map(({ hook, request }) => [hook, request.object!.apiVersion, request['kind'], request['requestKind']])).toEqual([
      [
        'm',
        'autoscaling/v2',
        { group: 'autoscaling', version: 'v2', kind: 'HorizontalPodAutoscaler' },
        { group: 'autoscaling', version: 'v1', kind: 'HorizontalPodAutoscaler' },
      ],
    ]);
  });

  it('in the order of the names of the configurations, and once about each thing', async () => {
    const add = (key: string) => () => patch({ op: 'add', path: `/metadata/labels/${key}`, value: 'x' });
    const hooks = { a: add('a'), b: add('b'), c: add('c') };
    const { server, asked } = await withHooks(
      hooks,
      configuration('Mutating', 'second', { c: {} }),
      configuration('Mutating', 'first', { b: {}, a: {} }),
      configuration('Validating', 'c', { v: {}, w: {} }),
    );
    const { json } = await server.request(`POST ${MAPS}`, { body: configMap('a', { labels: { own: 'x' } }) });
    expect(Object.keys(json.metadata.labels).sort()).toEqual(['a', 'b', 'c', 'own']);
    expect(asked.map(({ hook, request }) => [hook, Object.keys(request.object!.metadata.labels!).length])).toEqual([
      ['b', 1],
      ['a', 2],
      ['c', 3],
      ['v', 4],
      ['w', 4],
    ]);
  });

  it('by its selectors and conditions', async () => {
    const { server, asked } = await withHooks(
      {},
      namespace('red', { metadata: { labels: { team: 'red' } } }),
      configuration('Validating', 'c', {
        red: { namespaceSelector: { matchLabels: { team: 'red' } } },
        marked: { objectSelector: { matchLabels: { marked: 'yes' } } },
        said: { matchConditions: [{ name: 'mine', expression: "object.metadata.name.startsWith('mine')" }] },
        late: { matchConditions: [{ name: 'broken', expression: 'object.data.none == 1' }], failurePolicy: 'Ignore' },
      }),
    );
    await server.request('POST /api/v1/namespaces/red/configmaps', { body: configMap('a', { namespace: 'red' }) });
    await server.request(`POST ${MAPS}`, { body: configMap('b', { labels: { marked: 'yes' } }) });
    await server.request(`POST ${MAPS}`, { body: configMap('mine-1') });
    expect(asked.map(({ hook }) => hook)).toEqual(['red', 'marked', 'said']);
    await server.create(configuration('Validating', 'd', { fail: { matchConditions: [{ name: 'broken', expression: 'object.data.none == 1' }] } }));
    expect((await server.request(`POST ${MAPS}`, { body: configMap('c') })).json).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message: expect.stringMatching(/^configmaps "c" is forbidden: expression 'object\.data\.none == 1' resulted in error: no such key: data$/),
    });
  });

  it('about nothing that is said of webhooks and policies themselves', async () => {
    const { server, asked } = await withHooks({ v: () => deny() }, configuration('Validating', 'c', { v: { rules: everything } }));
    expect((await server.request(`POST ${MAPS}`, { body: configMap('a') })).code).toBe(400);
    asked.length = 0;
    expect((await server.request('DELETE /apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/c')).code).toBe(200);
    expect(asked).toEqual([]);
    expect((await server.request(`POST ${MAPS}`, { body: configMap('a') })).code).toBe(201);
  });
});

describe('what a webhook answers', () => {
  const validating = async (hook: Hook, more: object = {}, query = '') => {
    const { server, asked } = await withHooks({ v: hook }, configuration('Validating', 'c', { v: more }));
    return { ...(await server.request(`POST ${MAPS}${query}`, { body: configMap('a') })), asked };
  };
  const mutating = async (hook: Hook, more: object = {}, body: object = configMap('a')) => {
    const { server } = await withHooks({ m: hook }, configuration('Mutating', 'c', { m: more }));
    return server.request(`POST ${MAPS}`, { body });
  };
  const DENIED = 'admission webhook "v.example.com" denied the request';

  it.each<[object, object]>([
    [{}, { code: 400, message: `${DENIED} without explanation`, status: 'Failure' }],
    [{ message: 'not here' }, { code: 400, message: `${DENIED}: not here` }],
    [
      { reason: 'Teapot', code: 418 },
      { code: 418, reason: 'Teapot', message: `${DENIED}: Teapot` },
    ],
    [
      { status: 'Success', code: 200, message: 'fine' },
      { code: 400, status: 'Failure', message: `${DENIED}: fine` },
    ],
    [
      { code: 422, reason: 'Invalid', message: 'bad', details: { causes: [{ field: 'data.a', message: 'is bad' }], name: 'x', retryAfterSeconds: 3 } },
      { code: 422, reason: 'Invalid', details: { causes: [{ field: 'data.a', message: 'is bad' }], name: 'x', retryAfterSeconds: 3 } },
    ],
  ])('refuses with %o', async (status, want) => {
    const { code, json } = await validating(() => deny(status));
    expect(json).toMatchObject({ kind: 'Status', apiVersion: 'v1', ...want });
    expect(code).toBe(json.code);
  });

  it('warns, also where it refuses', async () => {
    const warnings = ['careful', 'a "quoted" one'];
    expect((await validating(() => ({ warnings }))).headers.get('warning')).toBe('299 - "careful", 299 - "a \\"quoted\\" one"');
    const refused = await validating(() => ({ ...deny(), warnings }));
    expect([refused.code, refused.headers.get('warning')]).toEqual([400, '299 - "careful", 299 - "a \\"quoted\\" one"']);
  });

  const FAILED = 'Internal error occurred: failed calling webhook "v.example.com": ';
  it.each<[string, Hook, string]>([
    [
      'nothing',
      () => failed('Post "https://v/?timeout=10s": dial tcp: lookup v: no such host'),
      'failed to call webhook: Post "https://v/?timeout=10s": dial tcp: lookup v: no such host',
    ],
    ['another question', () => ({ uid: 'x' }), 'received invalid webhook response: expected response.uid="'],
    ['with a patch', () => patch({ op: 'remove', path: '/data' }), 'received invalid webhook response: validating webhook may not return response.patch'],
    [
      'no review',
      () => ({ type: 'answered', value: { kind: 'Pod', apiVersion: 'v1' } }),
      'failed to call webhook: no kind "Pod" is registered for version "v1"',
    ],
    [
      'of a wrong type',
      () => ({ allowed: 'yes' }),
      'failed to call webhook: json: cannot unmarshal string into Go struct field AdmissionResponse.response.allowed of type bool',
    ],
  ])('%s is for the failure policy to judge', async (_name, hook, why) => {
    const { code, json } = await validating(hook);
    expect([code, json.reason, json.details]).toEqual([
      500,
      'InternalError',
      { causes: [{ message: json.message.slice('Internal error occurred: '.length) }] },
    ]);
    expect(json.message.startsWith(`${FAILED}${why}`), json.message).toBe(true);
    expect((await validating(hook, { failurePolicy: 'Ignore' })).code).toBe(201);
  });

  it('patches the object, which is then decoded, completed, pruned and validated as any other', async () => {
    const sidecar = { name: 'sidecar', image: 'sidecar:1', nonsense: true };
    const hook: Hook = () =>
      patch({ op: 'add', path: '/spec/containers/-', value: sidecar }, { op: 'add', path: '/spec/containers/0/resources/limits', value: { cpu: '1000m' } });
    const { server } = await withHooks({ m: hook }, configuration('Mutating', 'c', { m: rules(['pods'], { operations: ['CREATE'] }) }));
    const { code, json } = await server.request('POST /api/v1/namespaces/default/pods', { body: pod('a') });
    expect(code).toBe(201);
    expect(json.spec.containers[0].resources).toEqual({ limits: { cpu: '1' }, requests: { cpu: '1' } });
    expect(json.spec.containers[1]).toEqual({
      name: 'sidecar',
      image: 'sidecar:1',
      imagePullPolicy: 'IfNotPresent',
      resources: {},
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
      volumeMounts: [{ mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', name: expect.stringMatching(/^kube-api-access-/), readOnly: true }],
    });
    expect(server.problems).toEqual([]);
  });

  it.each<[string, readonly object[], object]>([
    [
      'that does not apply',
      [{ op: 'remove', path: '/data/none' }],
      { code: 500, message: 'Internal error occurred: remove operation does not apply: doc is missing path: "/data/none": missing value' },
    ],
    [
      'of a wrong type',
      [{ op: 'add', path: '/data', value: 'x' }],
      { code: 500, message: 'Internal error occurred: json: cannot unmarshal string into Go struct field ConfigMap.data of type map[string]string' },
    ],
    ['that makes the object invalid', [{ op: 'add', path: '/data', value: { '/': 'x' } }], { code: 422, reason: 'Invalid' }],
    [
      'into another namespace',
      [{ op: 'replace', path: '/metadata/namespace', value: 'kube-system' }],
      { code: 400, message: 'the namespace of the provided object does not match the namespace sent on the request' },
    ],
    ['into another kind', [{ op: 'replace', path: '/kind', value: 'Secret' }], { code: 500 }],
    [
      'that nests without end',
      [{ op: 'add', path: '/data', value: JSON.parse(`${'['.repeat(399)}${']'.repeat(399)}`) }],
      {
        code: 500,
        message: 'Internal error occurred: failed calling webhook "m.example.com": received undecodable patch in webhook response: exceeded max depth',
      },
    ],
    ['that makes too much of it', [{ op: 'add', path: '/data', value: { a: 'x'.repeat(1_600_000) } }], { code: 413 }],
  ])('is refused for a patch %s', async (_name, operations, want) => {
    const { code, json } = await mutating(() => patch(...operations));
    expect({ ...json, code }).toMatchObject(want);
  });

  it.each<[string, Hook, string]>([
    [
      'is no JSON',
      () => ({ patchType: 'JSONPatch', patch: Buffer.from('[').toString('base64') }),
      'received undecodable patch in webhook response: unexpected end of JSON input',
    ],
    [
      'is no list',
      () => ({ patchType: 'JSONPatch', patch: Buffer.from('{}').toString('base64') }),
      'received undecodable patch in webhook response: json: cannot unmarshal object into Go value of type jsonpatch.Patch',
    ],
    ['is of another type', () => ({ ...patch({ op: 'remove', path: '/data' }), patchType: 'Merge' }), 'unsupported patch type "Merge"'],
    ['has no type', () => ({ patch: 'W10=' }), 'received invalid webhook response: webhook returned response.patch but not response.patchType'],
  ])('a patch that %s is none', async (_name, hook, why) => {
    expect((await mutating(hook)).json.message).toBe(`Internal error occurred: failed calling webhook "m.example.com": ${why}`);
    expect((await mutating(hook, { failurePolicy: 'Ignore' })).code).toBe(201);
  });

  it('may be a patch of nothing', async () => {
    expect((await mutating(() => patch())).code).toBe(201);
    expect((await mutating(() => patch({ op: 'test', path: '/metadata/name', value: 'a' }))).code).toBe(201);
  });

  it('names the object that has no name, and owns nothing of what it patched', async () => {
    const hook: Hook = () => patch({ op: 'add', path: '/metadata/name', value: 'named' }, { op: 'add', path: '/data', value: { a: 'b' } });
    const { code, json } = await mutating(hook, {}, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'x-' } });
    expect([code, json.metadata.name, json.data]).toEqual([201, 'named', { a: 'b' }]);
    expect(JSON.stringify(json.metadata.managedFields)).not.toContain('f:data');
  });

  it('may take away who owns the fields, and not make nonsense of it', async () => {
    const body = configMap('a', { data: { a: 'b' } });
    expect((await mutating(() => patch({ op: 'remove', path: '/metadata/managedFields' }), {}, body)).json.metadata.managedFields).toBeUndefined();
    const nonsense = await mutating(() => patch({ op: 'add', path: '/metadata/managedFields', value: [{ manager: 'x', operation: 'Steal' }] }), {}, body);
    expect(nonsense.json.metadata.managedFields).toMatchObject([{ operation: 'Update' }]);
  });

  it('changes nothing that does not belong to the write', async () => {
    const hook: Hook = () => patch({ op: 'add', path: '/spec/replicas', value: 7 }, { op: 'add', path: '/status/replicas', value: 7 });
    const { server } = await withHooks({ m: hook }, deployment({ replicas: 1 }, { metadata: { name: 'web' } }));
    await server.create(configuration('Mutating', 'c', { m: rules(['deployments', 'deployments/status']) }));
    const status = await server.request(`PATCH ${DEPLOYMENTS}/web/status`, { body: { status: { observedGeneration: 1 } }, type: MERGE });
    expect([status.code, status.json.spec.replicas, status.json.status.replicas]).toEqual([200, 1, 7]);
    const spec = await server.request(`PATCH ${DEPLOYMENTS}/web`, { body: { metadata: { labels: { a: 'b' } } }, type: MERGE });
    expect([spec.code, spec.json.spec.replicas, spec.json.status.replicas, spec.json.metadata.generation]).toEqual([200, 7, 7, 2]);
    const scale = await server.request(`DELETE ${DEPLOYMENTS}/web`);
    expect(scale.json).toMatchObject({
      code: 500,
      message: 'Internal error occurred: admission webhook "m.example.com" attempted to modify the object, which is not supported for this operation',
    });
  });

  it('changes a Scale, and the workload with it', async () => {
    const { server } = await withHooks({ m: () => patch({ op: 'replace', path: '/spec/replicas', value: 2 }) }, deployment({}, { metadata: { name: 'web' } }));
    await server.create(configuration('Mutating', 'c', { m: rules(['deployments/scale']) }));
    expect((await server.request(`PATCH ${DEPLOYMENTS}/web/scale`, { body: { spec: { replicas: 50 } }, type: MERGE })).json.spec.replicas).toBe(2);
  });
});

describe('a webhook that wants to be asked again', () => {
  const again = { reinvocationPolicy: 'IfNeeded' };
  const label =
    (key: string): Hook =>
    ({ object }) =>
      object!.metadata.labels?.[key] ? {} : patch({ op: 'add', path: `/metadata/labels/${key}`, value: 'x' });
  const askedOf = async (hooks: Readonly<Record<string, Hook>>, ...configurations: KubeObject[]) => {
    const { server, asked } = await withHooks(hooks, ...configurations);
    const { code } = await server.request(`POST ${MAPS}`, { body: configMap('a', { labels: { own: 'x' } }) });
    expect(code).toBe(201);
    return asked.map(({ hook }) => hook);
  };

  it('is, once, when one after it has changed the object', async () => {
    const hooks = { a: label('a'), b: label('b'), c: label('c') };
    expect(await askedOf(hooks, configuration('Mutating', 'c', { a: again, b: again, c: {} }))).toEqual(['a', 'b', 'c', 'a', 'b']);
    expect(await askedOf({ ...hooks, c: () => ({}) }, configuration('Mutating', 'c', { a: again, b: again, c: again }))).toEqual(['a', 'b', 'c', 'a']);
    expect(await askedOf({}, configuration('Mutating', 'c', { a: again, b: again }))).toEqual(['a', 'b']);
    expect(await askedOf(hooks, configuration('Mutating', 'c', { a: {}, b: {} }))).toEqual(['a', 'b']);
  });

  it('is not when it was not asked the first time', async () => {
    const hooks = { a: label('a'), b: label('b') };
    const selecting = { ...again, objectSelector: { matchLabels: { b: 'x' } } };
    expect(await askedOf(hooks, configuration('Mutating', 'c', { a: selecting, b: {} }))).toEqual(['b']);
  });

  it('comes back when plugins of the server change the object after a webhook did', async () => {
    const pods = rules(['pods'], { operations: ['CREATE'] });
    const grace = { op: 'add', path: '/spec/tolerations', value: [] };
    const { server, asked } = await withHooks({ m: () => patch(grace) }, configuration('Mutating', 'c', { m: { ...pods, ...again } }));
    const { json } = await server.request('POST /api/v1/namespaces/default/pods', { body: pod('a') });
    expect(asked.map(({ request }) => (request.object as unknown as { spec: { tolerations?: unknown[] } }).spec.tolerations?.length)).toEqual([2, 2]);
    expect(json.spec.tolerations).toBeUndefined();
  });
});

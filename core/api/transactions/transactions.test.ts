import { describe, expect, it } from 'vitest';
import type { LogEntry } from '../../log/log.ts';
import { memoryLog } from '../../log/memory/memory-log.ts';
import { askingPlugin, Oracle } from '../../testing/asking.ts';
import { configMap, namespace } from '../../testing/objects.ts';
import { overtakenLog } from '../../testing/overtaken-log.ts';
import { type TestServer, testServer } from '../../testing/server.ts';

/** Transactions (docs/undo.md): many requests as one entry of the log. */

const TRANSACTIONS = '/apis/logplane.dev/v1/namespaces/default/transactions';
const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';

const transaction = (...steps: object[]) => ({ apiVersion: 'logplane.dev/v1', kind: 'Transaction', metadata: { name: 't' }, spec: { steps } });

const submit = (server: TestServer, steps: object[], options: Parameters<TestServer['request']>[1] & { query?: string } = {}) =>
  server.request(`POST ${TRANSACTIONS}${options.query ?? ''}`, { body: transaction(...steps), ...options });

const create = (name: string, data?: Record<string, string>) => ({ create: { object: { ...configMap(name), data } } });
const target = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', name });

const names = ({ replica }: TestServer) => replica.state.list('configmaps').map(({ metadata }) => metadata.name);

describe('a transaction', () => {
  it('is one entry of the log, in which each step sees what the ones before it left', async () => {
    const log = memoryLog();
    const server = await testServer({ log });
    await server.create({ ...configMap('a'), data: { x: '1' } } as never, configMap('gone'));
    const before = server.replica.state.offset;
    const { code, json } = await submit(server, [
      create('b', { x: '1' }),
      { patch: { target: target('b'), type: 'merge', patch: { data: { x: '2' } } } },
      { patch: { target: target('b'), type: 'json', patch: [{ op: 'add', path: '/data/y', value: '3' }] } },
      { patch: { target: target('b'), type: 'strategic', patch: { data: { z: '4' } } } },
      { apply: { object: { ...configMap('a'), data: { applied: 'yes' } }, fieldManager: 'me' } },
      { update: { object: { ...configMap('a'), data: { x: '9' } } } },
      { delete: { target: target('gone'), propagationPolicy: 'Background' } },
    ]);
    expect({ code, message: json.message }).toEqual({ code: 201, message: undefined });
    const { state } = server.replica;
    expect(state.get('configmaps', 'default', 'b')).toMatchObject({ data: { x: '2', y: '3', z: '4' } });
    expect(state.get('configmaps', 'default', 'a')).toMatchObject({ data: { x: '9' } });
    expect(names(server)).toEqual(['a', 'b']);
    const entries: LogEntry[] = [];
    for await (const entry of log.read('main', { after: before })) entries.push(entry);
    expect(entries.map(({ events }) => events.length)).toEqual([9]);
    // What each step wrote follows from the record.
    expect(entries[0]!.events.slice(1, -1).map(({ cause }) => cause)).toEqual(Array(7).fill(before + 1));
    expect(json.status.request).toBe(before + 1);
    expect(json.status.steps[0]).toEqual({ operation: 'create', resource: 'configmaps', namespace: 'default', name: 'b', resourceVersion: String(before + 2) });
    expect(
      json.status.steps.map(({ operation, resourceVersion }: { operation: string; resourceVersion?: string }) => `${operation} ${resourceVersion}`),
    ).toEqual([
      `create ${before + 2}`,
      `patch ${before + 3}`,
      `patch ${before + 4}`,
      `patch ${before + 5}`,
      `apply ${before + 6}`,
      `update ${before + 7}`,
      'delete undefined',
    ]);
    expect((await server.request(`GET ${TRANSACTIONS}/t`)).json).toEqual(json);
  });

  it('keeps of its steps what they were about, and not what is secret', async () => {
    const server = await testServer();
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', labels: { a: 'b' } }, stringData: { password: 'hunter2' } };
    const { code, text, json } = await submit(server, [{ create: { object: secret } }]);
    expect(code).toBe(201);
    expect(text).not.toContain('hunter2');
    expect(json.spec.steps).toEqual([{ create: { object: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } } } }]);
    expect(server.replica.state.get('secrets', 'default', 's')).toMatchObject({ data: { password: 'aHVudGVyMg==' } });
  });

  const refusals: { name: string; steps: object[]; code: number; reason: string; message: string; cause?: string }[] = [
    {
      name: 'a name that is taken',
      steps: [create('x'), create('there')],
      code: 409,
      reason: 'AlreadyExists',
      message: 'spec.steps[1]: configmaps "there" already exists',
    },
    {
      name: 'what is not there',
      steps: [create('x'), { delete: { target: target('absent') } }],
      code: 404,
      reason: 'NotFound',
      message: 'spec.steps[1]: configmaps "absent" not found',
    },
    {
      name: 'an object that is invalid',
      steps: [create('x'), { create: { object: { ...configMap('y'), metadata: { name: 'Y!' } } } }],
      code: 422,
      reason: 'Invalid',
      message: 'spec.steps[1]: ConfigMap "Y!" is invalid: metadata.name: Invalid value',
      cause: 'spec.steps[1].metadata.name',
    },
    {
      name: 'a kind that is not served',
      steps: [create('x'), { create: { object: { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' } } } }],
      code: 404,
      reason: 'NotFound',
      message: 'spec.steps[1]: no matches for kind "Widget" in version "example.com/v1"',
    },
    {
      name: 'what is answered and not kept',
      steps: [{ create: { object: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview', metadata: {} } } }],
      code: 405,
      reason: 'MethodNotAllowed',
      message: 'spec.steps[0]: a step of Transaction is not supported on resources of kind "selfsubjectreviews.authentication.k8s.io"',
    },
    {
      name: 'a transaction in it',
      steps: [{ create: { object: { ...transaction(create('x')), metadata: { name: 'inner' } } } }],
      code: 405,
      reason: 'MethodNotAllowed',
      message: 'spec.steps[0]: a step of Transaction is not supported on resources of kind "transactions.logplane.dev"',
    },
    {
      name: 'an object that should be absent',
      steps: [{ apply: { object: configMap('there'), fieldManager: 'me' }, precondition: { existence: 'Absent' } }],
      code: 409,
      reason: 'AlreadyExists',
      message: 'spec.steps[0]: configmaps "there" already exists',
    },
    {
      name: 'an object that should be present',
      steps: [{ apply: { object: configMap('absent'), fieldManager: 'me' }, precondition: { existence: 'Present' } }],
      code: 404,
      reason: 'NotFound',
      message: 'spec.steps[0]: configmaps "absent" not found',
    },
    {
      name: 'another version',
      steps: [{ patch: { target: target('there'), type: 'merge', patch: {} }, precondition: { resourceVersion: '1' } }],
      code: 409,
      reason: 'Conflict',
      message: 'spec.steps[0]: Operation cannot be fulfilled on configmaps "there": StorageError: invalid object',
    },
    {
      name: 'another object',
      steps: [{ patch: { target: target('there'), type: 'merge', patch: {} }, precondition: { uid: 'other' } }],
      code: 409,
      reason: 'Conflict',
      message: 'spec.steps[0]: Operation cannot be fulfilled on configmaps "there": StorageError: invalid object',
    },
    {
      name: 'a step without an operation',
      steps: [{ precondition: { uid: 'x' } }],
      code: 422,
      reason: 'Invalid',
      message: 'Transaction.logplane.dev "t" is invalid: spec.steps[0]: Required value: one of create, update, apply, patch, delete',
    },
    {
      name: 'a step with two',
      steps: [{ ...create('x'), delete: { target: target('x') } }],
      code: 422,
      reason: 'Invalid',
      message: 'Transaction.logplane.dev "t" is invalid: spec.steps[0]: Invalid value: "create, delete": must be one operation',
    },
    {
      name: 'no steps',
      steps: [],
      code: 422,
      reason: 'Invalid',
      message: 'Transaction.logplane.dev "t" is invalid: spec.steps: Invalid value: 0: spec.steps in body should have at least 1 items',
    },
    {
      name: 'a patch without one',
      steps: [{ patch: { target: target('there'), type: 'merge' } }],
      code: 400,
      reason: 'BadRequest',
      message: 'spec.steps[0]: ',
    },
  ];

  for (const { name, steps, code, reason, message, cause } of refusals)
    it(`is refused with which step it was, and nothing is written: ${name}`, async () => {
      const server = await testServer();
      await server.create(configMap('there'));
      const { offset } = server.replica.state;
      const answer = await submit(server, steps);
      expect(answer.json).toMatchObject({ kind: 'Status', status: 'Failure', code, reason });
      expect(answer.json.message).toContain(message);
      if (cause) expect(answer.json.details.causes[0].field).toBe(cause);
      expect(server.replica.state.offset).toBe(offset);
      expect(server.problems).toEqual([]);
    });

  it('names more steps than there may be', async () => {
    const server = await testServer();
    const { code, json } = await submit(
      server,
      Array.from({ length: 1_001 }, (_, i) => create(`c${i}`)),
    );
    expect({ code, message: json.message }).toEqual({
      code: 422,
      message: expect.stringContaining('spec.steps: Too many: 1001: must have at most 1000 items'),
    });
  });

  it('is refused whole, and not divided, where it does not fit into one entry', async () => {
    const server = await testServer({ log: memoryLog({ maxEntryBytes: 20_000 }) });
    const { offset } = server.replica.state;
    const random = (i: number) => Buffer.from(Array.from({ length: 6_000 }, (_, j) => (i * 7919 + j * 104729 + ((j * j) % 251)) % 256)).toString('base64');
    const { code, json } = await submit(
      server,
      Array.from({ length: 6 }, (_, i) => create(`c${i}`, { random: random(i) })),
    );
    expect({ code, reason: json.reason, message: json.message }).toEqual({
      code: 413,
      reason: 'RequestEntityTooLarge',
      message: 'the 8 changes are too large for one entry of the log',
    });
    expect(server.replica.state.offset).toBe(offset);
    // What would have been divided does not stand in the way of others.
    expect((await server.request(`POST ${CONFIGMAPS}`, { body: configMap('small') })).code).toBe(201);
  });

  it('does each step as the user who asks for it', async () => {
    const server = await testServer({ roles: true });
    const role = (name: string, ...rules: object[]) => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name, namespace: 'default' },
      rules,
    });
    const binding = (name: string) => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name, namespace: 'default' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'alice' }],
    });
    await server.create(
      role(
        'writer',
        { apiGroups: ['logplane.dev'], resources: ['transactions'], verbs: ['create'] },
        { apiGroups: [''], resources: ['configmaps'], verbs: ['create'] },
      ) as never,
      binding('writer') as never,
    );
    const { offset } = server.replica.state;
    const secret = { create: { object: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } } } };
    const refused = await submit(server, [create('a'), secret], { token: 'alice' });
    expect(refused.json).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message: 'spec.steps[1]: secrets is forbidden: User "alice" cannot create resource "secrets" in API group "" in the namespace "default"',
    });
    const elsewhere = await submit(server, [{ create: { object: { ...configMap('a'), metadata: { name: 'a', namespace: 'kube-system' } } } }], {
      token: 'alice',
    });
    expect(elsewhere.code).toBe(403);
    expect(server.replica.state.offset).toBe(offset);
    expect((await submit(server, [create('a')], { token: 'alice' })).code).toBe(201);
    // As when they are made one after the other.
    const granting = { create: { object: role('more', { apiGroups: [''], resources: ['secrets'], verbs: ['create'] }) } };
    const body = { ...transaction(granting, secret), metadata: { name: 'granting' } };
    expect((await server.request(`POST ${TRANSACTIONS}`, { body, token: 'alice' })).json).toMatchObject({
      code: 403,
      message: expect.stringContaining('spec.steps[0]'),
    });
    expect((await server.request(`POST ${TRANSACTIONS}`, { body })).code).toBe(201);
  });

  it('makes nothing of a dry run, and says what it would', async () => {
    const server = await testServer();
    const { offset } = server.replica.state;
    const { code, json } = await submit(server, [create('a'), { delete: { target: target('a') } }], { query: '?dryRun=All' });
    expect(code).toBe(201);
    expect(json.status.steps).toEqual([
      { operation: 'create', resource: 'configmaps', namespace: 'default', name: 'a' },
      { operation: 'delete', resource: 'configmaps', namespace: 'default', name: 'a' },
    ]);
    expect(server.replica.state.offset).toBe(offset);
  });

  it('makes namespaces and definitions, and what they allow, at once', async () => {
    const server = await testServer();
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        names: { plural: 'widgets', kind: 'Widget' },
        scope: 'Namespaced',
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { size: { type: 'integer' } } } } }],
      },
    };
    const widget = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w', namespace: 'new' }, size: 3 };
    const { code, json } = await submit(server, [
      { create: { object: definition } },
      { create: { object: namespace('new') } },
      { apply: { object: widget, fieldManager: 'me' } },
    ]);
    expect({ code, message: json.message }).toEqual({ code: 201, message: undefined });
    expect(server.replica.state.get('widgets.example.com', 'new', 'w')).toMatchObject({ size: 3 });
  });

  it('asks of all steps, in rounds, and comes to one entry', async () => {
    const oracle = new Oracle();
    const server = await testServer({ admissionPlugins: [askingPlugin()], ask: oracle.ask });
    const { offset } = server.replica.state;
    const pending = submit(server, [create('a'), { create: { object: { ...configMap(''), metadata: { generateName: 'b-' } } } }]);
    await oracle.askedTimes(1);
    expect(
      (await server.request('POST /api/v1/namespaces/default/secrets', { body: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } } })).code,
    ).toBe(201);
    oracle.answer();
    await oracle.askedTimes(2);
    expect(names(server)).toEqual([]);
    oracle.answer();
    const { code, json } = await pending;
    expect(code).toBe(201);
    expect(names(server)).toEqual(['a', oracle.asked[1]!.object!.metadata.name]);
    // Another writer was first: it says where its steps are now.
    expect(json.status.steps.map(({ resourceVersion }: { resourceVersion: string }) => Number(resourceVersion))).toEqual([offset + 3, offset + 4]);
  });

  it('names where its steps are, when another writer was first', async () => {
    const log = overtakenLog();
    const server = await testServer({ log });
    const { offset } = server.replica.state;
    log.overtake('admin', () => [{ type: 'ADDED', key: 'configmaps/default/other', object: configMap('other'), actor: { username: 'other', groups: [] } }]);
    const { json } = await submit(server, [create('a'), create('b')]);
    expect(json.status.steps.map(({ resourceVersion }: { resourceVersion: string }) => Number(resourceVersion))).toEqual([offset + 3, offset + 4]);
    const { changes } = await server.replica.changesAfter(offset + 1, { signal: new AbortController().signal });
    expect(changes.map(({ cause }) => cause)).toEqual([undefined, offset + 2, offset + 2, undefined]);
    expect(server.replica.state.get('configmaps', 'default', 'b')!.metadata.resourceVersion).toBe(String(offset + 4));
  });

  it('warns of what its steps would have warned of', async () => {
    const server = await testServer();
    const { code, headers } = await submit(server, [{ create: { object: { ...configMap('a'), colour: 'red' } } }]);
    expect(code).toBe(201);
    expect(headers.get('warning')).toBe('299 - "unknown field \\"colour\\""');
    const again = { ...transaction({ create: { object: { ...configMap('b'), colour: 'red' } } }), metadata: { generateName: 't-' } };
    const strict = await server.request(`POST ${TRANSACTIONS}?fieldValidation=Strict`, { body: again });
    expect(strict.json).toMatchObject({ code: 400, message: expect.stringContaining('spec.steps[0]: ConfigMap in version "v1" cannot be handled') });
  });

  it('is not changed once it was carried out, nor made by an apply, which would not carry it out', async () => {
    const server = await testServer();
    const { json } = await submit(server, [create('a')]);
    const changed = { ...json, spec: { steps: [create('other')] } };
    expect((await server.request(`PUT ${TRANSACTIONS}/t`, { body: changed })).json).toMatchObject({
      code: 422,
      message: expect.stringContaining('field is immutable'),
    });
    const apply = await server.request(`PATCH ${TRANSACTIONS}/u?fieldManager=me`, {
      body: { ...transaction(create('u')), metadata: { name: 'u' } },
      type: 'application/apply-patch+yaml',
    });
    expect(apply.json).toMatchObject({ code: 400, message: 'a Transaction is carried out when it is created, and cannot be created by an apply' });
    expect(names(server)).toEqual(['a']);
  });
});

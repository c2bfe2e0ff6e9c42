import { describe, expect, it } from 'vitest';
import { defaultAdmissionPlugins } from '../../core/admission/default-plugins.ts';
import { controllersReconciler } from '../../core/controllers/registry.ts';
import { type Env, idsFrom } from '../../core/env.ts';
import { Runner } from '../../core/reconcile/runner.ts';
import type { Condition, CustomResourceDefinition, JSONSchemaProps } from '../../core/schema/generated/kinds.ts';
import { type TestServer, testServer } from '../../core/testing/server.ts';
import { definition, widget } from './widgets.ts';

/** Definitions that get in each other's way, and objects that are held against what they were. */

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const WIDGETS = '/apis/example.com/v1/namespaces/default/widgets';
const MERGE = 'application/merge-patch+json';

/** A definition of widgets with one version, whose spec has a schema. */
const specified = (spec: JSONSchemaProps, more: Partial<CustomResourceDefinition['spec']> = {}): CustomResourceDefinition => ({
  ...definition,
  spec: {
    ...definition.spec,
    ...more,
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { spec } } } }],
  },
});

const replace = async (server: TestServer, changed: CustomResourceDefinition) => {
  const path = `${DEFINITIONS}/${changed.metadata.name}`;
  const { json } = await server.request(`GET ${path}`);
  expect((await server.request(`PUT ${path}`, { body: { ...json, spec: changed.spec } })).code).toBe(200);
};

const patchSpec = async (server: TestServer, spec: object) => {
  const { code, json } = await server.request(`PATCH ${WIDGETS}/a`, { body: { spec }, type: MERGE });
  return code === 200 ? 'changed' : json.message;
};

/** A cluster with a widget "a" whose schema then becomes another. */
async function onceWith(spec: object, before: JSONSchemaProps, after: JSONSchemaProps): Promise<TestServer> {
  const server = await testServer();
  await server.create(specified(before));
  expect((await server.request(`POST ${WIDGETS}`, { body: widget('a', spec) })).code).toBe(201);
  await replace(server, specified(after));
  return server;
}

const text = (more: JSONSchemaProps = {}): JSONSchemaProps => ({ type: 'string', ...more });
const object = (properties: Record<string, JSONSchemaProps>, more: JSONSchemaProps = {}): JSONSchemaProps => ({ type: 'object', properties, ...more });

describe('two definitions of one name', () => {
  const conditionOf = async (server: TestServer, name: string, type: string) =>
    (await server.request(`GET ${DEFINITIONS}/${name}`)).json.status.conditions.find((condition: Condition) => condition.type === type);

  it('the first has it; the second waits for it, serving nothing', async () => {
    const server = await testServer();
    await server.create(definition);
    const second = { ...definition, metadata: { name: 'gadgets.example.com' }, spec: { ...definition.spec, names: { plural: 'gadgets', kind: 'Widget' } } };
    await server.create(second);
    expect(await conditionOf(server, 'gadgets.example.com', 'NamesAccepted')).toMatchObject({
      status: 'False',
      reason: 'ListKindConflict',
      message: '"WidgetList" is already in use',
    });
    expect(await conditionOf(server, 'gadgets.example.com', 'Established')).toMatchObject({ status: 'False', reason: 'NotAccepted' });
    expect((await server.request('GET /apis/example.com/v1/gadgets')).text).toBe('404 page not found\n');

    await server.request(`DELETE ${DEFINITIONS}/widgets.example.com`);
    await reconcile(server);
    expect(await conditionOf(server, 'gadgets.example.com', 'NamesAccepted')).toMatchObject({ status: 'True', reason: 'NoConflicts' });
    expect(await conditionOf(server, 'gadgets.example.com', 'Established')).toMatchObject({ status: 'True', reason: 'InitialNamesAccepted' });
    expect((await server.request('GET /apis/example.com/v1/gadgets')).code).toBe(200);
    expect((await server.request('GET /apis/example.com/v1/widgets')).text).toBe('404 page not found\n');
  });

  async function reconcile({ replica, clock }: TestServer): Promise<void> {
    let n = 0;
    const random = { next: () => 0.5 };
    const env: Env = { clock, random, ids: idsFrom(random, () => `made-${++n}`) };
    await new Runner({ replica, reconciler: controllersReconciler(), env, admissionPlugins: defaultAdmissionPlugins }).run();
  }
});

describe('what was valid before its schema changed', () => {
  it('may stay as it is; what changes must be valid', async () => {
    const server = await onceWith(
      { size: 'huge', color: 'red' },
      object({ size: text(), color: text() }),
      object({ size: text({ maxLength: 2 }), color: text() }),
    );
    expect(await patchSpec(server, { color: 'blue' })).toBe('changed');
    expect(await patchSpec(server, { size: 'large' })).toBe('Widget.example.com "a" is invalid: spec.size: Too long: may not be more than 2 bytes');
    expect(await patchSpec(server, { size: 'S' })).toBe('changed');
  });

  it('is known again in a list by its keys, and in one without keys not at all', async () => {
    const element = (more: JSONSchemaProps) => ({ type: 'array', items: object({ name: text(), size: text(more) }, { required: ['name'] }) });
    const keyed = (more: JSONSchemaProps): JSONSchemaProps => ({ ...element(more), 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] });
    const parts = [{ name: 'x', size: 'huge' }];
    const more = [{ name: 'y', size: 'S' }, ...parts];
    const byKey = await onceWith({ parts }, object({ parts: keyed({}) }), object({ parts: keyed({ maxLength: 2 }) }));
    expect(await patchSpec(byKey, { parts: more })).toBe('changed');
    const byNothing = await onceWith({ parts }, object({ parts: element({}) }), object({ parts: element({ maxLength: 2 }) }));
    expect(await patchSpec(byNothing, { parts: more })).toContain('spec.parts[1].size: Too long');
  });

  it('need not keep rules that came later, as long as it does not change', async () => {
    const rule = { rule: "self.size != 'huge'", message: 'not so large', fieldPath: '.size', reason: 'FieldValueForbidden' };
    const part = (rules: (typeof rule)[]) => object({ size: text(), shape: text() }, { 'x-kubernetes-validations': rules });
    const server = await onceWith(
      { part: { size: 'huge', shape: 'round' }, color: 'red' },
      object({ part: part([]), color: text() }),
      object({ part: part([rule]), color: text() }),
    );
    expect(await patchSpec(server, { color: 'blue' })).toBe('changed');
    expect(await patchSpec(server, { part: { shape: 'flat' } })).toBe('Widget.example.com "a" is invalid: spec.part.size: Forbidden: not so large');
  });
});

describe('a rule that compares with what was', () => {
  const under = async (spec: JSONSchemaProps, first: object) => {
    const server = await testServer();
    await server.create(specified(spec));
    return { server, created: await server.request(`POST ${WIDGETS}`, { body: widget('a', first) }) };
  };

  it('holds for changes only', async () => {
    const rules = [{ rule: 'self == oldSelf', messageExpression: '"was " + oldSelf' }];
    const { server, created } = await under(object({ size: text({ maxLength: 9, 'x-kubernetes-validations': rules }), color: text() }), { size: 'S' });
    expect(created.code).toBe(201);
    expect(await patchSpec(server, { color: 'blue' })).toBe('changed');
    expect(await patchSpec(server, { size: 'L' })).toBe('Widget.example.com "a" is invalid: spec.size: Invalid value: "L": was S');
    // Gone is not changed.
    expect(await patchSpec(server, { size: null })).toBe('changed');
    expect(await patchSpec(server, { size: 'L' })).toBe('changed');
  });

  it('and says what may be when there was nothing holds for new values too', async () => {
    const rules = [{ rule: "oldSelf.hasValue() || self == 'S'", optionalOldSelf: true, message: 'begins small' }];
    const size = text({ 'x-kubernetes-validations': rules });
    const { created } = await under(object({ size }), { size: 'L' });
    expect(created).toMatchObject({ code: 422, json: { message: 'Widget.example.com "a" is invalid: spec.size: Invalid value: "L": begins small' } });
    const { server } = await under(object({ size }), { size: 'S' });
    expect(await patchSpec(server, { size: 'L' })).toBe('changed');
  });

  it('finds elements of lists by their keys', async () => {
    const parts: JSONSchemaProps = {
      type: 'array',
      maxItems: 5,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: object(
        { name: text({ maxLength: 9 }), size: { type: 'integer' } },
        { required: ['name'], 'x-kubernetes-validations': [{ rule: 'self.size >= oldSelf.size', message: 'only grows' }] },
      ),
    };
    const sizes = (...pairs: [string, number][]) => ({ parts: pairs.map(([name, size]) => ({ name, size })) });
    const { server } = await under(object({ parts }), sizes(['a', 1], ['b', 2]));
    expect(await patchSpec(server, sizes(['b', 2], ['c', 0], ['a', 3]))).toBe('changed');
    expect(await patchSpec(server, sizes(['a', 3], ['b', 1]))).toContain('spec.parts[1]: Invalid value: only grows');
  });
});

describe('a custom object that does not say what it is', () => {
  it.each([
    [{ apiVersion: undefined }, 'the API version in the data () does not match the expected API version (example.com/v1)'],
    [{ apiVersion: 'v1' }, 'the API version in the data (v1) does not match the expected API version (example.com/v1)'],
    [
      { kind: undefined, spec: undefined, metadata: {} },
      `the object provided is unrecognized (must be of type Widget): Object 'Kind' is missing in '{"apiVersion":"example.com/v1","metadata":{}}' ({"apiVersion":"example.com/v1" ...)`,
    ],
  ])('is refused: %j', async (changes, message) => {
    const server = await testServer();
    await server.create(definition);
    expect(await server.request(`POST ${WIDGETS}`, { body: { ...widget('a'), ...changes } })).toMatchObject({ code: 400, json: { message } });
  });
});

it('A patch of a custom object that is refused is quoted with its keys in order', async () => {
  const server = await testServer();
  await server.create(definition);
  await server.create(widget('a'));
  const { code, json } = await server.request(`PATCH ${WIDGETS}/a?fieldValidation=Strict`, {
    type: 'application/merge-patch+json',
    body: { spec: { z: 1, b: 2 } },
  });
  const { creationTimestamp, uid, resourceVersion } = (await server.request(`GET ${WIDGETS}/a`)).json.metadata;
  const quoted = `{\\"apiVersion\\":\\"example.com/v1\\",\\"kind\\":\\"Widget\\",\\"metadata\\":{\\"creationTimestamp\\":\\"${creationTimestamp}\\",\\"generation\\":1,\\"managedFields\\":[`;
  expect({ code, message: json.message }).toEqual({ code: 422, message: expect.stringContaining(` "" is invalid: patch: Invalid value: "${quoted}`) });
  expect(json.message).toContain(`\\"name\\":\\"a\\",\\"namespace\\":\\"default\\",\\"resourceVersion\\":\\"${resourceVersion}\\",\\"uid\\":\\"${uid}\\"}`);
});

describe('a schema that would take for ever', () => {
  it('is given up, by its steps', async () => {
    const wide = (depth: number): JSONSchemaProps =>
      depth === 0 ? { minLength: 2 } : { anyOf: [1, 2, 3, 4, 5, 6, 7, 8].map((n) => ({ ...wide(depth - 1), maxLength: 1_000 + n })) };
    const server = await testServer();
    await server.create(specified(object({ all: { type: 'array', items: { type: 'string', ...wide(3) } } })));
    const spec = (length: number) => ({ all: Array.from({ length }, () => 'x') });
    expect((await server.request(`POST ${WIDGETS}`, { body: widget('a', spec(1)) })).code).toBe(422);
    expect(await server.request(`POST ${WIDGETS}`, { body: widget('b', spec(3_000)) })).toMatchObject({ code: 504, json: { reason: 'Timeout' } });
  });
});

it('What was valid before is forgiven without a warning', async () => {
  const server = await onceWith(
    { size: 'huge', color: 'red' },
    object({ size: text(), color: text() }),
    object({ size: text({ maxLength: 2 }), color: text() }),
  );
  const { code, headers } = await server.request(`PATCH ${WIDGETS}/a`, { body: { spec: { color: 'blue' } }, type: MERGE });
  expect([code, headers.get('warning')]).toEqual([200, null]);
});

it('A definition is answered with its conditions, and its objects can be created at once; a watch sees both steps', async () => {
  const server = await testServer();
  const from = server.replica.state.offset;
  const { code, json } = await server.request(`POST ${DEFINITIONS}`, { body: definition });
  expect({ code, conditions: json.status.conditions }).toMatchObject({
    code: 201,
    conditions: expect.arrayContaining([expect.objectContaining({ type: 'Established', status: 'True' })]),
  });
  expect((await server.request(`POST ${WIDGETS}`, { body: widget('a') })).code).toBe(201);
  const reader = (await server.response(`GET ${DEFINITIONS}?watch=true&resourceVersion=${from}`)).body!.getReader();
  let watched = '';
  while (watched.split('\n').length < 3) watched += Buffer.from((await reader.read()).value!).toString();
  await reader.cancel();
  const events = watched
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(events.map(({ type, object }) => [type, (object.status.conditions ?? []).length > 0])).toEqual([
    ['ADDED', false],
    ['MODIFIED', true],
  ]);
});

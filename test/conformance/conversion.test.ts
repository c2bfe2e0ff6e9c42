import { describe, expect, it } from 'vitest';
import type { Answer, Ask } from '../../core/admission/ask.ts';
import { fieldsOf } from '../../core/kube/fields.ts';
import type { KubeObject } from '../../core/kube/object.ts';
import { type TestServer, testServer } from '../../core/testing/server.ts';
import type { ConversionReview } from '../support/webhook-server.ts';
import { convertedWidgets, WIDGETS, webhookDefinition } from '../support/widget-conversion.ts';
import { definition, widget } from './widgets.ts';

/** Custom objects in several versions: without a webhook they change their `apiVersion` only, with one it is asked. */

const OLD = WIDGETS('v1beta1');
const NEW = WIDGETS('v1');

const answered = (response: object): Answer => ({ type: 'answered', value: { apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview', response } });

const success = (review: ConversionReview, convertedObjects: unknown = convertedWidgets(review)): Answer =>
  answered({ uid: review.request.uid, result: { status: 'Success' }, convertedObjects });

/** A cluster whose widgets a webhook converts. */
async function withWebhook(answer: (review: ConversionReview) => Answer = success) {
  const asked: Ask[] = [];
  const server = await testServer({
    ask: async (ask) => {
      asked.push(ask);
      return answer(ask.question as ConversionReview);
    },
  });
  await server.create(webhookDefinition({ url: 'https://convert.example/now' }));
  return { server, asked };
}

const old = (name: string, shape: string): KubeObject => ({ ...widget(name, { size: 'S', shape }), apiVersion: 'example.com/v1beta1' }) as KubeObject;

const specOf = async (server: TestServer, path: string) => (await server.request(`GET ${path}`)).json.spec;

describe('custom objects without a webhook', () => {
  it('are the same in all versions, as far as the schemas of the versions are', async () => {
    const server = await testServer();
    await server.create(definition);
    expect(await server.request(`POST ${OLD}`, { body: old('a', 'flat') })).toMatchObject({ code: 201, json: { apiVersion: 'example.com/v1beta1' } });
    expect(await specOf(server, `${NEW}/a`)).toEqual({ size: 'S', color: 'red' });
    // What v1 does not have was stored without it.
    expect(await specOf(server, `${OLD}/a`)).toEqual({ size: 'S', color: 'red', shape: 'round' });
  });
});

describe('custom objects with a webhook', () => {
  it('are stored in one version, and read, listed, changed and selected in each', async () => {
    const { server, asked } = await withWebhook();
    const created = await server.request(`POST ${OLD}`, { body: old('a', 'flat') });
    expect(created).toMatchObject({ code: 201, json: { apiVersion: 'example.com/v1beta1', spec: { shape: 'flat' } } });
    expect(server.replica.state.list('widgets.example.com').map((object) => [object.apiVersion, fieldsOf(object)['spec']])).toEqual([
      ['example.com/v1', { size: 'S', color: 'flat-ish' }],
    ]);
    expect(asked[0]).toMatchObject({ type: 'ConversionReview', client: { url: 'https://convert.example/now' }, timeoutMs: 30_000 });
    asked.length = 0;
    expect(await specOf(server, `${NEW}/a`)).toEqual({ size: 'S', color: 'flat-ish' });
    expect(asked).toEqual([]);
    expect(await specOf(server, `${OLD}/a`)).toMatchObject({ shape: 'flat' });
    await server.request(`POST ${NEW}`, { body: widget('b', { size: 'M', color: 'deep-ish' }) });
    asked.length = 0;
    const { json } = await server.request(`GET ${OLD}`);
    expect(json.items.map(({ apiVersion, spec }: { apiVersion: string; spec: { shape: string } }) => [apiVersion, spec.shape])).toEqual([
      ['example.com/v1beta1', 'flat'],
      ['example.com/v1beta1', 'deep'],
    ]);
    // One question for the whole list.
    expect(asked.length).toBe(1);
    const patched = await server.request(`PATCH ${OLD}/a`, { body: { spec: { shape: 'tall' } }, type: 'application/merge-patch+json' });
    expect(patched).toMatchObject({ code: 200, json: { spec: { shape: 'tall' } } });
    expect(await specOf(server, `${NEW}/a`)).toEqual({ size: 'S', color: 'tall-ish' });
    const selected = await server.request(`GET ${NEW}?fieldSelector=spec.color%3Ddeep-ish`);
    expect(selected.json.items.map(({ metadata }: KubeObject) => metadata.name)).toEqual(['b']);
    expect((await server.request(`DELETE ${OLD}/a`)).code).toBe(200);
    expect(server.problems).toEqual([]);
  });

  it('keep their metadata but for labels and annotations', async () => {
    const { server } = await withWebhook((review) =>
      success(
        review,
        convertedWidgets(review).map(({ metadata, ...rest }) => ({
          ...rest,
          metadata: { ...metadata, labels: { by: 'webhook' }, finalizers: ['example.com/mine'] },
        })),
      ),
    );
    const { json } = await server.request(`POST ${OLD}`, { body: old('a', 'flat') });
    expect(json.metadata).toMatchObject({ labels: { by: 'webhook' } });
    expect(json.metadata.finalizers).toBeUndefined();
  });

  const of = 'conversion webhook for example.com/v1beta1, Kind=Widget';
  it.each<[string, (review: ConversionReview) => Answer, string]>([
    [
      'no webhook answers',
      () => ({ type: 'failed', message: 'Post "https://convert.example/now": context deadline exceeded' }),
      `${of} failed: Post "https://convert.example/now": context deadline exceeded`,
    ],
    [
      'another kind comes',
      () => ({ type: 'answered', value: { apiVersion: 'v1', kind: 'Pod' } }),
      `${of} failed: no kind "Pod" is registered for version "v1" in scheme "pkg/util/webhook/client.go:71"`,
    ],
    [
      'there is no response',
      () => ({ type: 'answered', value: { apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview' } }),
      `${of} failed: no response provided`,
    ],
    ['it is to another question', () => answered({ uid: 'x', result: { status: 'Success' }, convertedObjects: [] }), `${of} failed: expected response.uid="`],
    [
      'it says that it failed',
      ({ request: { uid } }) => answered({ uid, result: { status: 'Failed', message: 'no such shape' } }),
      `${of} failed: no such shape`,
    ],
    ['it says nothing of why', ({ request: { uid } }) => answered({ uid, result: {} }), `${of} failed: response.result.status was '', not 'Success'`],
    ['an object is missing', (review) => success(review, []), `${of} returned 0 objects, expected 1`],
    ['it is none', (review) => success(review, ['x']), `${of} returned invalid object at index 0: invalid type`],
    [
      'it is of another version',
      (review) => success(review, review.request.objects),
      `${of} returned invalid object at index 0: invalid groupVersion (expected example.com/v1, received example.com/v1beta1)`,
    ],
    [
      'it is of another kind',
      (review) =>
        success(
          review,
          convertedWidgets(review).map((object) => ({ ...object, kind: 'Gadget' })),
        ),
      `${of} returned invalid object at index 0: invalid kind (expected Widget, received Gadget)`,
    ],
    [
      'it has no metadata',
      (review) =>
        success(
          review,
          convertedWidgets(review).map(({ metadata: _, ...object }) => object),
        ),
      `${of} returned invalid metadata: missing metadata in converted object`,
    ],
    [
      'its metadata are none',
      (review) =>
        success(
          review,
          convertedWidgets(review).map((object) => ({ ...object, metadata: 'x' })),
        ),
      `${of} returned invalid metadata: invalid metadata of type string in converted object`,
    ],
    [
      'it has another name',
      (review) =>
        success(
          review,
          convertedWidgets(review).map((object) => ({ ...object, metadata: { ...object.metadata, name: 'z' } })),
        ),
      `${of} returned invalid object: must have the same name: a != z`,
    ],
    [
      'a label is no text',
      (review) =>
        success(
          review,
          convertedWidgets(review).map((object) => ({ ...object, metadata: { ...object.metadata, labels: { a: 1 } } })),
        ),
      `${of} returned invalid metadata: `,
    ],
  ])('are refused when %s', async (_, answer, message) => {
    const { server } = await withWebhook(answer);
    const { code, json } = await server.request(`POST ${OLD}`, { body: old('a', 'flat') });
    expect({ code, status: json.status, reason: json.reason }).toEqual({ code: 500, status: 'Failure', reason: undefined });
    expect(json.message).toContain(message);
    expect(server.replica.state.list('widgets.example.com')).toEqual([]);
  });

  it('are asked about a piece at a time', async () => {
    const { server, asked } = await withWebhook();
    const names = Array.from({ length: 1_200 }, (_, i) => `w${String(i).padStart(4, '0')}`);
    await server.create(...names.map((name) => widget(name, { size: 'S', color: `${name}-ish` })));
    asked.length = 0;
    const { json } = await server.request(`GET ${OLD}`);
    expect(json.items.map(({ spec }: { spec: { shape: string } }) => spec.shape)).toEqual(names);
    const sizes = asked.map(({ question }) => (question as ConversionReview).request.objects.length);
    expect(sizes).toEqual([500, 500, 200]);
    expect(new Set(asked.map(({ question }) => (question as ConversionReview).request.uid)).size).toBe(3);
    // So is one large object after the other.
    await server.create(...names.slice(0, 4).map((name) => widget(`x${name}`, { size: 'x'.repeat(400_000), color: 'deep-ish' })));
    asked.length = 0;
    // Those that were converted are, as long as they are what they were.
    expect((await server.request(`GET ${OLD}`)).json.items.length).toBe(1_204);
    expect(asked.map(({ question }) => (question as ConversionReview).request.objects.length)).toEqual([2, 2]);
  });

  it('are watched in each version, those that are there, and what changes, a piece at a time', async () => {
    const { server, asked } = await withWebhook();
    const [first] = await server.create(
      widget('a', { size: 'S', color: 'deep-ish' }),
      widget('b', { size: 'S', color: 'high-ish' }, { labels: { on: 'yes' } }),
    );
    for (let i = 0; i < 50; i++) {
      await server.request(`PATCH ${NEW}/a`, { body: { spec: { color: `c${i}-ish` } }, type: 'application/merge-patch+json' });
    }
    await server.request(`PATCH ${NEW}/b`, { body: { metadata: { labels: { on: null } } }, type: 'application/merge-patch+json' });
    const told = async (query: string, count: number) => {
      asked.length = 0;
      const stop = new AbortController();
      const { body } = await server.response(`GET ${OLD}?watch=1&${query}`, { signal: stop.signal });
      const events: { type: string; object: KubeObject }[] = [];
      let text = '';
      for await (const chunk of body!.pipeThrough(new TextDecoderStream())) {
        text += chunk;
        const lines = text.split('\n');
        text = lines.pop()!;
        events.push(...lines.map((line) => JSON.parse(line)));
        if (events.length >= count) break;
      }
      stop.abort();
      return events.map(({ type, object }) => [type, object.metadata.name, (fieldsOf(object)['spec'] as { shape: string } | undefined)?.shape]);
    };
    expect(await told('sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true', 3)).toEqual([
      ['ADDED', 'a', 'c49'],
      ['ADDED', 'b', 'high'],
      ['BOOKMARK', undefined, undefined],
    ]);
    expect(asked.length).toBe(1);
    const after = first!.metadata.resourceVersion;
    expect(await told(`resourceVersion=${after}`, 52)).toEqual([
      ['ADDED', 'b', 'high'],
      ...Array.from({ length: 50 }, (_, i) => ['MODIFIED', 'a', `c${i}`]),
      ['MODIFIED', 'b', 'high'],
    ]);
    expect(asked.length).toBe(1);
    expect(await told(`resourceVersion=${after}&labelSelector=on`, 2)).toEqual([
      ['ADDED', 'b', 'high'],
      ['DELETED', 'b', 'high'],
    ]);
  });

  it('that cannot be converted make a list of them fail, and reads in the version that is stored do not', async () => {
    let works = true;
    const { server } = await withWebhook((review) => (works ? success(review) : { type: 'failed', message: 'gone' }));
    await server.request(`POST ${NEW}`, { body: widget('a', { size: 'S', color: 'deep-ish' }) });
    works = false;
    expect(await server.request(`GET ${OLD}`)).toMatchObject({
      code: 500,
      json: { message: 'conversion webhook for example.com/v1, Kind=Widget failed: gone' },
    });
    expect((await server.request(`GET ${OLD}/a`)).code).toBe(500);
    expect((await server.request(`GET ${NEW}`)).code).toBe(200);
  });
});

describe('who owns the fields of custom objects that a webhook converts', () => {
  const apply = (server: TestServer, manager: string, object: object, query = '') =>
    server.request(`PATCH ${object === undefined ? '' : versionOf(object)}/a?fieldManager=${manager}${query}`, {
      body: object,
      type: 'application/apply-patch+yaml',
    });
  const versionOf = (object: object) => ((object as KubeObject).apiVersion === 'example.com/v1' ? NEW : OLD);
  const of = (version: 'v1' | 'v1beta1', spec: object) => ({ apiVersion: `example.com/${version}`, kind: 'Widget', metadata: { name: 'a' }, spec });
  const owners = async (server: TestServer, path = `${NEW}/a`) =>
    Object.fromEntries(
      ((await server.request(`GET ${path}`)).json.metadata.managedFields ?? []).map((entry: Record<string, never>) => [
        `${entry['manager']} ${entry['operation']} ${entry['apiVersion']}`,
        Object.keys(entry['fieldsV1']['f:spec'] ?? entry['fieldsV1']['f:status'] ?? {}).sort(),
      ]),
    );

  it('is told in the version in which each of them wrote', async () => {
    const { server } = await withWebhook();
    expect((await apply(server, 'one', of('v1beta1', { size: 'S', shape: 'flat' }))).code).toBe(201);
    const both = { 'one Apply example.com/v1beta1': ['f:shape', 'f:size'] };
    expect(await owners(server)).toEqual(both);
    expect(await owners(server, `${OLD}/a`)).toEqual(both);
    const refused = await apply(server, 'two', of('v1', { size: 'S', color: 'tall-ish' }));
    expect(refused).toMatchObject({ code: 409, json: { message: expect.stringContaining('conflict with "one": .spec.shape') } });
    expect((await apply(server, 'two', of('v1', { size: 'S', color: 'tall-ish' }), '&force=true')).json.spec).toMatchObject({ color: 'tall-ish' });
    expect(await owners(server)).toEqual({ 'one Apply example.com/v1beta1': ['f:size'], 'two Apply example.com/v1': ['f:color', 'f:size'] });
    // A write of another kind takes it, too.
    await server.request(`PATCH ${OLD}/a?fieldManager=three`, { body: { spec: { shape: 'wide' } }, type: 'application/merge-patch+json' });
    expect(await owners(server)).toEqual({
      'one Apply example.com/v1beta1': ['f:size'],
      'two Apply example.com/v1': ['f:size'],
      'three Update example.com/v1beta1': ['f:shape'],
    });
    expect(await specOf(server, `${NEW}/a`)).toEqual({ size: 'S', color: 'wide-ish' });
    expect(server.problems).toEqual([]);
  });

  it('is pruned in the version in which it was applied last', async () => {
    const { server } = await withWebhook();
    await apply(server, 'one', of('v1beta1', { size: 'S', shape: 'flat', replicas: 3 }));
    const { json } = await apply(server, 'one', of('v1', { size: 'M' }));
    expect(json.spec).toMatchObject({ size: 'M' });
    expect(json.spec.replicas).toBeUndefined();
    expect(await owners(server)).toEqual({ 'one Apply example.com/v1': ['f:size'] });
  });

  it('is told of a status, too', async () => {
    const { server } = await withWebhook();
    await server.create(widget('a', { size: 'S', color: 'deep-ish' }));
    const body = { status: { ready: 1 } };
    const { json } = await server.request(`PATCH ${OLD}/a/status?fieldManager=two`, { body, type: 'application/merge-patch+json' });
    expect(json).toMatchObject({ apiVersion: 'example.com/v1beta1', spec: { shape: 'deep' }, status: { ready: 1 } });
    expect(await owners(server)).toMatchObject({ 'two Update example.com/v1beta1': ['.', 'f:ready'] });
    expect(await specOf(server, `${NEW}/a`)).toEqual({ size: 'S', color: 'deep-ish' });
  });

  it('is not guessed when the webhook is gone: what needs it is refused', async () => {
    let works = true;
    const { server } = await withWebhook((review) => (works ? success(review) : { type: 'failed', message: 'gone' }));
    await apply(server, 'one', of('v1beta1', { size: 'S', shape: 'flat' }));
    works = false;
    expect(await apply(server, 'two', of('v1', { size: 'M' }))).toMatchObject({
      code: 500,
      json: { message: 'failed to convert old object: conversion webhook for example.com/v1, Kind=Widget failed: gone' },
    });
    works = true;
    expect(await owners(server)).toEqual({ 'one Apply example.com/v1beta1': ['f:shape', 'f:size'] });
  });
});

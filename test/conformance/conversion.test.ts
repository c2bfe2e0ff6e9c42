import { describe, expect, it } from 'vitest';
import type { Answer, Ask } from '../../core/admission/ask.ts';
import { fieldsOf } from '../../core/kube/fields.ts';
import type { KubeObject } from '../../core/kube/object.ts';
import { type TestServer, testServer } from '../../core/testing/server.ts';
import { definition, definitionWith, widget } from './widgets.ts';

/** Custom objects in several versions: without a webhook they change their `apiVersion` only, with one it is asked. */

const OLD = '/apis/example.com/v1beta1/namespaces/default/widgets';
const NEW = '/apis/example.com/v1/namespaces/default/widgets';

interface Review {
  readonly request: { readonly uid: string; readonly desiredAPIVersion: string; readonly objects: readonly KubeObject[] };
}

/** The answer that a webhook owes: v1beta1 has a shape, of which v1 makes a color. */
function converted({ request }: Review): KubeObject[] {
  return request.objects.map((object) => {
    const { shape, color, ...rest } = fieldsOf(object)['spec'] as Record<string, unknown>;
    const spec = request.desiredAPIVersion.endsWith('/v1') ? { ...rest, color: `${shape}-ish` } : { ...rest, shape: String(color).replace('-ish', '') };
    return { ...object, apiVersion: request.desiredAPIVersion, spec } as KubeObject;
  });
}

const answered = (response: object): Answer => ({ type: 'answered', value: { apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview', response } });

const success = (review: Review, convertedObjects: unknown = converted(review)): Answer =>
  answered({ uid: review.request.uid, result: { status: 'Success' }, convertedObjects });

/** A cluster whose widgets a webhook converts. */
async function withWebhook(answer: (review: Review) => Answer = success) {
  const asked: Ask[] = [];
  const server = await testServer({
    ask: async (ask) => {
      asked.push(ask);
      return answer(ask.question as Review);
    },
  });
  const conversion = { strategy: 'Webhook', webhook: { conversionReviewVersions: ['v1'], clientConfig: { url: 'https://convert.example/now' } } };
  await server.create(definitionWith({ conversion }));
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
        converted(review).map(({ metadata, ...rest }) => ({ ...rest, metadata: { ...metadata, labels: { by: 'webhook' }, finalizers: ['example.com/mine'] } })),
      ),
    );
    const { json } = await server.request(`POST ${OLD}`, { body: old('a', 'flat') });
    expect(json.metadata).toMatchObject({ labels: { by: 'webhook' } });
    expect(json.metadata.finalizers).toBeUndefined();
  });

  const of = 'conversion webhook for example.com/v1beta1, Kind=Widget';
  it.each<[string, (review: Review) => Answer, string]>([
    [
      'no webhook answers',
      () => ({ type: 'failed', message: 'Post "https://convert.example/now": context deadline exceeded' }),
      `${of} failed: Post "https://convert.example/now": context deadline exceeded`,
    ],
    [
      'another kind comes',
      () => ({ type: 'answered', value: { apiVersion: 'v1', kind: 'Pod' } }),
      `${of} failed: expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got v1, Kind=Pod`,
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
          converted(review).map((object) => ({ ...object, kind: 'Gadget' })),
        ),
      `${of} returned invalid object at index 0: invalid kind (expected Widget, received Gadget)`,
    ],
    [
      'it has no metadata',
      (review) =>
        success(
          review,
          converted(review).map(({ metadata: _, ...object }) => object),
        ),
      `${of} returned invalid metadata: missing metadata in converted object`,
    ],
    [
      'its metadata are none',
      (review) =>
        success(
          review,
          converted(review).map((object) => ({ ...object, metadata: 'x' })),
        ),
      `${of} returned invalid metadata: invalid metadata of type string in converted object`,
    ],
    [
      'it has another name',
      (review) =>
        success(
          review,
          converted(review).map((object) => ({ ...object, metadata: { ...object.metadata, name: 'z' } })),
        ),
      `${of} returned invalid object: must have the same name: a != z`,
    ],
    [
      'a label is no text',
      (review) =>
        success(
          review,
          converted(review).map((object) => ({ ...object, metadata: { ...object.metadata, labels: { a: 1 } } })),
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

import { beforeEach, describe, expect, it, vi } from 'vitest';
import { forgetfulLog } from '../../testing/forgetful-log.ts';
import { configMap, namespace, pod } from '../../testing/objects.ts';
import { type Answer, type TestServer, testServer } from '../../testing/server.ts';
import { withManagedFields } from '../request/target.ts';

const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';

let server: TestServer;
beforeEach(async () => {
  server = await testServer({
    objects: [
      namespace('default'),
      namespace('other'),
      configMap('a', { labels: { app: 'web', tier: 'front' } }),
      configMap('b', { labels: { app: 'db' } }),
      configMap('c', { namespace: 'other', labels: { app: 'web' } }),
    ],
  });
});

const names = ({ json }: Answer): string[] => json.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name);

describe('a large list', () => {
  const JSON_LIST = 'application/json';
  const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const METADATA = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';

  it.each([JSON_LIST, TABLE, METADATA])('as %s is made piece by piece, as its client reads it, and is of one state', async (accept) => {
    const labels = { long: 'x'.repeat(60) };
    const create = (n: number) => server.create(...Array.from({ length: 100 }, (_, i) => configMap(`m${n + i}`, { labels, data: { x: 'y'.repeat(500) } })));
    for (let n = 1000; n < 5000; n += 100) await create(n);
    const stringify = vi.spyOn(JSON, 'stringify');
    const response = await server.response(`GET ${CONFIGMAPS}`, { accept });
    const before = stringify.mock.calls.length;
    for (let i = 0; i < 100; i++) await server.clock.turn();
    expect(stringify.mock.calls.length).toBe(before);
    expect(before).toBeLessThan(4_000);
    await server.request(`DELETE ${CONFIGMAPS}/m4999`);
    const list = JSON.parse(await response.text());
    stringify.mockRestore();
    expect((list.items ?? list.rows).length).toBe(4_002);
    expect(list.metadata.resourceVersion).toBe('4005');
  });
});

describe('a list that was answered before', () => {
  const STREAM = `${CONFIGMAPS}?watch=true&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan`;
  const isConfigMap = (value: unknown) => (value as { kind?: string } | undefined)?.kind === 'ConfigMap';

  /** What an answer says, and how many objects were encoded for it. */
  async function answered(line: string, enough: (text: string) => boolean = () => false): Promise<{ text: string; encoded: number }> {
    const stringify = vi.spyOn(JSON, 'stringify');
    const reader = (await server.response(line)).body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      text += next.value;
      if (enough(text)) await reader.cancel();
    }
    const encoded = stringify.mock.calls.filter(([value]) => isConfigMap(value)).length;
    stringify.mockRestore();
    return { text, encoded };
  }

  it('is encoded again only where it has changed, and for a streaming list not at all', async () => {
    await server.create(...Array.from({ length: 2_000 }, (_, i) => configMap(`m${1000 + i}`, { data: { x: 'y'.repeat(500) } })));
    const first = await answered(`GET ${CONFIGMAPS}`);
    expect(first.encoded).toBe(2_002);
    const again = await answered(`GET ${CONFIGMAPS}`);
    expect(again.text).toBe(first.text);
    expect(again.encoded).toBeLessThan(500);

    await server.request(`PUT ${CONFIGMAPS}/m1700`, { body: configMap('m1700', { data: { x: 'new' } }) });
    const changed = await answered(`GET ${CONFIGMAPS}`);
    expect(changed.encoded).toBeGreaterThan(again.encoded);
    expect(changed.encoded).toBeLessThan(1_500);
    const objects = server.replica.state.list('configmaps', 'default');
    const shown = objects.map((object) => withManagedFields(object, object));
    const items = shown.map(({ apiVersion: _a, kind: _k, ...rest }) => rest);
    const { offset } = server.replica.state;
    expect(JSON.parse(changed.text)).toEqual({ kind: 'ConfigMapList', apiVersion: 'v1', metadata: { resourceVersion: String(offset) }, items });

    const stream = await answered(`GET ${STREAM}`, (text) => text.includes('initial-events-end'));
    expect(stream.encoded).toBeLessThan(500);
    const lines = stream.text.slice(0, stream.text.indexOf('{"type":"BOOKMARK"')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(shown.map((object) => ({ type: 'ADDED', object })));
  });
});

describe('what a list has', () => {
  it('names the kind once, for all', async () => {
    const { json, headers } = await server.request(`GET ${CONFIGMAPS}`);
    expect(json).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1', metadata: { resourceVersion: '5' } });
    expect(Object.keys(json.items[0])).toEqual(['metadata']);
    expect(headers.get('content-type')).toBe('application/json');
  });

  it.each([
    { name: 'one namespace', path: CONFIGMAPS, want: ['a', 'b'] },
    { name: 'all namespaces, by namespace and name', path: '/api/v1/configmaps', want: ['a', 'b', 'c'] },
    { name: 'a label', path: '/api/v1/configmaps?labelSelector=app%3Dweb', want: ['a', 'c'] },
    { name: 'not a label', path: '/api/v1/configmaps?labelSelector=app!%3Dweb', want: ['b'] },
    { name: 'a set of labels', path: '/api/v1/configmaps?labelSelector=app+in+(web,db),!tier', want: ['b', 'c'] },
    { name: 'a name', path: '/api/v1/configmaps?fieldSelector=metadata.name%3Db', want: ['b'] },
    { name: 'a namespace, as a field', path: '/api/v1/configmaps?fieldSelector=metadata.namespace%3Dother', want: ['c'] },
    { name: 'every name but one', path: `${CONFIGMAPS}?fieldSelector=metadata.name!%3Da`, want: ['b'] },
    { name: 'fields and labels', path: '/api/v1/configmaps?fieldSelector=metadata.name%3Da&labelSelector=app%3Ddb', want: [] },
  ])('selects by $name', async ({ path, want }) => {
    expect(names(await server.request(`GET ${path}`))).toEqual(want);
  });

  it('selects pods by fields of their own', async () => {
    await server.create(pod('p', { nodeName: 'n1' }), pod('q', { nodeName: 'n2' }), pod('r'));
    expect(names(await server.request('GET /api/v1/pods?fieldSelector=spec.nodeName%3Dn1'))).toEqual(['p']);
    expect(names(await server.request('GET /api/v1/pods?fieldSelector=spec.nodeName%3D'))).toEqual(['r']);
    expect(names(await server.request('GET /api/v1/pods?fieldSelector=status.phase%3DPending,spec.nodeName!%3Dn2'))).toEqual(['p', 'r']);
  });

  it('shows an old cluster as it was', async () => {
    await server.request(`DELETE ${CONFIGMAPS}/a`);
    expect(names(await server.request(`GET ${CONFIGMAPS}`))).toEqual(['b']);
    expect(names(await server.request(`GET /clusters/main@5${CONFIGMAPS}`))).toEqual(['a', 'b']);
    expect(names(await server.request(`GET /clusters/main@3${CONFIGMAPS}`))).toEqual(['a']);
  });

  it('shows a cluster as it was at a time', async () => {
    server.clock.advance(60_000);
    await server.create(configMap('late'));
    expect(names(await server.request(`GET /clusters/main@2026-01-01T00:00:30Z${CONFIGMAPS}`))).toEqual(['a', 'b']);
    expect(names(await server.request(`GET /clusters/main@2026-01-01T01:01:00%2B01:00${CONFIGMAPS}`))).toEqual(['a', 'b', 'late']);
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('%s changes nothing of a cluster as it was', async (method) => {
    const line = `${method} /clusters/main@3${CONFIGMAPS}${method === 'POST' ? '' : '/a'}`;
    const { code, json } = await server.request(line, { body: configMap('a') });
    expect({ code, message: json.message }).toEqual({ code: 405, message: 'cluster main is shown as it was at another time: it can only be read' });
  });

  it('takes a group for one of reviews by its whole name', async () => {
    const { code } = await server.request('POST /clusters/main@3/apis/authors.example.com/v1/namespaces/default/books', { body: configMap('a') });
    expect(code).toBe(405);
  });

  it('gives rows of a Table the fields of their objects that are asked for', async () => {
    const { json } = await server.request(`GET ${CONFIGMAPS}?fields=metadata.labels.app`, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
    expect(json).toMatchObject({ kind: 'Table', columnDefinitions: [{ name: 'Name' }, { name: 'Data' }, { name: 'Age' }] });
    expect(json.rows[0].cells.slice(0, 2)).toEqual(['a', 0]);
    expect(json.rows[0].object).toEqual({
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { name: 'a', namespace: 'default', resourceVersion: expect.any(String), labels: { app: 'web' } },
    });
  });

  it('is a Table for clients that ask for one', async () => {
    const { json } = await server.request(`GET ${CONFIGMAPS}?includeObject=None`, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' });
    expect(json).toMatchObject({
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { resourceVersion: '5' },
      columnDefinitions: [{ name: 'Name' }, { name: 'Data' }, { name: 'Age' }],
    });
    expect(json.rows).toEqual([
      { cells: ['a', 0, '0s'], object: null },
      { cells: ['b', 0, '0s'], object: null },
    ]);
  });

  it('is metadata alone for clients that ask for no more', async () => {
    const { json } = await server.request(`GET ${CONFIGMAPS}`, { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' });
    expect(json).toMatchObject({
      kind: 'PartialObjectMetadataList',
      items: [{ kind: 'PartialObjectMetadata', metadata: { name: 'a' } }, { metadata: { name: 'b' } }],
    });
  });

  it('goes out in pieces when it is large, and whole', async () => {
    const data = { x: 'x'.repeat(50_000) };
    await server.create(...Array.from({ length: 20 }, (_, i) => configMap(`large-${i}`, { data })));
    const answer = await server.response(`GET ${CONFIGMAPS}`);
    const pieces: number[] = [];
    let text = '';
    for await (const piece of answer.body as unknown as AsyncIterable<Uint8Array>) {
      pieces.push(piece.length);
      text += new TextDecoder().decode(piece);
    }
    expect(pieces.length).toBeGreaterThan(2);
    expect(JSON.parse(text).items).toHaveLength(22);
  });
});

describe('pages', () => {
  it('are of one state, whatever happens between them', async () => {
    const first = await server.request('GET /api/v1/configmaps?limit=2');
    expect({ names: names(first), remaining: first.json.metadata.remainingItemCount }).toEqual({ names: ['a', 'b'], remaining: 1 });
    await server.request('DELETE /api/v1/namespaces/other/configmaps/c');
    const second = await server.request(`GET /api/v1/configmaps?limit=2&continue=${first.json.metadata.continue}`);
    expect({ names: names(second), meta: second.json.metadata }).toEqual({ names: ['c'], meta: { resourceVersion: '5' } });
  });

  it('count what is left only where nothing is selected', async () => {
    const { json } = await server.request('GET /api/v1/configmaps?limit=1&labelSelector=app%3Dweb');
    expect(Object.keys(json.metadata)).toEqual(['resourceVersion', 'continue']);
  });

  it('are as many as it takes', async () => {
    await server.create(...Array.from({ length: 20 }, (_, i) => configMap(`many-${i}`)));
    const all: string[] = [];
    let token = '';
    do {
      const answer = await server.request(`GET ${CONFIGMAPS}?limit=3&continue=${token}`);
      all.push(...names(answer));
      token = answer.json.metadata.continue ?? '';
    } while (token);
    expect(all).toEqual(names(await server.request(`GET ${CONFIGMAPS}`)));
  });

  it('end when a list takes too long while others write, as where the history is compacted', async () => {
    const first = await server.request(`GET ${CONFIGMAPS}?limit=1`);
    const next = () => server.request(`GET ${CONFIGMAPS}?limit=1&continue=${first.json.metadata.continue}`);
    server.clock.advance(3_600_000);
    expect((await next()).code).toBe(200);
    await server.create(configMap('later'));
    const refused = await next();
    expect(refused).toMatchObject({ code: 410, json: { reason: 'Expired' } });
    const rest = await server.request(`GET ${CONFIGMAPS}?continue=${refused.json.metadata.continue}`);
    expect({ code: rest.code, names: names(rest) }).toEqual({ code: 200, names: ['b', 'later'] });
  });

  it('last for as long as one likes where the cluster is shown at an offset', async () => {
    const at = `/clusters/main@${server.replica.state.offset}`;
    const first = await server.request(`GET ${at}${CONFIGMAPS}?limit=1`);
    await server.create(configMap('later'));
    server.clock.advance(3_600_000);
    expect(names(await server.request(`GET ${at}${CONFIGMAPS}?continue=${first.json.metadata.continue}`))).toEqual(['b']);
  });

  it('go on inconsistently when their state is no longer kept, for clients that want that', async () => {
    const log = forgetfulLog();
    server = await testServer({ log, historyLimit: 2, objects: [namespace('default'), configMap('a'), configMap('b'), configMap('c')] });
    const first = await server.request(`GET ${CONFIGMAPS}?limit=1`);
    for (let i = 0; i < 6; i++) await server.create(configMap(`d${i}`));
    log.forget(8);
    const refused = await server.request(`GET ${CONFIGMAPS}?limit=1&continue=${first.json.metadata.continue}`);
    expect(refused).toMatchObject({
      code: 410,
      json: { reason: 'Expired', message: expect.stringMatching(/^The provided continue parameter is too old to display a consistent list result/) },
    });
    const { json } = await server.request(`GET ${CONFIGMAPS}?limit=1&continue=${refused.json.metadata.continue}`);
    expect(json).toMatchObject({ metadata: { resourceVersion: '10' }, items: [{ metadata: { name: 'b' } }] });
  });
});

describe('which state a list is of', () => {
  beforeEach(() => server.request(`DELETE ${CONFIGMAPS}/a`));

  it.each([
    { query: '', want: ['b'], version: '6' },
    { query: 'resourceVersion=0', want: ['b'], version: '6' },
    { query: 'resourceVersion=5', want: ['b'], version: '6' },
    { query: 'resourceVersion=5&resourceVersionMatch=NotOlderThan', want: ['b'], version: '6' },
    { query: 'resourceVersion=5&resourceVersionMatch=Exact', want: ['a', 'b'], version: '5' },
    { query: 'resourceVersion=5&limit=9', want: ['a', 'b'], version: '5' },
  ])('$query', async ({ query, want, version }) => {
    const answer = await server.request(`GET ${CONFIGMAPS}?${query}`);
    expect({ names: names(answer), version: answer.json.metadata.resourceVersion }).toEqual({ names: want, version });
  });

  it('may be asked of one object as well', async () => {
    expect((await server.request(`GET ${CONFIGMAPS}/b?resourceVersion=0`)).code).toBe(200);
    expect(await server.request(`GET ${CONFIGMAPS}/b?resourceVersion=99`)).toMatchObject({ code: 504 });
  });
});

describe('what cannot be listed', () => {
  it.each([
    { query: 'labelSelector=a%3Db%3Dc', code: 400, message: "found '=', expected: ',' or 'end of string'" },
    { query: 'fieldSelector=spec.foo%3Dx', code: 400, message: '"spec.foo" is not a known field selector: only "metadata.name", "metadata.namespace"' },
    { query: 'fieldSelector=foo', code: 400, message: "invalid selector: 'foo'; can't understand 'foo'" },
    {
      query: 'resourceVersion=x',
      code: 400,
      message: 'invalid resource version: resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax',
    },
    { query: 'limit=x', code: 400, message: 'strconv.ParseInt: parsing "x": invalid syntax' },
    { query: 'continue=x', code: 400, message: 'invalid continue token: continue key is not valid: illegal base64 data at input byte 0' },
    {
      query: 'includeObject=Some',
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
      code: 400,
      message: `Unable to convert to Table as requested: includeObject: Invalid value: "Some": must be 'Metadata', 'Object', 'None', or empty`,
    },
    { query: 'resourceVersion=99', code: 504, message: 'Too large resource version: 99, current: 5' },
    { query: 'resourceVersion=99&resourceVersionMatch=Exact', code: 504, message: 'Too large resource version: 99, current: 5' },
    {
      query: 'resourceVersionMatch=Exact',
      code: 422,
      message: 'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
    },
    {
      query: 'resourceVersion=0&resourceVersionMatch=Exact',
      code: 422,
      message: 'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
    },
    {
      query: 'sendInitialEvents=1',
      code: 422,
      message: 'ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list',
    },
  ])('$query: $code', async ({ query, accept, code, message }) => {
    const answer = await server.request(`GET ${CONFIGMAPS}?${query}`, accept ? { accept } : {});
    expect({ code: answer.code, message: answer.json.message }).toEqual({ code, message });
  });

  it('says when to ask again for what is still to come', async () => {
    const { json, headers } = await server.request(`GET ${CONFIGMAPS}?resourceVersion=99`);
    expect(json.details).toEqual({ retryAfterSeconds: 1, causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }] });
    expect(headers.get('retry-after')).toBe('1');
  });

  it.each([
    { cluster: 'main@99', code: 504, message: 'Too large resource version: 99, current: 5' },
    { cluster: 'main@yesterday', code: 404, message: 'bookmarks.logplane.dev "yesterday" not found' },
    { cluster: 'main@Yesterday', code: 400, message: '"Yesterday" is neither a resourceVersion, nor an RFC 3339 time, nor the name of a bookmark' },
  ])('$cluster: $code', async ({ cluster, code, message }) => {
    const answer = await server.request(`GET /clusters/${cluster}${CONFIGMAPS}`);
    expect({ code: answer.code, message: answer.json.message }).toEqual({ code, message });
  });
});

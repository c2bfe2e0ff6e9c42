import { beforeEach, describe, expect, it } from 'vitest';
import { configMap } from '../../testing/objects.ts';
import { type TestServer, testServer } from '../../testing/server.ts';

const BOOKMARKS = '/apis/logplane.dev/v1/bookmarks';
const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';
const bookmark = (name: string, spec?: object) => ({ apiVersion: 'logplane.dev/v1', kind: 'Bookmark', metadata: { name }, ...(spec && { spec }) });
const apply = { type: 'application/apply-patch+yaml' };

describe('a bookmark', () => {
  let server: TestServer;
  /** Of the ConfigMap `a`; `b` comes a minute later. */
  let ofA: number;
  beforeEach(async () => {
    server = await testServer();
    await server.create(configMap('a'));
    ofA = server.replica.state.offset;
    server.clock.advance(60_000);
    await server.create(configMap('b'));
  });

  const put = (spec: object | undefined, name = 'before') => server.request(`POST ${BOOKMARKS}`, { body: bookmark(name, spec) });
  const namesAt = async (cluster: string) =>
    (await server.request(`GET /clusters/${cluster}${CONFIGMAPS}`)).json.items.map((item: { metadata: { name: string } }) => item.metadata.name);

  it.each([
    { spec: (offset: number) => ({ at: offset }) },
    { spec: (offset: number) => ({ at: String(offset) }) },
    { spec: (offset: number) => ({ offset }) },
    { spec: () => ({ at: '2026-01-01T00:00:30Z' }) },
  ])('names an offset, which may be told as a time: $spec', async ({ spec }) => {
    expect((await put(spec(ofA))).json).toMatchObject({ spec: { offset: ofA } });
    expect(await namesAt('main@before')).toEqual(['a']);
    expect((await server.request(`PUT /clusters/main@before${CONFIGMAPS}/a`, { body: configMap('a') })).code).toBe(405);
  });

  it('names the newest, unless told', async () => {
    expect((await put(undefined)).json).toMatchObject({ spec: { offset: ofA + 1 } });
    await server.create(configMap('c'));
    expect(await namesAt('main@before')).toEqual(['a', 'b']);
  });

  it('is moved by whatever writes it', async () => {
    await put({ note: 'now' });
    const at = { spec: { at: '2026-01-01T00:00:30Z' } };
    const moved = await server.request(`PATCH ${BOOKMARKS}/before`, { body: at, type: 'application/merge-patch+json' });
    expect(moved.json).toMatchObject({ spec: { offset: ofA, note: 'now' } });
    const json = [{ op: 'replace', path: '/spec/at', value: ofA + 1 }];
    expect((await server.request(`PATCH ${BOOKMARKS}/before`, { body: json, type: 'application/json-patch+json' })).json).toMatchObject({
      spec: { offset: ofA + 1 },
    });
    const applied = await server.request(`PATCH ${BOOKMARKS}/other?fieldManager=a`, { body: bookmark('other', at.spec), ...apply });
    expect(applied.json).toMatchObject({ spec: { offset: ofA } });
    expect((await server.request(`PUT ${BOOKMARKS}/other`, { body: { ...applied.json, spec: { ...applied.json.spec, note: 'kept' } } })).json).toMatchObject({
      spec: { offset: ofA, note: 'kept' },
    });
  });

  it.each([
    { spec: { at: 999 }, message: 'spec.at: Invalid value: 999: must not be in the future: the log ends at 3' },
    { spec: { offset: 999 }, message: 'spec.offset: Invalid value: 999: must not be in the future: the log ends at 3' },
    {
      spec: { at: '2036-01-01T00:00:00Z' },
      message: 'spec.at: Invalid value: "2036-01-01T00:00:00Z": must not be in the future: it is 2026-01-01T00:01:00Z in the cluster',
    },
    { spec: { at: '2025-01-01T00:00:00Z' }, message: 'spec.at: Invalid value: "2025-01-01T00:00:00Z": must not be before the cluster began' },
    { spec: { at: 'yesterday' }, message: 'spec.at: Invalid value: "yesterday": must be a resourceVersion or an RFC 3339 time' },
    { name: '4711', message: 'metadata.name: Invalid value: "4711": must not look like a resourceVersion or a time, as which NAME@… would be read' },
    {
      name: '2026-01-01',
      message: 'metadata.name: Invalid value: "2026-01-01": must not look like a resourceVersion or a time, as which NAME@… would be read',
    },
  ])('is refused: $message', async ({ spec, name, message }) => {
    const { json } = await put(spec, name);
    expect(json).toMatchObject({ kind: 'Status', reason: 'Invalid', code: 422, message: `Bookmark.logplane.dev "${name ?? 'before'}" is invalid: ${message}` });
  });

  it('that is not there is not found', async () => {
    expect((await server.request(`GET /clusters/main@gone${CONFIGMAPS}`)).json).toMatchObject({
      code: 404,
      message: 'bookmarks.logplane.dev "gone" not found',
    });
  });

  it('is not found out by those who may not write it', async () => {
    expect((await server.request(`POST ${BOOKMARKS}`, { body: bookmark('mine', { at: 1 }), token: 'alice' })).code).toBe(403);
  });
});

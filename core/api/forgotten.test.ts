import { beforeAll, describe, expect, it } from 'vitest';
import { clusterReconcilers } from '../clusters/cluster-reconcilers.ts';
import { setSettings } from '../clusters/settings.ts';
import { nodeObjects } from '../nodes/node-objects.ts';
import { START } from '../testing/env.ts';
import { configMap } from '../testing/objects.ts';
import { type TestServer, testServer } from '../testing/server.ts';

const HOUR = 3_600_000;
const OWN = '/apis/logplane.dev/v1';
const DEFAULT = '/namespaces/default';
const CONFIGMAPS = `/api/v1${DEFAULT}/configmaps`;
const EARLY = new Date(START + 1_000).toISOString();

/** What is asked of a past that retention has cut (docs/decisions/0016-retention.md): 410, and nothing done. What is kept still answers. */
describe('a past that is no longer kept', () => {
  let server: TestServer;
  let [created, changed, kept] = [0, 0, 0];

  beforeAll(async () => {
    server = await testServer({ historyLimit: 1, reconcilers: async () => clusterReconcilers({ eventTtlMs: 0 }) });
    const { replica, clock } = server;
    await setSettings(replica, { retentionMs: HOUR });
    await server.create(...nodeObjects(1, START), configMap('a'));
    created = replica.state.offset;
    await server.create({ apiVersion: 'logplane.dev/v1', kind: 'Bookmark', metadata: { name: 'early' }, spec: { at: created } } as never);
    clock.advance(2_000);
    await patch('a', { n: '1' });
    changed = replica.state.offset;
    // The log begins at the newest snapshot that is older than what is kept.
    for (let i = 0; i < 4; i++) {
      clock.advance(HOUR);
      await patch('a', { n: `later ${i}` });
      if (i === 3) kept = replica.state.offset;
      await replica.snapshotIfDue();
      await replica.truncateIfDue();
      clock.advance(10 * 60_000);
      await replica.truncateIfDue();
    }
    await patch('a', { n: 'last' });
    expect(await replica.entries.begin()).toBeGreaterThan(changed);
    expect(await replica.entries.begin()).toBeLessThan(kept);
  });

  const patch = (name: string, data: object) => server.request(`PATCH ${CONFIGMAPS}/${name}`, { body: { data }, type: 'application/merge-patch+json' });
  let count = 0;
  const create = (kind: string, spec: object) =>
    server.request(`POST ${OWN}${DEFAULT}/${kind.toLowerCase()}s`, { body: { apiVersion: 'logplane.dev/v1', kind, metadata: { name: `x${++count}` }, spec } });
  const plan = (at: string | number) =>
    server.request(`POST /clusters/main@${at}${OWN}/plans`, {
      body: { apiVersion: 'logplane.dev/v1', kind: 'Plan', metadata: { name: 'p' }, spec: { manifests: [configMap('b')] } },
    });

  it.each<{ name: string; ask: () => ReturnType<TestServer['request']>; message: string }>([
    { name: 'a Restore of an offset', ask: () => create('Restore', { at: created, names: ['a'] }), message: 'is no longer kept' },
    { name: 'a Restore of a bookmark', ask: () => create('Restore', { at: 'early', names: ['a'] }), message: 'is no longer kept' },
    { name: 'a Restore of a time', ask: () => create('Restore', { at: EARLY, names: ['a'] }), message: 'is no longer kept' },
    { name: 'an Undo of an offset', ask: () => create('Undo', { offset: changed }), message: 'is no longer kept' },
    { name: 'an Undo of a request', ask: () => create('Undo', { request: changed }), message: 'is no longer kept' },
    { name: 'an Undo of what a user did since', ask: () => create('Undo', { actor: 'alice', since: 'early' }), message: 'is no longer kept' },
    { name: 'a plan', ask: () => plan(created), message: 'too old' },
    { name: 'a plan of a time', ask: () => plan(EARLY), message: 'too old' },
    { name: 'an object', ask: () => server.request(`GET /clusters/main@${created}${CONFIGMAPS}/a`), message: 'too old' },
    { name: 'a history', ask: () => server.request(`GET /clusters/main@${created}${CONFIGMAPS}/a/history`), message: 'too old' },
    { name: 'a blame', ask: () => server.request(`GET /clusters/main@early${CONFIGMAPS}/a/blame`), message: 'too old' },
    { name: 'manifests', ask: () => server.request(`GET ${OWN}/export?format=yaml&at=early`), message: 'too old' },
  ])('is told so: $name', async ({ ask, message }) => {
    const { offset } = server.replica.state;
    const { code, json } = await ask();
    expect({ code, json }).toMatchObject({ code: 410, json: { kind: 'Status', reason: 'Expired', message: expect.stringContaining(message) } });
    expect(server.replica.state.offset).toBe(offset);
    expect(server.problems).toEqual([]);
  });

  it('is told to a watch of changes in its first event', async () => {
    const { code, json } = await server.request(`GET ${OWN}/changes?watch=1&resourceVersion=${created}`);
    expect({ code, json }).toMatchObject({ code: 200, json: { type: 'ERROR', object: { code: 410, reason: 'Expired' } } });
  });

  it('ends what is listed of it, and leaves the rest', async () => {
    const begin = await server.replica.entries.begin();
    const offsetsOf = ({ json }: { json: { items: { offset: number }[] } }) => json.items.map(({ offset }) => offset);
    const history = await server.request(`GET ${CONFIGMAPS}/a/history`);
    expect({ code: history.code, last: offsetsOf(history).at(-1), rest: history.json.metadata.continue }).toMatchObject({ code: 200, rest: '' });
    expect(offsetsOf(history).length).toBeGreaterThan(1);
    expect(Math.min(...offsetsOf(history))).toBeGreaterThan(begin);
    const all = await server.request(`GET ${OWN}/changes?fieldSelector=from%3D1`);
    expect({ code: all.code, first: Math.min(...offsetsOf(all)) }).toEqual({ code: 200, first: begin + 1 });
    expect((await server.request(`GET ${OWN}/changes/${changed}`)).code).toBe(404);
    const blame = await server.request(`GET ${CONFIGMAPS}/a/blame`);
    expect(blame.json.fields.map(({ path }: { path: string }) => path)).toContain('.data.n');
  });

  it('is behind what is kept, which is restored and undone', async () => {
    expect((await plan(kept)).code).toBe(201);
    expect((await create('Restore', { at: kept, names: ['a'] })).json.status).toMatchObject({ changed: 1 });
    expect(server.replica.state.get('configmaps', 'default', 'a')!.data).toEqual({ n: 'later 3' });
    await patch('a', { n: 'mistake' });
    expect((await create('Undo', { offset: server.replica.state.offset })).code).toBe(201);
    expect(server.replica.state.get('configmaps', 'default', 'a')!.data).toEqual({ n: 'later 3' });
  });
});

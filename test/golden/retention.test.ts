import { describe, expect, it, vi } from 'vitest';
import { PATIENCE_MS } from '../support/patience.ts';
import { type Cluster, startCluster, startHost } from './cluster.ts';

/** What clients see of a past that ends (`--retention`). */

const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';

const post = (path: string, body: object) => ({ path, init: { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } });

/** Writes a ConfigMap; its offset. */
async function create(cluster: Cluster, name: string): Promise<string> {
  const { path, init } = post(CONFIGMAPS, { metadata: { name } });
  const answer = await cluster.fetch(path, init);
  expect(answer.status).toBe(201);
  return (answer.json() as { metadata: { resourceVersion: string } }).metadata.resourceVersion;
}

/** Resolves when the controllers have run, and have done what they do behind their run. */
async function restarted(cluster: Cluster, name: string): Promise<void> {
  const { path, init } = post('/api/v1/namespaces', { metadata: { name } });
  await cluster.fetch(path, init);
  const done = async () => expect(await cluster.fetch(`/api/v1/namespaces/${name}/serviceaccounts/default`)).toMatchObject({ status: 200 });
  await vi.waitFor(done, { timeout: PATIENCE_MS, interval: 100 });
  await cluster.host.stop();
  await cluster.start();
}

/** A cluster that was written to and then slept for an hour; the offset of the first of what was written. */
async function aged(cluster: Cluster): Promise<string> {
  const offset = await create(cluster, 'a');
  await create(cluster, 'b');
  await cluster.host.stop();
  cluster.setClock(3_600_000);
  await cluster.start();
  await restarted(cluster, 'later');
  return offset;
}

describe('the past of a cluster', () => {
  it('that is older than its retention is gone: 410, and the present is all there', async () => {
    await using cluster = await startCluster({ args: ['--retention', '30m', '--nodes', '0'], durable: true, shiftedClock: true });
    const offset = await aged(cluster);
    const gone = { kind: 'Status', status: 'Failure', reason: 'Expired', code: 410 };
    const past = await cluster.fetch(`/clusters/default@${offset}${CONFIGMAPS}`);
    expect([past.status, past.json()]).toMatchObject([410, { ...gone, message: 'The resourceVersion for the provided list is too old.' }]);
    const watch = cluster.stream(`${CONFIGMAPS}?watch=true&resourceVersion=${offset}`);
    await watch.seen('"type":"ERROR"');
    await watch.seen('"message":"The resourceVersion for the provided watch is too old."');
    await watch.seen('"code":410');
    const { items } = (await cluster.fetch(CONFIGMAPS)).json() as { items: { metadata: { name: string } }[] };
    expect(items.map(({ metadata }) => metadata.name).filter((name) => name.length === 1)).toEqual(['a', 'b']);
  });

  it('is kept for ever unless told', async () => {
    await using cluster = await startCluster({ args: ['--nodes', '0'], durable: true, shiftedClock: true });
    const offset = await aged(cluster);
    expect(await cluster.fetch(`/clusters/default@${offset}${CONFIGMAPS}/a`)).toMatchObject({ status: 200 });
  });
});

it.each(['1 day', '-1h', '10ms'])('a retention of %s is none', async (retention) => {
  const { code, text } = await startHost(['--retention', retention, '--memory', '--port', '0']).ended;
  expect(text).toContain(`argument '${retention}' is invalid. a duration such as 24h, of a second at least, or 0 for no end is needed.`);
  expect(code).toBe(2);
});

import { describe, expect, it, vi } from 'vitest';
import { PATIENCE_MS } from '../support/patience.ts';
import { type Cluster, startCluster, startHost } from './cluster.ts';

/** What clients see of Events that end (`--event-ttl`). */

const EVENTS = '/api/v1/namespaces/default/events';
const WITHIN = { timeout: PATIENCE_MS, interval: 100 };

const names = async (cluster: Cluster, at = ''): Promise<string[]> => {
  const { items } = (await cluster.fetch(`${at}${EVENTS}`)).json() as { items: { metadata: { name: string } }[] };
  return items.map(({ metadata }) => metadata.name);
};

/** Writes an Event; its offset. */
async function create(cluster: Cluster, name: string): Promise<string> {
  const body = { metadata: { name }, involvedObject: { kind: 'Pod', name: 'web', namespace: 'default' }, reason: 'Told', type: 'Normal' };
  const answer = await cluster.fetch(EVENTS, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  expect(answer.status).toBe(201);
  return (answer.json() as { metadata: { resourceVersion: string } }).metadata.resourceVersion;
}

describe('an Event', () => {
  it('ends after its time: a watch sees it go, and it is there at its offset for ever', async () => {
    await using cluster = await startCluster({ args: ['--event-ttl', '2s', '--nodes', '0'] });
    const offset = await create(cluster, 'a');
    const watch = cluster.stream(`${EVENTS}?watch=true&resourceVersion=${offset}`);
    await watch.seen('"type":"DELETED"');
    expect(await names(cluster)).toEqual([]);
    expect(await names(cluster, `/clusters/default@${offset}`)).toEqual(['a']);
  });

  it('that ended while the host was down is gone when it is back', async () => {
    await using cluster = await startCluster({ args: ['--nodes', '0'], durable: true, shiftedClock: true });
    const offset = await create(cluster, 'a');
    await cluster.host.stop();
    cluster.setClock(2 * 3_600_000);
    await cluster.start();
    await vi.waitFor(async () => expect(await names(cluster)).toEqual([]), WITHIN);
    expect(await names(cluster, `/clusters/default@${offset}`)).toEqual(['a']);
  });

  it('is kept when the TTL is 0', async () => {
    await using cluster = await startCluster({ args: ['--event-ttl', '0', '--nodes', '0'], durable: true, shiftedClock: true });
    await create(cluster, 'a');
    await cluster.host.stop();
    cluster.setClock(2 * 3_600_000);
    await cluster.start();
    // The controllers have run when a new namespace has what they put into it.
    await cluster.fetch('/api/v1/namespaces', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"metadata":{"name":"later"}}' });
    await vi.waitFor(async () => expect(await cluster.fetch('/api/v1/namespaces/later/serviceaccounts/default')).toMatchObject({ status: 200 }), WITHIN);
    expect(await names(cluster)).toEqual(['a']);
  });
});

it.each(['1 hour', '-1h', '10ms'])('a TTL of %s is none', async (ttl) => {
  const { code, text } = await startHost(['--event-ttl', ttl, '--memory', '--port', '0']).ended;
  expect(text).toContain(`argument '${ttl}' is invalid. a duration such as 1h or 30m, of a second at least, or 0 for no end is needed.`);
  expect(code).toBe(2);
});

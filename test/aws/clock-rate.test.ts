import { expect, it } from 'vitest';
import { startAwsHost } from './aws-host.ts';
import { create, json, until } from './requests.ts';

const EVENTS = '/api/v1/namespaces/default/events';
const CLOCK = '/api/v1/namespaces/kube-system/configmaps';

it('Where an hour lasts a second, an Event ends after its hour, and no client changes that', async () => {
  const host = await startAwsHost({ nodes: 0, clockRate: '3600' });
  try {
    const read = async (path: string) => (await (await host.fetch(path)).json()) as { items: unknown[] };
    const created = async (name: string) => {
      const answer = await host.fetch('/api/v1/namespaces/default/configmaps', json('POST', { metadata: { name } }));
      return Date.parse(((await answer.json()) as { metadata: { creationTimestamp: string } }).metadata.creationTimestamp);
    };
    const data = { rate: '1', since: '2020-01-01T00:00:00.000Z', realSince: '2020-01-01T00:00:00.000Z' };
    await create(host, CLOCK, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cluster-clock' }, data });
    const before = await created('before');
    await create(host, EVENTS, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'a' },
      involvedObject: { kind: 'Pod', name: 'web', namespace: 'default' },
    });
    // The controllers' function is told nothing of the clock: it finds the setting in the log, and so does another container of the API.
    await until(async () => (await read(EVENTS)).items.length === 0);
    await host.lambdas.api.recycle();
    expect((await created('after')) - before).toBeGreaterThanOrEqual(3_600_000);
    expect(host.logs()).toBe('');
  } finally {
    await host.close();
  }
});

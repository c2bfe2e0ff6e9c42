import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemEnv } from '../../core/env.ts';
import { sqliteLog } from '../../core/log/sqlite/sqlite-log.ts';
import { Host } from '../../local/host.ts';
import { secrets } from '../../local/secrets.ts';

const USED = 500;
const MANY = 10_000;
const SIDE_BY_SIDE = 16;

/**
 * How many empty clusters a second a host on disk makes, each of them used once; and how long it takes until 10,000 clusters that are deleted one by one are gone, of which it has used those
 * before, log and all.
 */
export async function clusters(): Promise<Record<string, number>> {
  const dir = mkdtempSync(path.join(tmpdir(), 'logplane-bench-'));
  const log = sqliteLog({ file: path.join(dir, 'log.sqlite') });
  const host = await Host.start({
    log,
    env: systemEnv,
    secrets: secrets(undefined),
    nodes: 0,
    cluster: 'default',
    problem: (message, error) => console.error(message, error),
  });
  const send = async (method: string, path: string, body?: object) => {
    const headers = { authorization: `Bearer ${host.token}`, 'content-type': 'application/json' };
    const request = new Request(`https://host${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    const answer = await host.fetch(request, { target: path });
    if (!answer.ok) throw new Error(await answer.text());
    await answer.text();
  };
  const create = (i: number) => send('POST', CLUSTERS, { apiVersion: 'logplane.dev/v1', kind: 'Cluster', metadata: { name: `c${i}` }, spec: {} });

  await send('GET', CLUSTERS);
  let started = performance.now();
  await sideBySide(0, USED, async (i) => {
    await create(i);
    await send('GET', `/clusters/c${i}/api/v1/namespaces/default`);
  });
  const clusters_per_s = USED / ((performance.now() - started) / 1_000);

  await sideBySide(USED, MANY, create);
  started = performance.now();
  await sideBySide(0, MANY, (i) => send('DELETE', `${CLUSTERS}/c${i}`));
  const left = async () =>
    (await log.branches.list()).length - 2 + (await log.branches.ended()).length + (await host.replica('root'))!.state.count('clusters.logplane.dev') - 1;
  while ((await left()) > 0) await new Promise((resolve) => setTimeout(resolve, 50));
  const clusters_delete_10k_s = (performance.now() - started) / 1_000;
  await host.close();
  rmSync(dir, { recursive: true, force: true });
  return { clusters_per_s, clusters_delete_10k_s };
}

const CLUSTERS = '/clusters/root/apis/logplane.dev/v1/clusters';

async function sideBySide(from: number, to: number, work: (i: number) => Promise<void>): Promise<void> {
  let next = from;
  await Promise.all(
    Array.from({ length: SIDE_BY_SIDE }, async () => {
      while (next < to) await work(next++);
    }),
  );
}

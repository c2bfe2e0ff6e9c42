import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HostProcess } from '../host-process.ts';
import { quantile } from '../workloads.ts';

const RATE = 500;
const SECONDS = 6;

/** From sending a write to its event at a watching client, at 500 writes a second: the 99th percentile. */
export async function watch(): Promise<Record<string, number>> {
  const host = await HostProcess.start({ data: mkdtempSync(path.join(tmpdir(), 'logplane-bench-')) });
  const sent = new Map<string, number>();
  const latencies: number[] = [];
  const stop = host.watch('/api/v1/namespaces/default/configmaps?watch=true', ({ object }) => {
    const { name } = object['metadata'] as { name: string };
    const at = sent.get(name);
    if (at !== undefined) latencies.push(performance.now() - at);
  });
  const run = async (prefix: string, seconds: number) => {
    const started = performance.now();
    const pending: Promise<unknown>[] = [];
    for (let i = 0; i < seconds * RATE; i++) {
      const due = started + (i * 1000) / RATE;
      const early = due - performance.now();
      if (early > 0) await sleep(early);
      const name = `${prefix}-${i}`;
      sent.set(name, performance.now());
      pending.push(
        host.call('POST', '/api/v1/namespaces/default/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { i: String(i) } }),
      );
    }
    await Promise.all(pending);
  };
  await run('warm', 1);
  latencies.length = 0;
  await run('w', SECONDS);
  while (latencies.length < SECONDS * RATE) await sleep(20);
  stop();
  await host.stop();
  return { watch_p50_ms: quantile(latencies, 0.5), watch_p99_ms: quantile(latencies, 0.99) };
}

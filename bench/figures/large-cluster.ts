import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HostProcess } from '../host-process.ts';
import { median, rollOut } from '../workloads.ts';

const PODS = 10_000;
const NODES = 100;

/** A cluster of 10,000 pods: how long it takes to fill, its memory (right after, and once it is idle), a list of all pods in one page, and a restart on its log. */
export async function largeCluster(): Promise<Record<string, number>> {
  const data = mkdtempSync(path.join(tmpdir(), 'logplane-bench-'));
  const host = await HostProcess.start({ data, nodes: NODES });
  const filled = await rollOut(host, 'web', PODS);
  const lists: number[] = [];
  for (let i = 0; i < 5; i++) {
    const started = performance.now();
    const { text } = await host.exchange('GET', '/api/v1/pods');
    lists.push(performance.now() - started);
    const { items } = JSON.parse(text) as { items: unknown[] };
    if (items.length < PODS) throw new Error(`${items.length} pods in the list`);
  }
  const peak = host.rss;
  await sleep(8_000);
  const { rss } = host;
  await host.stop();

  const started = performance.now();
  const again = await HostProcess.start({ data, nodes: NODES });
  const { metadata } = await again.call<{ metadata: { resourceVersion: string } }>('GET', '/api/v1/nodes?limit=1');
  const restart = performance.now() - started;
  await again.stop();
  return {
    deploy_10k_ms: filled,
    list_10k_ms: median(lists),
    rss_10k_mb: rss,
    rss_10k_busy_mb: peak,
    restart_ms: restart,
    restart_log_events: Number(metadata.resourceVersion),
  };
}

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { HostProcess } from '../host-process.ts';
import { median, rollOut } from '../workloads.ts';

const PODS = 10_000;
const NODES = 500;

/**
 * A cluster of 10,000 pods: its memory (right after, and once it is idle), all pods as a list in one page and as a streaming list, and a
 * restart on its log.
 */
export async function largeCluster(): Promise<Record<string, number>> {
  const data = mkdtempSync(path.join(tmpdir(), 'logplane-bench-'));
  const host = await HostProcess.start({ data, nodes: NODES });
  await rollOut(host, 'web', PODS);
  const lists: number[] = [];
  for (let i = 0; i < 5; i++) {
    const started = performance.now();
    const { text } = await host.exchange('GET', '/api/v1/pods');
    lists.push(performance.now() - started);
    const { items } = JSON.parse(text) as { items: unknown[] };
    if (items.length < PODS) throw new Error(`${items.length} pods in the list`);
  }
  const compressed: number[] = [];
  for (let i = 0; i < 5; i++) {
    const started = performance.now();
    const bytes = await host.compressed('/api/v1/pods');
    compressed.push(performance.now() - started);
    const { items } = JSON.parse(gunzipSync(bytes).toString()) as { items: unknown[] };
    if (items.length < PODS) throw new Error(`${items.length} pods in the compressed list`);
  }
  const streams: number[] = [];
  for (let i = 0; i < 5; i++) streams.push(await streamPods(host));
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
    list_10k_ms: median(lists),
    list_10k_gzip_ms: median(compressed),
    informer_10k_ms: median(streams),
    rss_10k_mb: rss,
    rss_10k_busy_mb: peak,
    restart_ms: restart,
    restart_log_events: Number(metadata.resourceVersion),
  };
}

/** All pods as an informer takes them in: a watch that begins with what is there, until the bookmark that says that all of it was told. Resolves to the time that took, in ms. */
function streamPods(host: HostProcess): Promise<number> {
  const started = performance.now();
  let told = 0;
  return new Promise((resolve, reject) => {
    // As with the list, what the client makes of the text is not counted.
    const stop = host.lines(`/api/v1/pods?watch=true&${INITIAL_EVENTS}`, (line) => {
      if (line.startsWith('{"type":"ADDED"')) told++;
      if (!line.startsWith('{"type":"BOOKMARK"') || !line.includes('"k8s.io/initial-events-end":"true"')) return;
      stop();
      if (told < PODS) reject(new Error(`${told} pods in the streaming list`));
      else resolve(performance.now() - started);
    });
  });
}

const INITIAL_EVENTS = 'sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan';

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HostProcess } from '../host-process.ts';

const OBJECTS = 20_000;
const CHANGES = 22_000;
const INFORMERS = 20;
const PATH = '/api/v1/namespaces/default/podtemplates';

/** By how much the memory of a host grows, at most, while 20 informers of 20,000 objects resume from just before the history that it keeps (MiB). */
export async function herd(): Promise<Record<string, number>> {
  const host = await HostProcess.start({ data: mkdtempSync(path.join(tmpdir(), 'logplane-bench-')), nodes: 1 });
  await all(OBJECTS, (i) => host.call('POST', PATH, podTemplate(i % OBJECTS)));
  await all(CHANGES, (i) => host.call('PUT', `${PATH}/t${i % OBJECTS}`, podTemplate(i % OBJECTS, { i: String(i) })));
  const { metadata } = await host.call<{ metadata: { resourceVersion: string } }>('GET', `${PATH}?limit=1`);
  const end = Number(metadata.resourceVersion);
  await sleep(8_000);

  const before = host.rss;
  let peak = before;
  const sampling = setInterval(() => {
    peak = Math.max(peak, host.rss);
  }, 10);
  const started = performance.now();
  // 10,000 to 20,000 changes are kept.
  await Promise.all(Array.from({ length: INFORMERS }, (_, i) => resume(host, { from: end - 20_100 - 10 * i, to: end })));
  const took = performance.now() - started;
  clearInterval(sampling);
  await host.stop();
  return { herd_mb: peak - before, herd_ms: took };
}

/** As much as a pod, and no reconciler acts on it. */
function podTemplate(i: number, labels: Record<string, string> = {}): object {
  const container = (name: string) => ({
    name,
    image: 'nginx:1.29',
    env: Array.from({ length: 5 }, (_, n) => ({ name: `VARIABLE_${n}`, value: `value-${i}-${n}` })),
    ports: [{ name: 'http', containerPort: 8080 }],
    resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '32Mi' } },
    readinessProbe: { httpGet: { path: '/healthz', port: 'http' } },
  });
  const template = { metadata: { labels: { app: `t${i}` } }, spec: { containers: [container('web'), container('sidecar')] } };
  return { apiVersion: 'v1', kind: 'PodTemplate', metadata: { name: `t${i}`, labels }, template };
}

/** Watches until the last change has been told. */
function resume(host: HostProcess, { from, to }: { from: number; to: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = host.watch(`${PATH}?watch=true&allowWatchBookmarks=true&resourceVersion=${from}`, ({ type, object }) => {
      if (type === 'ERROR') return reject(new Error(JSON.stringify(object)));
      if (Number((object['metadata'] as { resourceVersion: string }).resourceVersion) < to) return;
      stop();
      resolve();
    });
  });
}

/** So many calls, 64 at a time. */
async function all(count: number, call: (i: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: 64 }, async () => {
      while (next < count) await call(next++);
    }),
  );
}

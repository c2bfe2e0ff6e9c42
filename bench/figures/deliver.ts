import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HostProcess } from '../host-process.ts';
import { quantile } from '../workloads.ts';

const BACKLOG = 10_000;
const RATE = 200;
const SECONDS = 5;

/**
 * Changes that a local webhook is told of: how many a second when it begins far behind, and from sending a write to being told of it at 200 writes a second (the
 * 99th percentile).
 */
export async function deliver(): Promise<Record<string, number>> {
  const host = await HostProcess.start({ data: mkdtempSync(path.join(tmpdir(), 'logplane-bench-')) });
  const arrived = new Map<string, number>();
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      arrived.set(String(request.headers['ce-name']), performance.now());
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const create = (name: string) => host.call('POST', '/api/v1/namespaces/default/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
  for (let i = 0; i < BACKLOG; i += 100) await Promise.all(Array.from({ length: 100 }, (_, k) => create(`before-${i + k}`)));
  const begun = performance.now();
  await host.call('POST', '/apis/logplane.dev/v1/namespaces/default/subscriptions', {
    apiVersion: 'logplane.dev/v1',
    kind: 'Subscription',
    metadata: { name: 'told' },
    spec: { from: 0, filter: { resources: ['configmaps'] }, target: { webhook: { url } } },
  });
  while (arrived.size < BACKLOG) await sleep(5);
  const perSecond = BACKLOG / ((performance.now() - begun) / 1_000);

  const sent = new Map<string, number>();
  const started = performance.now();
  const pending: Promise<unknown>[] = [];
  for (let i = 0; i < SECONDS * RATE; i++) {
    const early = started + (i * 1_000) / RATE - performance.now();
    if (early > 0) await sleep(early);
    sent.set(`after-${i}`, performance.now());
    pending.push(create(`after-${i}`));
  }
  await Promise.all(pending);
  while (arrived.size < BACKLOG + sent.size) await sleep(5);
  await host.stop();
  server.close();
  server.closeAllConnections();
  const latencies = [...sent].map(([name, at]) => arrived.get(name)! - at);
  return { deliver_per_s: perSecond, deliver_p50_ms: quantile(latencies, 0.5), deliver_p99_ms: quantile(latencies, 0.99) };
}

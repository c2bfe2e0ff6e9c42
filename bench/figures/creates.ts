import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { HostProcess } from '../host-process.ts';
import { median } from '../workloads.ts';

const CLIENTS = 64;
const SECONDS = 6;
const COLD_SECONDS = 2;

/**
 * Durable creates of a ConfigMap over HTTPS by 64 concurrent clients, a second, and those of the first two seconds of a host that has just started: what it runs then V8 has not compiled yet. The clients
 * run on the same machine, and are warm in both.
 */
export async function creates(): Promise<Record<string, number>> {
  const warm = await startHost();
  await load(warm, 1_500);
  const creates_per_s = await load(warm, SECONDS * 1000);
  await warm.stop();
  const cold: number[] = [];
  for (let i = 0; i < 3; i++) {
    const host = await startHost();
    cold.push(await load(host, COLD_SECONDS * 1000));
    await host.stop();
  }
  return { creates_per_s, creates_cold_per_s: median(cold) };
}

const startHost = () => HostProcess.start({ data: mkdtempSync(path.join(tmpdir(), 'logplane-bench-')), connections: CLIENTS });

let names = 0;

/** Creates as many as it can; resolves to how many that were, a second. */
async function load(host: HostProcess, ms: number): Promise<number> {
  const started = performance.now();
  let created = 0;
  await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      while (performance.now() < started + ms) {
        await host.call('POST', '/api/v1/namespaces/default/configmaps', {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: `c${names++}` },
          data: { key: 'value', more: 'x'.repeat(200) },
        });
        created++;
      }
    }),
  );
  return created / ((performance.now() - started) / 1000);
}

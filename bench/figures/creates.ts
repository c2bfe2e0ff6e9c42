import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { HostProcess } from '../host-process.ts';

const CLIENTS = 64;
const SECONDS = 6;

/** Durable creates of a ConfigMap over HTTPS by 64 concurrent clients, a second; the clients run on the same machine. */
export async function creates(): Promise<Record<string, number>> {
  const host = await HostProcess.start({ data: mkdtempSync(path.join(tmpdir(), 'logplane-bench-')), connections: CLIENTS });
  const create = (name: string) =>
    host.call('POST', '/api/v1/namespaces/default/configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
      data: { key: 'value', more: 'x'.repeat(200) },
    });
  let created = 0;
  const load = async (until: number) => {
    await Promise.all(
      Array.from({ length: CLIENTS }, async (_, client) => {
        while (performance.now() < until) {
          await create(`c${client}-${created}`);
          created++;
        }
      }),
    );
  };
  await load(performance.now() + 1500);
  created += 1_000_000;
  const started = performance.now();
  const before = created;
  await load(started + SECONDS * 1000);
  const rate = (created - before) / ((performance.now() - started) / 1000);
  await host.stop();
  return { creates_per_s: rate };
}

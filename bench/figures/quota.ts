import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { HostProcess } from '../host-process.ts';
import { median } from '../workloads.ts';

const CLIENTS = 64;
const TURN_MS = 1000;
const TURNS = 7;

/** Creates a second in a namespace with a quota that counts them, over those in one without: by 64 clients, in turn in the one and the other. */
export async function quota(): Promise<Record<string, number>> {
  const host = await HostProcess.start({ data: mkdtempSync(path.join(tmpdir(), 'logplane-bench-')), connections: CLIENTS });
  for (const name of ['with', 'without']) await host.call('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  await host.call('POST', '/api/v1/namespaces/with/resourcequotas', {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'quota' },
    spec: { hard: { configmaps: '1M', secrets: '1M', pods: '1M', 'requests.cpu': '1M', 'count/jobs.batch': '1M' } },
  });
  let names = 0;
  const creates = async (namespace: string) => {
    const started = performance.now();
    let created = 0;
    await Promise.all(
      Array.from({ length: CLIENTS }, async () => {
        while (performance.now() < started + TURN_MS) {
          await host.call('POST', `/api/v1/namespaces/${namespace}/configmaps`, {
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata: { name: `c${names++}` },
            data: { key: 'value', more: 'x'.repeat(200) },
          });
          created++;
        }
      }),
    );
    return (created * 1000) / (performance.now() - started);
  };
  await creates('without');
  await creates('with');
  const rates: { with: number; without: number }[] = [];
  for (let turn = 0; turn < TURNS; turn++) rates.push({ without: await creates('without'), with: await creates('with') });
  await host.stop();
  return { quota_creates_ratio: median(rates.map((rate) => rate.with / rate.without)), quota_creates_per_s: median(rates.map((rate) => rate.with)) };
}

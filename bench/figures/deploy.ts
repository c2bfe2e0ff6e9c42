import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sqliteLog } from '../../core/log/sqlite/sqlite-log.ts';
import { HostProcess } from '../host-process.ts';
import { rollOut } from '../workloads.ts';

/** A Deployment of 1,000 replicas on 20 nodes until all are available, on a durable log; and how much computing time of the host and how many log entries that took. */
export async function deploy(): Promise<Record<string, number>> {
  const data = mkdtempSync(path.join(tmpdir(), 'logplane-bench-'));
  const host = await HostProcess.start({ data, nodes: 20 });
  const before = Number((await host.call<{ metadata: { resourceVersion: string } }>('GET', '/api/v1/namespaces?limit=1')).metadata.resourceVersion);
  const computed = host.cpu;
  const time = await rollOut(host, 'web', 1000);
  const cpu = host.cpu - computed;
  await host.stop();
  const log = sqliteLog({ file: path.join(data, 'log.sqlite') });
  let entries = 0;
  for await (const entry of log.read('default', { after: 0 })) if (entry.offset > before) entries++;
  await log.close();
  return { deploy_1000_ms: time, deploy_1000_cpu_s: cpu, deploy_1000_entries: entries };
}

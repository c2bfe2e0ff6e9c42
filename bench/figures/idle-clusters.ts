import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { defaultAdmissionPlugins } from '../../core/admission/default-plugins.ts';
import { bootstrap } from '../../core/bootstrap/bootstrap.ts';
import { bootstrapObjects } from '../../core/bootstrap/initial-objects.ts';
import { systemEnv } from '../../core/env.ts';
import { sqliteLog } from '../../core/log/sqlite/sqlite-log.ts';
import { Replica } from '../../core/replica/replica.ts';
import { Host } from '../../local/host.ts';
import { secrets } from '../../local/secrets.ts';

const CLUSTERS = 1_000;

/** What an idle cluster takes of the memory of a host that has 1,000 of them open, their reconcilers included, which have looked at each. */
export async function idleClusters(): Promise<Record<string, number>> {
  const folder = mkdtempSync(path.join(tmpdir(), 'logplane-bench-'));
  const file = path.join(folder, 'log.sqlite');
  const log = sqliteLog({ file });
  for (let i = 0; i < CLUSTERS; i++) {
    const replica = await Replica.open({ log, cluster: `c${i}`, env: systemEnv, exclusive: true });
    await bootstrap(replica, { objects: bootstrapObjects(replica.now()), env: systemEnv, admissionPlugins: defaultAdmissionPlugins });
  }
  await log.close();
  const before = used();
  const host = await Host.start({
    log: sqliteLog({ file }),
    env: systemEnv,
    secrets: secrets(undefined),
    nodes: 0,
    cluster: 'c0',
    budgetBytes: Number.POSITIVE_INFINITY,
    problem: (message, error) => console.error(message, error),
  });
  // Idle: nothing has been computed for a while.
  for (let last = process.cpuUsage(), quiet = 0; quiet < 3; ) {
    await sleep(500);
    const now = process.cpuUsage(last);
    quiet = now.user < 50_000 ? quiet + 1 : 0;
    last = process.cpuUsage();
  }
  const taken = used() - before;
  await host.close();
  rmSync(folder, { recursive: true });
  return { clusters_idle_mb: taken / CLUSTERS / 1_024 ** 2 };
}

/** Bytes that are in use, once all garbage is gone. */
function used(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let i = 0; i < 3; i++) collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

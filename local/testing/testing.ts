import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { INSTANCE_TYPE } from '../../core/bootstrap/cluster-shape.ts';
import { systemEnv } from '../../core/env.ts';
import type { EventLog } from '../../core/log/log.ts';
import { Host } from '../host.ts';
import { secrets } from '../secrets.ts';
import { RunningCluster } from './running-cluster.ts';
import type { StartCluster } from './test-cluster.ts';

export type * from './test-cluster.ts';

/** Starts a cluster in this process, in memory and without a port unless told (docs/testing.md). Rejects with what is wrong with the options, and with EADDRINUSE. */
export const startCluster: StartCluster = async ({ nodes = 3, profile = 'plain', instanceType, metricsServer = false, port, data, problem = report } = {}) => {
  if (!Number.isSafeInteger(nodes) || nodes < 0) throw new TypeError(`a cluster has 0 or more nodes, not ${nodes}`);
  if (profile !== 'plain' && profile !== 'eks') throw new TypeError(`the profile of a cluster is plain or eks, not ${JSON.stringify(profile)}`);
  if (instanceType !== undefined && profile !== 'eks') throw new TypeError('nodes have an instance type with the profile eks alone');
  const dir = data === undefined ? undefined : path.resolve(data);
  if (dir !== undefined) mkdirSync(dir, { recursive: true, mode: 0o700 });
  const log = await openLog(dir, problem);
  try {
    const host = await Host.start({
      log,
      env: systemEnv,
      secrets: secrets(dir),
      pkiDir: dir && path.join(dir, 'pki'),
      ...(port !== undefined && { port }),
      nodes,
      metricsServer,
      ...(profile === 'eks' && { instanceType: instanceType ?? INSTANCE_TYPE }),
      cluster: CLUSTER,
      givesBackMemory: false,
      // A cluster that a test holds is not to be closed and opened anew.
      budgetBytes: Number.POSITIVE_INFINITY,
      problem,
    });
    return await RunningCluster.of(host, CLUSTER);
  } catch (error) {
    await log.close();
    throw error;
  }
};

const CLUSTER = 'default';

async function openLog(dir: string | undefined, problem: (message: string, error?: unknown) => void): Promise<EventLog> {
  if (dir === undefined) return (await import('../../core/log/memory/memory-log.ts')).memoryLog();
  const { sqliteLog } = await import('../../core/log/sqlite/sqlite-log.ts');
  return sqliteLog({ file: path.join(dir, 'log.sqlite'), problem });
}

function report(message: string, error?: unknown): void {
  process.stderr.write(`logplane: ${message}${error === undefined ? '' : `: ${error instanceof Error ? error.stack : error}`}\n`);
}

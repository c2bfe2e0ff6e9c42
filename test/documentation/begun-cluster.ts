import { defaultAdmissionPlugins } from '../../core/admission/default-plugins.ts';
import { controlPlaneKeys } from '../../core/auth/control-plane-keys.ts';
import { bootstrap } from '../../core/bootstrap/bootstrap.ts';
import { bootstrapObjects } from '../../core/bootstrap/initial-objects.ts';
import { controllersReconciler, controllersWith } from '../../core/controllers/registry.ts';
import type { LogEntry } from '../../core/log/log.ts';
import { memoryLog } from '../../core/log/memory/memory-log.ts';
import { nodeObjects } from '../../core/nodes/node-objects.ts';
import { nodesReconciler } from '../../core/nodes/nodes.ts';
import { simulatedRuntime } from '../../core/nodes/runtimes/simulated.ts';
import { schedulerReconciler } from '../../core/scheduler/scheduler.ts';
import { Cluster } from '../../core/testing/cluster.ts';
import { START } from '../../core/testing/env.ts';

/**
 * A cluster of three nodes, with all its reconcilers, that has just come to rest. The first one begins from nothing; each one goes on from
 * what was in the log by then, in a log of its own.
 */
export async function begunCluster(): Promise<Cluster> {
  beginning ??= begin();
  const log = memoryLog();
  for (const { offset, ...entry } of await beginning) await log.append('main', { ...entry, after: offset - 1 });
  const cluster = await Cluster.start({ reconcilers: reconcilers(), log, now: START, seed: 2 });
  await cluster.settle();
  return cluster;
}

let beginning: Promise<readonly LogEntry[]> | undefined;

async function begin(): Promise<readonly LogEntry[]> {
  const log = memoryLog();
  const cluster = await Cluster.start({ reconcilers: reconcilers(), log, now: START });
  const objects = [...bootstrapObjects(START), ...nodeObjects(3, START)];
  await bootstrap(cluster.replica, { objects, env: cluster.env, admissionPlugins: defaultAdmissionPlugins });
  await cluster.settle();
  const entries: LogEntry[] = [];
  for await (const entry of log.read('main', { after: 0 })) entries.push(entry);
  return entries;
}

/** Events stay, so that what was hours ago can be told. */
const reconcilers = () => [
  schedulerReconciler(),
  controllersReconciler(controllersWith({ eventTtlMs: 0 }), keys),
  nodesReconciler({ runtime: simulatedRuntime }),
];

const keys = controlPlaneKeys(new Uint8Array(32).fill(7));

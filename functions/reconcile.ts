import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Reconciler } from '../core/reconcile/reconciler.ts';
import { Runner } from '../core/reconcile/runner.ts';
import { Timers } from '../core/reconcile/timers.ts';
import { openCluster } from './clusters.ts';
import { LruCache } from './lru-cache.ts';
import { type Wiring, wire } from './wiring.ts';

interface ReconcileOptions {
  readonly reconciler: Reconciler;
  /** Whether this function also takes the clusters' snapshots, and removes what dead writers left: one of them does, or each would be taken three times. */
  readonly snapshots?: boolean;
}

/**
 * Handles wake-ups of a FIFO queue whose groups are clusters: one run for each cluster in the batch, however many messages it has. When
 * a run fails, all messages of its cluster fail (AWS Lambda Developer Guide, "Implementing partial batch responses"), and the others do not.
 */
export function reconcile({ reconciler, snapshots = false }: ReconcileOptions): (event: SQSEvent) => Promise<SQSBatchResponse> {
  const wiring = wire({ writer: reconciler.name });
  const workers = new LruCache((cluster) => openWorker(wiring, cluster, { reconciler, snapshots }));

  async function run(cluster: string, records: readonly SQSRecord[]): Promise<readonly SQSRecord[]> {
    try {
      await (await workers.get(cluster))?.run();
      return [];
    } catch (error) {
      wiring.problem(`${reconciler.name} failed on cluster ${cluster}`, error);
      // Its replica is of no use any more: the next attempt begins anew from the log.
      workers.forget(cluster);
      await wiring.queues.retrySoon(reconciler.name, records.map(receiptOf)).catch((error) => wiring.problem('a retry was not brought forward', error));
      return records;
    }
  }

  return async ({ Records }) => {
    const groups = Map.groupBy(Records, (record) => record.attributes.MessageGroupId ?? record.body);
    const failed = await Promise.all([...groups].map(([cluster, records]) => run(cluster, records)));
    return { batchItemFailures: failed.flat().map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
}

const receiptOf = ({ receiptHandle, attributes }: SQSRecord) => ({ receipt: receiptHandle, receives: Number(attributes.ApproximateReceiveCount) });

interface Worker {
  run(): Promise<void>;
}

async function openWorker(wiring: Wiring, cluster: string, { reconciler, snapshots = false }: ReconcileOptions): Promise<Worker | undefined> {
  const { env, log, wakeups, queues, admissionPlugins, ask, problem } = wiring;
  const replica = await openCluster(wiring, cluster);
  if (!replica) return undefined;
  if (snapshots) await log.sweep(cluster).catch((error) => problem(`what dead writers left in cluster ${cluster} was not removed`, error));
  const runner = new Runner({ replica, reconciler, env, admissionPlugins, ask });
  // No stream brings a timer again. When one does not go out the run has failed, and is repeated.
  const timers = new Timers({ ...wakeups, later: (cluster, reconciler, delayMs) => queues.wakeIn({ cluster, reconciler, delayMs }) }, env.clock);
  return {
    async run() {
      const next = await runner.run();
      await timers.next(cluster, reconciler.name, replica.delayUntil(next));
      if (snapshots) await replica.snapshotIfDue().catch((error) => problem(`no snapshot was taken of cluster ${cluster}`, error));
    },
  };
}

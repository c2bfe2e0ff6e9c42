import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Reconciler } from '../core/reconcile/reconciler.ts';
import { Runner } from '../core/reconcile/runner.ts';
import { Timers } from '../core/reconcile/timers.ts';
import { OpenClusters, type Sized } from '../core/replica/open-clusters.ts';
import type { Replica } from '../core/replica/replica.ts';
import { openCluster } from './clusters.ts';
import { type Wiring, wire } from './wiring.ts';

interface ReconcileOptions {
  readonly reconciler: Reconciler;
  /** Set where this function also takes the clusters' snapshots, and removes what is too old and what dead writers left: one of them does, or each would be taken three times. */
  readonly keeper?: { readonly retentionMs: number };
}

/**
 * Handles wake-ups of a FIFO queue whose groups are clusters: one run for each cluster in the batch, however many messages it has. When
 * a run fails, all messages of its cluster fail (AWS Lambda Developer Guide, "Implementing partial batch responses"), and the others do not.
 */
export function reconcile(options: ReconcileOptions): (event: SQSEvent) => Promise<SQSBatchResponse> {
  const { reconciler } = options;
  const wiring = wire({ writer: reconciler.name });
  const workers = new OpenClusters<Worker>((cluster, like) => openWorker(wiring, cluster, { ...options, like: like?.replica }), wiring);

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

interface Worker extends Sized {
  readonly replica: Replica;
  run(): Promise<void>;
}

async function openWorker(
  wiring: Wiring,
  cluster: string,
  { reconciler, keeper, like }: ReconcileOptions & { like: Replica | undefined },
): Promise<Worker | undefined> {
  const { env, log, wakeups, queues, admissionPlugins, ask, problem } = wiring;
  const replica = await openCluster(wiring, cluster, { ...keeper, like });
  if (!replica) return undefined;
  if (keeper) await log.sweep(cluster).catch((error) => problem(`what dead writers left in cluster ${cluster} was not removed`, error));
  const runner = new Runner({ replica, reconciler, env, admissionPlugins, ask });
  // No stream brings a timer again. When one does not go out the run has failed, and is repeated.
  const timers = new Timers({ ...wakeups, later: (cluster, reconciler, delayMs) => queues.wakeIn({ cluster, reconciler, delayMs }) }, env.clock);
  return {
    replica,
    get bytes() {
      return replica.bytes;
    },
    async run() {
      const next = await runner.run();
      await timers.next(cluster, reconciler.name, replica.delayUntil(next));
      if (!keeper) return;
      await replica.snapshotIfDue().catch((error) => problem(`no snapshot was taken of cluster ${cluster}`, error));
      const more = await replica.truncateIfDue().catch((error) => {
        problem(`what is too old in cluster ${cluster} was not deleted`, error);
        return undefined;
      });
      await timers.next(cluster, reconciler.name, replica.delayUntil(more));
    },
  };
}

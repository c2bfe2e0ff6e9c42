import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { Timers } from '../core/reconcile/timers.ts';
import { type Worker, wokenBy } from '../core/reconcile/worker.ts';
import { OpenClusters, type Sized } from '../core/replica/open-clusters.ts';
import type { Replica } from '../core/replica/replica.ts';
import { FailureNotes, type Noted } from './failure-notes.ts';
import { isOver, openCluster } from './open-cluster.ts';
import { occasionalWorkers, type Wiring, wire } from './wiring.ts';

interface WorkOptions {
  readonly worker: Worker;
  /** Set where this function also takes the clusters' snapshots, and removes what is too old and what dead writers left: one of them does, or each would be taken three times. */
  readonly keeper?: { readonly retentionMs: number };
  /** Where the function has put together its own. */
  readonly wiring?: Wiring;
  /** Opens what it works on; any cluster that has begun, unless told. */
  readonly open?: (cluster: string) => Promise<Replica | undefined>;
}

/**
 * Handles wake-ups of a FIFO queue whose groups are clusters: one run for each cluster in the batch, however many messages it has. When
 * a run fails, all messages of its cluster fail (AWS Lambda Developer Guide, "Implementing partial batch responses"), and the others do not.
 */
export function work(options: WorkOptions): (event: SQSEvent) => Promise<SQSBatchResponse> {
  const { worker } = options;
  const wiring = options.wiring ?? wire({ writer: worker.name });
  const notes = new FailureNotes(worker.name, wiring);
  const workers = new OpenClusters<Working>((cluster, like) => openFor(wiring, cluster, { ...options, like: like?.replica }), wiring);

  /** Returns whether the cluster is still there, or never was. */
  async function runOn(cluster: string, attempt: Attempt): Promise<boolean> {
    const working = await workers.get(cluster);
    try {
      await working?.run();
    } catch (error) {
      // It takes no writes any more: there was nothing to be done.
      if (!working?.replica.isOver) throw error;
    }
    if (!working) return true;
    if (isOver(working.replica)) return false;
    await attempt.noted;
    await notes.succeeded(working.noted, attempt);
    return true;
  }

  async function run(cluster: string, records: readonly SQSRecord[]): Promise<readonly SQSRecord[]> {
    const receives = Math.max(...records.map((record) => receiptOf(record).receives));
    // Beside the run: it is not held up by a table that does not answer.
    const attempt: Attempt = { receives, noted: receives > 1 ? notes.again(cluster, { receives }) : undefined };
    try {
      if (await runOn(cluster, attempt)) return [];
      // It has ended. Another one of its name may be what the wake-up is for.
      workers.forget(cluster);
      await runOn(cluster, attempt);
      return [];
    } catch (error) {
      wiring.problem(`${worker.name} failed on cluster ${cluster}`, error);
      // Its replica is of no use any more: the next attempt begins anew from the log.
      workers.forget(cluster);
      const sooner = wiring.queues.retrySoon(worker.name, records.map(receiptOf)).catch((error) => wiring.problem('a retry was not brought forward', error));
      await attempt.noted;
      await notes.failed(cluster, error, attempt);
      await sooner;
      return records;
    } finally {
      await attempt.noted;
    }
  }

  return async ({ Records }) => {
    const groups = Map.groupBy(Records, (record) => record.attributes.MessageGroupId ?? record.body);
    const failed = await Promise.all([...groups].map(([cluster, records]) => run(cluster, records)));
    return { batchItemFailures: failed.flat().map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
}

const receiptOf = ({ receiptHandle, attributes }: SQSRecord) => ({ receipt: receiptHandle, receives: Number(attributes.ApproximateReceiveCount) });

interface Attempt {
  /** How often the messages were received by now, the one most often. */
  readonly receives: number;
  /** What is written of the attempts before. */
  readonly noted: Promise<void> | undefined;
}

interface Working extends Sized {
  readonly replica: Replica;
  readonly noted: Noted;
  run(): Promise<void>;
}

async function openFor(
  wiring: Wiring,
  cluster: string,
  { worker, keeper, open, like }: WorkOptions & { like: Replica | undefined },
): Promise<Working | undefined> {
  const { env, log, wakeups, queues, admissionPlugins, ask, problem } = wiring;
  const replica = await (open ? open(cluster) : openCluster(wiring, cluster, { ...keeper, like }));
  if (!replica) return undefined;
  if (keeper) await log.sweep(replica.logName).catch((error) => problem(`what dead writers left in cluster ${cluster} was not removed`, error));
  // No stream brings a timer again. When one does not go out the run has failed, and is repeated.
  const timers = new Timers({ ...wakeups, later: (cluster, reconciler, delayMs) => queues.wakeIn({ cluster, reconciler, delayMs }) }, env.clock);
  const work = worker.on({ replica, env, admissionPlugins, ask, wakeIn: (delay) => timers.next(cluster, worker.name, delay) });
  return {
    replica,
    noted: { log: replica.logName },
    get bytes() {
      return replica.bytes;
    },
    async run() {
      const next = await work.run();
      await timers.next(cluster, worker.name, replica.delayUntil(next));
      if (!keeper || isOver(replica)) return;
      // The sure path to those that the table's stream does not wake: for the writer's wake-up this is the same message.
      const also = wokenBy(replica.state, occasionalWorkers);
      await Promise.all(also.map((name) => queues.wake(cluster, name, `${replica.logName}:${replica.state.offset}`)));
      await replica.snapshotIfDue().catch((error) => problem(`no snapshot was taken of cluster ${cluster}`, error));
      const more = await replica.truncateIfDue().catch((error) => {
        problem(`what is too old in cluster ${cluster} was not deleted`, error);
        return undefined;
      });
      await timers.next(cluster, worker.name, replica.delayUntil(more));
    },
  };
}

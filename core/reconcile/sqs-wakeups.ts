import type { SqsQueues } from './sqs-queues.ts';
import type { Wakeups } from './wakeups.ts';
import { type OccasionalWorker, wokenBy } from './worker.ts';

interface SqsWakeupsOptions {
  readonly queues: SqsQueues;
  /** Told of each wake-up that SQS did not take. Nothing is lost but time: the table's stream brings those of appends again. */
  readonly lost: (error: unknown) => void;
  /** Those that are woken by writers alone, where the state says that they may have work. */
  readonly occasional?: readonly OccasionalWorker[];
  /** The reconciler that writes, if it is one: it goes on by itself until there is nothing left to do, and is not woken for what it wrote. */
  readonly writer?: string | undefined;
}

/** Wake-ups through Amazon SQS, for writers: they must not fail for a hint that did not go out. */
export function sqsWakeups({ queues, lost, writer, occasional = [] }: SqsWakeupsOptions): Wakeups {
  return {
    appended: (log, offset, state) => queues.wakeAll(new Map([[log, offset]]), { except: writer, also: wokenBy(state, occasional) }).catch(lost),
    later: (cluster, reconciler, delayMs) => queues.wakeIn({ cluster, reconciler, delayMs }).catch(lost),
  };
}

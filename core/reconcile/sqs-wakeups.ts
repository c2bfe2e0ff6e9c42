import type { SqsQueues } from './sqs-queues.ts';
import type { Wakeups } from './wakeups.ts';

export interface SqsWakeupsOptions {
  readonly queues: SqsQueues;
  /** Told of each wake-up that SQS did not take. Nothing is lost but time: the table's stream brings those of appends again. */
  readonly lost: (error: unknown) => void;
}

/** Wake-ups through Amazon SQS, for writers: they must not fail for a hint that did not go out. */
export function sqsWakeups({ queues, lost }: SqsWakeupsOptions): Wakeups {
  return {
    appended: (cluster, offset) => queues.wakeAll(new Map([[cluster, offset]])).catch(lost),
    later: (cluster, reconciler, at) => queues.wakeAt({ cluster, reconciler, at }).catch(lost),
  };
}

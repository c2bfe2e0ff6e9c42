import type { RealDelay } from '../instant.ts';
import type { Offset } from '../log/event.ts';
import type { State } from '../state/state.ts';

/**
 * How workers are told that there may be something to do. Wake-ups are hints: one that is lost, doubled, late or out of order costs
 * latency and nothing else, because a worker reads the log to its end before it decides anything.
 */
export interface Wakeups {
  /** A log (log/branches.ts) now ends at `offset`, in `state`: wake every worker of its cluster that wants to be (SQS FIFO: group = cluster, deduplication id = log and offset). Never rejects. */
  appended(log: string, offset: Offset, state: State): Promise<void>;
  /** Wake one worker of `cluster` after a while of real time. Never rejects. */
  later(cluster: string, reconciler: string, delay: RealDelay): Promise<void>;
}

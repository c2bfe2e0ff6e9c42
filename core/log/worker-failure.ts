/** A worker that failed on a cluster when it ran last. */
export interface WorkerFailure {
  readonly name: string;
  /** For people; bounded, and without what looks like a secret. */
  readonly error: string;
  /** An RFC 3339 time, by the wall clock of the process that ran it. */
  readonly since: string;
  /** How many runs have failed since, where that is counted. */
  readonly attempts?: number;
  /** A wake-up was put aside since: until something else wakes it, the worker is not tried again. */
  readonly deadLettered?: true;
}

/**
 * Where hosts whose workers run in many processes keep them: with the log of the cluster that they failed on, one for each worker, and nothing where all is well.
 * They are no part of what happened, and go with the log.
 */
export interface WorkerFailures {
  /** Strongly consistent. */
  get(log: string, worker: string): Promise<WorkerFailure | undefined>;
  put(log: string, failure: WorkerFailure): Promise<void>;
  delete(log: string, worker: string): Promise<void>;
  /** May be a moment old. */
  list(log: string): Promise<readonly WorkerFailure[]>;
}

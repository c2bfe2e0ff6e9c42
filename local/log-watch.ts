import type { Clock } from '../core/env.ts';
import { type EventLog, LogUnwritable } from '../core/log/log.ts';

interface LogWatchOptions {
  readonly clock: Pick<Clock, 'sleep'>;
  /** Called once when the log begins to fail, with the reason, and once when it is over. */
  readonly problem: (message: string, error?: unknown) => void;
  /** The log takes writes again: what was given up meanwhile is to be tried again. */
  readonly recovered: () => void;
  readonly signal: AbortSignal;
}

/** A log whose failures to write are reported to the host, not only to the client whose write it was, and that is checked until they are over. */
export class LogWatch {
  readonly log: EventLog;
  readonly #options: LogWatchOptions;
  #failing = false;

  constructor(log: EventLog, options: LogWatchOptions) {
    this.#options = options;
    this.log = {
      ...log,
      append: (cluster, append) => this.#watched(log.append(cluster, append)),
      saveSnapshot: (cluster, snapshot, bytes) => this.#watched(log.saveSnapshot(cluster, snapshot, bytes)),
      truncate: (cluster, options) => this.#watched(log.truncate(cluster, options)),
      check: () => this.#watched(log.check()),
    };
  }

  /** Whether the last that is known of the log is that it takes nothing. */
  get failing(): boolean {
    return this.#failing;
  }

  async #watched<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (error instanceof LogUnwritable && !this.#failing) void this.#untilRecovered(error);
      throw error;
    }
  }

  async #untilRecovered(error: LogUnwritable): Promise<void> {
    const { clock, problem, recovered, signal } = this.#options;
    this.#failing = true;
    problem(`nothing can be written: ${error.message}`);
    while (!signal.aborted) {
      await clock.sleep(LOOK_MS, signal);
      const isWell = await this.log.check().then(
        () => true,
        () => false,
      );
      if (!isWell || signal.aborted) continue;
      this.#failing = false;
      problem('the log takes writes again');
      recovered();
      return;
    }
  }
}

const LOOK_MS = 1_000;

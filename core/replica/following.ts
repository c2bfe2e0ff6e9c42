import type { Env } from '../env.ts';
import { EntriesMissing } from '../log/entry.ts';
import type { Offset } from '../log/event.ts';
import { type EventLog, type LogEntry, LogUnavailable } from '../log/log.ts';

/** What following has to know of the state, and to do with it. */
interface FollowedState {
  readonly end: () => Offset;
  /** Whether the log may be another one by now. */
  readonly isDoubtful: () => boolean;
  readonly catchUp: () => Promise<void>;
  /** Takes an entry that begins no later than right behind the end. False: it takes more than that to fold it. */
  readonly take: (entry: LogEntry) => boolean;
  readonly failed: (error: LogUnavailable) => void;
}

/** Keeps a state at the log's end for as long as there are readers: other writers' entries come in through the log's tail. */
export class Following {
  readonly #options: FollowingOptions;
  readonly #state: FollowedState;
  #tail: { readers: number; readonly abort: AbortController } | undefined;

  constructor(options: FollowingOptions, state: FollowedState) {
    this.#options = options;
    this.#state = state;
  }

  /** One more reader, until the returned function is called. */
  begin(): () => void {
    if (!this.#tail) {
      const abort = new AbortController();
      this.#tail = { readers: 0, abort };
      void this.#follow(abort.signal);
    }
    const tail = this.#tail;
    tail.readers++;
    return () => {
      if (--tail.readers > 0) return;
      tail.abort.abort();
      if (this.#tail === tail) this.#tail = undefined;
    };
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { log, cluster, env } = this.#options;
    const { isDoubtful, catchUp, take, failed } = this.#state;
    while (!signal.aborted) {
      try {
        if (isDoubtful()) await catchUp();
        for await (const entry of log.tail(cluster, { after: this.#state.end(), signal })) {
          // Before its changes wake readers; and readers that it does not concern learn here that the log was restored.
          if (isDoubtful()) await catchUp();
          // Our own append, or a read, may have been here first, or be ahead of a tail that began before it.
          if (entry.offset > this.#state.end() + 1 || !take(entry)) await catchUp();
        }
        // It ends by itself only when the log is closed.
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof EntriesMissing) await catchUp().catch(() => undefined);
        if (error instanceof LogUnavailable) failed(error);
        await env.clock.sleep(1000, signal);
      }
    }
  }
}

interface FollowingOptions {
  readonly log: EventLog;
  readonly cluster: string;
  readonly env: Env;
}

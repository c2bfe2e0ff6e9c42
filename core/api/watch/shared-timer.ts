import type { Clock } from '../../env.ts';
import { between, type Elapsed, earlierOf } from '../../instant.ts';

/** One timer for all that wait for a time: the bookmarks and the ends of watches. While nothing waits, there is none. */
export class SharedTimer {
  readonly #clock: Pick<Clock, 'elapsed' | 'sleep' | 'turn'>;
  /** By when they are due. */
  readonly #due = new Map<Elapsed, Set<() => void>>();
  #sleep: { readonly until: Elapsed; readonly abort: AbortController } | undefined;

  constructor(clock: Pick<Clock, 'elapsed' | 'sleep' | 'turn'>) {
    this.#clock = clock;
  }

  /** Calls back once, at a time or soon after it; not when what it returns is called before. */
  at(time: Elapsed, callback: () => void): () => void {
    const callbacks = this.#due.get(time);
    if (callbacks) callbacks.add(callback);
    else this.#due.set(time, new Set([callback]));
    if (!this.#sleep || time < this.#sleep.until) this.#sleepUntil(time);
    return () => {
      const waiting = this.#due.get(time);
      waiting?.delete(callback);
      if (waiting?.size === 0) this.#due.delete(time);
      if (this.#due.size === 0) this.#wakeUp();
    };
  }

  #sleepUntil(until: Elapsed): void {
    this.#wakeUp();
    const abort = new AbortController();
    this.#sleep = { until, abort };
    const ms = Math.min(Math.max(0, between(this.#clock.elapsed(), until)), LONGEST_SLEEP);
    void this.#clock
      .sleep(ms, abort.signal)
      // What is ready when the time has come goes before it: a busy process would end its streams without a word.
      .then(() => this.#clock.turn())
      .then(() => {
        if (!abort.signal.aborted) this.#callBack();
      });
  }

  #wakeUp(): void {
    this.#sleep?.abort.abort();
    this.#sleep = undefined;
  }

  #callBack(): void {
    const now = this.#clock.elapsed();
    for (const [time, callbacks] of [...this.#due]) {
      if (time > now) continue;
      this.#due.delete(time);
      for (const callback of callbacks) callback();
    }
    let next: Elapsed | undefined;
    for (const time of this.#due.keys()) next = earlierOf(time, next ?? time);
    if (next !== undefined) this.#sleepUntil(next);
    else this.#wakeUp();
  }
}

/** Timers of Node take no more. */
const LONGEST_SLEEP = 2 ** 31 - 1;

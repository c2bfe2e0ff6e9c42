import { type Clock, systemEnv } from '../env.ts';
import { type Elapsed, elapsedAt, type RealInstant, realInstant } from '../instant.ts';

/** A clock that stands until the test moves it on. */
export class TestClock implements Clock {
  #now: number;
  /** How far the wall clock has been set. */
  #jumped = 0;
  readonly #sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();

  constructor(now: number) {
    this.#now = now;
  }

  now = (): RealInstant => realInstant(this.#now + this.#jumped);

  elapsed = (): Elapsed => elapsedAt(this.#now);

  turn = systemEnv.clock.turn;

  sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const sleeper = { at: this.#now + ms, wake: () => done() };
      const done = () => {
        this.#sleepers.delete(sleeper);
        resolve();
      };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', done, { once: true });
    });

  /** How many sleepers wait for a time to come. */
  get sleepers(): number {
    return this.#sleepers.size;
  }

  /** Sets the wall clock forwards, or back. */
  jump(ms: number): void {
    this.#jumped += ms;
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const { at, wake } of [...this.#sleepers]) if (at <= this.#now) wake();
  }
}

import type { Clock } from '../env.ts';
import { type ClusterInstant, type Elapsed, elapsedAt, type Milliseconds, plus, type RealInstant, realInstant } from '../instant.ts';

/** A clock that stands still until it is put forward. Only what waits for the world outside, as for the answer of a webhook, sleeps, and does so in real time. */
export class VirtualClock implements Clock {
  readonly #outside: Clock;
  #time: ClusterInstant;

  constructor(start: ClusterInstant, outside: Clock) {
    this.#time = start;
    this.#outside = outside;
  }

  now = (): RealInstant => realInstant(this.#time);

  elapsed = (): Elapsed => elapsedAt(this.#time);

  sleep = (ms: Milliseconds, signal?: AbortSignal): Promise<void> => this.#outside.sleep(ms, signal);

  turn = (): Promise<void> => this.#outside.turn();

  /** Never goes back. */
  advance(ms: number): void {
    this.#time = plus(this.#time, Math.max(0, ms));
  }
}

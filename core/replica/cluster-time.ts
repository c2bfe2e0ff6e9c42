import type { Clock } from '../env.ts';

/**
 * The time of one cluster, as one process knows it: what stamps objects and entries, and what all that waits for a stamp waits by (grace periods, TTLs,
 * schedules, back-offs, leases, ages). It is the wall clock's, unless the log is ahead of that: then it goes on from the end of the log at the
 * rate of real time, so that nothing that waits waits for the wall clock to come so far. It never goes back behind the log
 * (docs/decisions/0012-clock-jumps.md). All in ms since the epoch.
 */
export class ClusterTime {
  readonly #clock: Clock;
  /** Cluster time less elapsed time, where an entry was furthest ahead. */
  #lead = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return Math.floor(Math.max(this.#clock.now(), this.#lead + this.#clock.elapsed()));
  }

  /** An entry of this time was read, or appended: the cluster has come so far. */
  reached(time: number): void {
    this.#lead = Math.max(this.#lead, time - this.#clock.elapsed());
  }

  /** A process begins with a log that ends at `time`: what has passed since was measured by nobody, but for the wall clock by which the log was ahead. */
  resumed(time: number, aheadMinutes: number): void {
    this.reached(aheadMinutes > 0 ? Math.max(time, this.#clock.now() + aheadMinutes * MINUTE) : time);
  }

  /**
   * By how many whole minutes cluster time is ahead of this process's wall clock. Whole ones, as the clocks of two writers always differ a little:
   * each would add that to what the other one noted.
   */
  get aheadMinutes(): number {
    return Math.max(0, Math.floor((this.now() - this.#clock.now()) / MINUTE));
  }
}

const MINUTE = 60_000;

import type { Clock } from '../env.ts';
import { between, type ClusterInstant, clusterInstant, elapsedAt, plus, type RealDelay, type RealInstant, realDelay, realInstant } from '../instant.ts';
import { type ClusterClock, realClock } from './cluster-clock.ts';

/**
 * The time of one cluster, as one process knows it: what stamps objects and entries, and what all that waits for a stamp waits by (grace periods, TTLs,
 * schedules, back-offs, leases, ages). It goes on with real time, at the rate that the cluster's clock is set to (docs/decisions/0019-clocks.md).
 *
 * Real time is the wall clock's, unless the log is ahead of that: then it goes on from the end of the log by the monotonic clock, so that nothing that waits
 * waits for the wall clock to come so far. Neither goes back behind the log (docs/decisions/0012-clock-jumps.md).
 */
export class ClusterTime {
  readonly #clock: Clock;
  /** What real time it was when the monotonic clock began, by the entry that was furthest ahead. */
  #lead = realInstant(Number.NEGATIVE_INFINITY);
  /** The time of the last entry. */
  #reached = clusterInstant(0);
  #setting: ClusterClock = realClock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): ClusterInstant {
    const { rate, since, realSince } = this.#setting;
    const time = rate === 0 ? since : plus(since, rate * between(realSince, this.#real()));
    return clusterInstant(Math.max(this.#reached, Math.floor(time)));
  }

  /** In how much real time it will be `at`: in none, when that has come; undefined: never, as time stands still. */
  delayUntil(at: ClusterInstant): RealDelay | undefined {
    const left = at - this.now();
    if (left <= 0) return realDelay(0);
    return this.#setting.rate === 0 ? undefined : realDelay(Math.ceil(left / this.#setting.rate));
  }

  /** An entry of this time was read, or appended: the cluster has come so far, and its clock is set in this way. */
  reached(time: ClusterInstant, setting: ClusterClock): void {
    const { rate, since, realSince } = setting;
    this.#setting = setting;
    this.#reached = clusterInstant(Math.max(this.#reached, time));
    // While it stands still, cluster time tells nothing of real time.
    if (rate > 0) this.#ahead(plus(realSince, (time - since) / rate));
  }

  /** A process begins with a log that ends at `time`: what has passed since, only the wall clock that the log was ahead of has measured. */
  resumed(time: ClusterInstant, aheadMinutes: number, setting: ClusterClock): void {
    // Of a log that was restored, later entries may have been known.
    this.#reached = time;
    this.reached(time, setting);
    if (aheadMinutes > 0) this.#ahead(plus(this.#clock.now(), aheadMinutes * MINUTE));
  }

  /**
   * By how many whole minutes real time, as the log has it, is ahead of this process's wall clock. Whole ones, as the clocks of two writers always differ a
   * little: each would add that to what the other one noted.
   */
  get aheadMinutes(): number {
    return Math.max(0, Math.floor(between(this.#clock.now(), this.#real()) / MINUTE));
  }

  /** The clock set anew, at a time: to another rate, and ahead by `ms`. */
  set(now: ClusterInstant, { rate, advanceMs }: ClockChange): ClusterClock {
    return { rate, since: plus(now, advanceMs), realSince: this.#real() };
  }

  #real(): RealInstant {
    const wall = this.#clock.now();
    const led = plus(this.#lead, this.#passed());
    return led > wall ? led : wall;
  }

  #ahead(real: RealInstant): void {
    const lead = plus(real, -this.#passed());
    if (lead > this.#lead) this.#lead = lead;
  }

  /** How many ms have passed by the monotonic clock. */
  #passed(): number {
    return between(START, this.#clock.elapsed());
  }
}

export interface ClockChange {
  readonly rate: number;
  readonly advanceMs: number;
}

const START = elapsedAt(0);
const MINUTE = 60_000;

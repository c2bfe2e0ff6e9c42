import type { Clock } from '../env.ts';
import { type Elapsed, plus, type RealDelay } from '../instant.ts';
import type { Wakeups } from './wakeups.ts';

/**
 * Asks for each wake-up once: a reconciler says at the end of every run when it wants to run next, and mostly it says the same again.
 * Forgetting (a new process) only means a wake-up too many.
 */
export class Timers {
  readonly #wakeups: Wakeups;
  readonly #clock: Pick<Clock, 'elapsed'>;
  /** When those come that were asked for, in real time: one that is far off stays while nearer ones come and go. */
  readonly #asked = new Map<string, readonly Elapsed[]>();

  constructor(wakeups: Wakeups, clock: Pick<Clock, 'elapsed'>) {
    this.#wakeups = wakeups;
    this.#clock = clock;
  }

  /** `delay`: in how much real time `reconciler` is to run on `cluster` again (`Replica.delayUntil`); undefined: only when something changes. */
  async next(cluster: string, reconciler: string, delay: RealDelay | undefined): Promise<void> {
    if (delay === undefined) return;
    const key = `${cluster}/${reconciler}`;
    const now = this.#clock.elapsed();
    const asked = (this.#asked.get(key) ?? []).filter((time) => time > now);
    const due = plus(now, delay);
    // One that is still to come and not later is enough: the run that it starts will ask for the rest.
    if (asked.some((time) => time <= plus(due, SLACK_MS))) return;
    this.#asked.set(key, [...asked, due]);
    await this.#wakeups.later(cluster, reconciler, delay);
  }
}

/** The two clocks do not tick together: the same time, asked for again, comes out a little different. */
const SLACK_MS = 10;

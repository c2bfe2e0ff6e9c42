import type { Wakeups } from './wakeups.ts';

/**
 * Asks for each wake-up once: a reconciler says at the end of every run when it wants to run next, and mostly it says the same again.
 * Forgetting (a new process) only means a wake-up too many.
 */
export class Timers {
  readonly #wakeups: Wakeups;
  readonly #asked = new Map<string, number>();

  constructor(wakeups: Wakeups) {
    this.#wakeups = wakeups;
  }

  /** `at`: when `reconciler` wants to run on `cluster` again (ms since the epoch), or undefined. `now`: the same clock. */
  async next(cluster: string, reconciler: string, at: number | undefined, now: number): Promise<void> {
    if (at === undefined) return;
    const key = `${cluster}/${reconciler}`;
    const asked = this.#asked.get(key);
    // One that is still to come and not later is enough: the run that it starts will ask for the rest.
    if (asked !== undefined && asked > now && asked <= at) return;
    this.#asked.set(key, at);
    await this.#wakeups.later(cluster, reconciler, at);
  }
}

import { type Env, idsFrom } from '../../core/env.ts';
import { elapsedAt, realInstant } from '../../core/instant.ts';
import { Chance } from './chance.ts';
import type { VirtualTime } from './clock.ts';
import type { Faults } from './faults.ts';

/** What everything in one run shares. */
export interface World {
  readonly seed: number;
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly faults: Faults;
}

/**
 * One instance of a function, or another program: it has its own chance and a clock that goes a little wrong and may be set, and may die or stand still
 * between any two steps of I/O. What it waits for when it dies never comes: nothing of it runs any more.
 */
export class Process {
  readonly name: string;
  readonly env: Env;
  readonly #world: World;
  readonly #mortal: boolean;
  readonly #deaths = new Set<() => void>();
  #alive = true;
  #pausedUntil = 0;
  /** By how many ms its wall clock is wrong, for itself. */
  wrong = 0;
  /** When it last met with a log that was not well, or stood still: what it answers for a while may be due to that. */
  hinderedAt = Number.NEGATIVE_INFINITY;

  /** A process that is not `mortal` is spared: clients, and what stands for AWS itself. */
  constructor(world: World, name: string, { mortal = true, skew = 0 }: { mortal?: boolean; skew?: number } = {}) {
    this.#world = world;
    this.#mortal = mortal;
    this.name = name;
    const { time } = world;
    const random = new Chance(`${world.seed} ${name}`);
    this.env = {
      random,
      ids: idsFrom(random),
      clock: {
        now: () => realInstant(Math.floor(time.now + time.wrong + this.wrong + skew)),
        elapsed: () => elapsedAt(time.now),
        sleep: (ms, signal) => this.#sleep(ms, signal),
        turn: () => new Promise((resolve) => time.after(random.next() / 10, () => this.#resume(resolve))),
      },
    };
  }

  get alive(): boolean {
    return this.#alive;
  }

  kill(): void {
    if (!this.#alive) return;
    this.#alive = false;
    for (const tell of this.#deaths) tell();
    this.#deaths.clear();
  }

  /** `tell` is called when the process dies. Returns what takes that back. */
  whenDead(tell: () => void): () => void {
    if (!this.#alive) tell();
    this.#deaths.add(tell);
    return () => this.#deaths.delete(tell);
  }

  /**
   * One request to something outside: `perform` happens there after `there` ms, whatever became of the process; what it returns or
   * throws comes back after another `back` ms.
   */
  request<T>({ there, back, perform }: { there: number; back: number; perform: () => T }): Promise<T> {
    const { time } = this.#world;
    return new Promise((resolve, reject) => {
      if (!this.#survives()) return;
      time.after(there, () => {
        const outcome = outcomeOf(perform, resolve, reject);
        time.after(back, () => this.#resume(() => this.#survives() && outcome()));
      });
    });
  }

  #survives(): boolean {
    if (this.#alive && this.#mortal && this.#world.faults.strikes('process dies')) this.kill();
    return this.#alive;
  }

  /** Goes on with `task`, later if the process stands still, never if it is dead. */
  #resume(task: () => void): void {
    const { time, faults, chance } = this.#world;
    if (!this.#alive) return;
    // Much shorter than entries are kept, as an append may be under way.
    if (this.#mortal && faults.strikes('process pauses')) this.#pausedUntil = this.hinderedAt = time.now + Math.min(20_000, chance.exponential(6_000));
    if (this.#pausedUntil > time.now) time.after(this.#pausedUntil - time.now, () => this.#resume(task));
    else task();
  }

  #sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = () => {
        timer.cancel();
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = this.#world.time.after(ms, () => this.#resume(done));
      signal?.addEventListener('abort', done, { once: true });
    });
  }
}

function outcomeOf<T>(perform: () => T, resolve: (value: T) => void, reject: (error: unknown) => void): () => void {
  try {
    const value = perform();
    return () => resolve(value);
  } catch (error) {
    return () => reject(error);
  }
}

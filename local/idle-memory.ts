import { type EventLoopUtilization, performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const GROWN = 96 * 1024 * 1024;
const LOOK_MS = 1_000;

/**
 * Gives memory back to the machine once a burst of work is over: V8 keeps the pages that a burst needed, often several times what the cluster
 * itself takes. Only when the process has grown a lot and nothing is going on (`Stillness`), for it stops the process for up to some tenths of a second, and for
 * seconds where a cluster is large. Stops when `signal` aborts.
 */
export function giveBackMemoryWhenIdle({ activity, signal }: { activity: () => number; signal: AbortSignal }): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: { type: 'major'; flavor: 'last-resort' }) => void;
  let settled = process.memoryUsage.rss();
  const stillness = new Stillness();
  let last: EventLoopUtilization | undefined;
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    if (!stillness.look({ activity: activity(), utilization }) || process.memoryUsage.rss() - settled < GROWN) return;
    // Only this flavour lets go of pooled pages too.
    collect({ type: 'major', flavor: 'last-resort' });
    settled = process.memoryUsage.rss();
  }, LOOK_MS);
  timer.unref();
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}

/** How much of the time between two looks may be work for nothing to be going on. */
const STILL = 0.1;
const LOOKS = 2;

/**
 * Whether nothing has been going on for two looks: nobody came, and there was next to nothing to do. A reconciler that is busy by itself, with one pass of seconds after the other,
 * moves no number for long, and keeps the thread from anything else.
 */
export class Stillness {
  #last: number | undefined;
  #looks = 0;

  /** `activity`: any number that moves when somebody comes; `utilization`: which part of the time since the last look was work. */
  look({ activity, utilization }: { readonly activity: number; readonly utilization: number }): boolean {
    this.#looks = activity === this.#last && utilization < STILL ? this.#looks + 1 : 0;
    this.#last = activity;
    return this.#looks >= LOOKS;
  }
}

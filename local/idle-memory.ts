import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const GROWN = 96 * 1024 * 1024;
const LOOK_MS = 1_000;

/**
 * Gives memory back to the machine once a burst of work is over: V8 keeps the pages that a burst needed, often several times what the cluster
 * itself takes. Only when the process has grown a lot and `activity` (any number that moves while there is work) has stood still for two
 * looks, for it stops the process for up to some tenths of a second. Stops when `signal` aborts.
 */
export function giveBackMemoryWhenIdle({ activity, signal }: { activity: () => number; signal: AbortSignal }): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: { type: 'major'; flavor: 'last-resort' }) => void;
  let settled = process.memoryUsage.rss();
  let last = activity();
  let still = 0;
  const timer = setInterval(() => {
    const now = activity();
    still = now === last ? still + 1 : 0;
    last = now;
    if (still < 2 || process.memoryUsage.rss() - settled < GROWN) return;
    // Only this flavour lets go of pooled pages too.
    collect({ type: 'major', flavor: 'last-resort' });
    settled = process.memoryUsage.rss();
  }, LOOK_MS);
  timer.unref();
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}

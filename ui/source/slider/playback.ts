import { signal } from '@preact/signals';
import { atHand, head, lookAt } from '../model/cluster.ts';
import { nextChange } from './next-change.ts';
import { timeAt } from './times.ts';

export const isPlaying = signal(false);

/** How many times as fast as it was. */
export const SPEEDS = [1, 5, 20, 100, 1000] as const;
export const speed = signal<number>(5);

/** Nobody watches nothing: a pause is over after that much. */
const LONGEST_PAUSE_MS = 700;

let frame = 0;

/** Shows what happened from an offset on, as fast as it is told to, up to now. Who is there already is shown all that is at hand. */
export function playFrom(from: number): void {
  isPlaying.value = true;
  let shown = from >= head.value ? (atHand()?.from ?? from) : from;
  let next = nextChange(shown, 1);
  let last = performance.now();
  /** In ms of the cluster's time: how far one has come behind `shown`. */
  let passed = 0;
  const tick = (now: number) => {
    if (!isPlaying.value) return;
    passed += Math.min(now - last, 100) * speed.value;
    last = now;
    while (next !== undefined) {
      const wait = Math.min(Math.max(0, timeAt(next) - timeAt(shown)), LONGEST_PAUSE_MS * speed.value);
      if (wait > passed) break;
      passed -= wait;
      shown = next;
      next = nextChange(shown, 1);
    }
    if (next === undefined || shown >= head.value) {
      stopPlaying();
      return lookAt(undefined);
    }
    lookAt(shown);
    frame = requestAnimationFrame(tick);
  };
  frame = requestAnimationFrame(tick);
}

export function stopPlaying(): void {
  isPlaying.value = false;
  cancelAnimationFrame(frame);
}

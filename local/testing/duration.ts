import { parseGoDuration } from '../../core/kube/go-duration.ts';

/** A duration in ms: a number of them, or text such as `1h30m`. Throws a TypeError when it is none, or negative. */
export function durationMs(duration: string | number): number {
  const ms = typeof duration === 'number' ? duration : parseGoDuration(duration);
  if (ms === undefined || !(ms >= 0 && Number.isFinite(ms)))
    throw new TypeError(`${JSON.stringify(duration)} is no duration: say ms, or text such as "90s", "3h" or "1h30m"`);
  return ms;
}

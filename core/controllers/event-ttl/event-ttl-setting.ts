import { parseGoDuration } from '../../kube/go-duration.ts';

/** The default of kube-apiserver's `--event-ttl`. */
export const EVENT_TTL = '1h';

/** What a setting of that name is, for an operator who gave it something else. */
export const EVENT_TTL_SYNTAX = 'a duration such as 1h or 30m, of a second at least, or 0 for no end';

/** `1h30m` or `0`, in milliseconds; undefined when it is no such setting. */
export function parseEventTtl(text: string): number | undefined {
  const ms = parseGoDuration(text);
  return ms !== undefined && (ms === 0 || ms >= 1_000) ? Math.round(ms) : undefined;
}

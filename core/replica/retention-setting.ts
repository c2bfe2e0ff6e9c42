import { parseGoDuration } from '../kube/go-duration.ts';

/** Everything is kept. */
export const RETENTION = '0';

/** What a setting of that name is, for an operator who gave it something else. */
export const RETENTION_SYNTAX = 'a duration such as 24h, of a second at least, or 0 for no end';

/** How long the entries of a log are kept at least, `24h` or `0`, in milliseconds; undefined when it is no such setting. */
export function parseRetention(text: string): number | undefined {
  const ms = parseGoDuration(text);
  return ms !== undefined && (ms === 0 || ms >= 1_000) ? Math.round(ms) : undefined;
}

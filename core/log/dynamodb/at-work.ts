import { between, type RealInstant } from '../../instant.ts';

/** A writer is done after this long, or dead: a function runs for a quarter of an hour at most. */
const AT_WORK_MS = 3_600_000;

/** For how much longer a process that noted this moment may be at what it began then, in ms; 0 or less: not any more. */
export function atWorkForMs(begun: RealInstant, now: RealInstant): number {
  const since = between(begun, now);
  // So far ahead is no clock that is right: it was set back since, and nothing would ever be removed.
  return since < -AT_WORK_MS ? 0 : AT_WORK_MS - since;
}

import type { EventObject } from '../schema/generated/kinds.ts';

/**
 * When an Event was last written, as it says itself, ms since the epoch. The time of the change would be exact, but a process that begins with a snapshot does not know it: there all
 * Events seem to be as new as the snapshot, and a host that starts often would never see one end. So both kinds of process go by the stamps, and come to the same:
 * the only write that they do not tell of is one by a client that counts nothing up (`kubectl label`), which here gives no other term. A recorder's clock may be
 * ahead, or set to the year 2099: no stamp counts for more than the change that brought it (`changed`), at the latest the end of the log.
 */
export function lastWrite({ metadata, firstTimestamp, lastTimestamp, eventTime, series }: EventObject, changed: number): number {
  const stamps = [metadata.creationTimestamp, firstTimestamp, lastTimestamp, eventTime, series?.lastObservedTime];
  const last = Math.max(0, ...stamps.filter((stamp) => stamp !== undefined && stamp !== null).map((stamp) => Date.parse(stamp)));
  // A stamp has whole seconds: the Event is to stay its whole term, whenever in that second it was.
  return Math.min(last + 999, changed);
}

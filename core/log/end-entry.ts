import { type Key, keyOf } from '../kube/object.ts';
import type { Branch } from './branches.ts';
import { EntriesMissing } from './entry.ts';
import type { LogEvent } from './event.ts';
import { type EventLog, lastOffset } from './log.ts';

/** Of the last event of a log that takes nothing more, as its cluster has ended (replica/cluster-end.ts). */
export const END_KEY: Key = keyOf('clusterends', undefined, 'cluster');

export const isEnd = ({ key }: LogEvent): boolean => key === END_KEY;

/** Whether a branch may go on where its base ends: neither behind the last entry nor behind the end of a cluster. What is read is written by then, and does not change. */
export async function canGoOn({ lastEntry }: Pick<EventLog, 'lastEntry'>, { base }: Pick<Branch, 'base'>): Promise<boolean> {
  const from = base.at(-1);
  if (!from) return true;
  const { log, upTo } = from;
  try {
    const entry = await lastEntry(log, { atMost: upTo });
    // Where entries were deleted up to there, a snapshot stands for them.
    return entry === undefined || (lastOffset(entry) >= upTo && !entry.events.slice(0, upTo + 1 - entry.offset).some(isEnd));
  } catch (error) {
    // It is being removed.
    if (error instanceof EntriesMissing) return false;
    throw error;
  }
}

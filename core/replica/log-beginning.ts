import type { Offset } from '../log/event.ts';
import { MAX_KNOWN, type Reset } from './cluster-reset.ts';

/** What is folded from a log, whatever snapshots there are. */
interface Needs {
  /** Those of the newest state. */
  readonly resets: readonly Reset[];
  /** The offsets up to which branches are based on it. */
  readonly reaches: readonly Offset[];
}

/**
 * Whether every offset from a snapshot on can be read when a log begins there: no reset behind it goes back to what is before, and no branch begins there. Other snapshots may be
 * superseded (log/snapshots.ts), so that nothing rests on them.
 */
export function canBeginAt(begin: Offset, { resets, reaches }: Needs): boolean {
  // Of a reset that is no longer known it cannot be told what it goes back to.
  if (resets.length === MAX_KNOWN && begin < resets[0]!.at) return false;
  return reaches.every((upTo) => upTo >= begin) && resets.every(({ at, to }) => at <= begin || to >= begin);
}

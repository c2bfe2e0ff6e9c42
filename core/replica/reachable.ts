import type { Offset } from '../log/event.ts';
import { MAX_KNOWN, type Reset } from './cluster-reset.ts';

/** What the past of a cluster is folded from. */
interface Kept {
  /** Where its log begins: at a snapshot, or at 0. */
  readonly begin: Offset;
  /** The snapshots that there are, oldest first. */
  readonly snapshots: readonly Offset[];
  readonly resets: readonly Reset[];
}

/**
 * Whether the state at an offset can be folded: from the last snapshot before it on, and where there was a reset since then, from what that goes back to.
 */
export function isReachable(offset: Offset, kept: Kept): boolean {
  const { begin, snapshots, resets } = kept;
  if (offset < begin) return false;
  const from = snapshots.findLast((snapshot) => snapshot >= begin && snapshot <= offset) ?? begin;
  // Of a reset that is no longer known it cannot be told what it goes back to.
  if (resets.length === MAX_KNOWN && from < resets[0]!.at) return false;
  const last = resets.findLast(({ at }) => at > from && at <= offset);
  return !last || isReachable(last.to, kept);
}

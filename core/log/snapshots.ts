import type { Offset } from './event.ts';

/**
 * How many events there are between snapshots, about: a reader of the past folds no more than that (docs/decisions/0010-snapshots-of-the-past.md).
 */
export const SNAPSHOT_SPACING = 20_000;

/** How many events there are between kept snapshots at most, where so many were taken: a run of reconcilers, after which they are taken, writes some thousands. */
export const MAX_SPACING = SNAPSHOT_SPACING * 1.25;

/**
 * Which of a cluster's snapshots are not worth their storage. Kept are the newest, where a cold start begins, the one before it, where it begins
 * should the newest turn out to be damaged, and of the others as few as leave
 * no stretch of more than `MAX_SPACING` events without one. The beginning of the log, where nothing is there, counts as one; where a log was
 * truncated (`begin`: the snapshot at which it begins), that one stays and those before it go.
 */
export function superseded(offsets: readonly Offset[], { begin = 0 }: { begin?: Offset } = {}): Offset[] {
  const oldestFirst = [...new Set(offsets)].sort((a, b) => a - b);
  let kept = begin;
  return oldestFirst.filter((offset, i) => {
    if (offset < begin) return true;
    const next = oldestFirst[i + 1];
    if (offset !== begin && i < oldestFirst.length - 2 && next! - kept <= MAX_SPACING) return true;
    kept = offset;
    return false;
  });
}

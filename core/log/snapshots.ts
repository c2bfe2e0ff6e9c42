import type { Offset } from './log.ts';

/**
 * Which of a cluster's snapshots are no longer worth their storage. Kept are the newest, where a cold start begins, and of those whose distance
 * from it lies between two powers of two the oldest, where a look into the past begins: the number kept grows with the logarithm of
 * the log, and replaying to any offset stays within a small multiple of its distance from the end.
 */
export function superseded(offsets: readonly Offset[]): Offset[] {
  const oldestFirst = [...new Set(offsets)].sort((a, b) => a - b);
  const newest = oldestFirst.at(-1) ?? 0;
  const taken = new Set<number>();
  return oldestFirst.filter((offset) => {
    const octave = Math.floor(Math.log2(newest - offset));
    if (taken.has(octave)) return true;
    taken.add(octave);
    return false;
  });
}

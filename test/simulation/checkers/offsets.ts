import { type LogEntry, lastOffset } from '../../../core/log/log.ts';
import type { Checker } from './checker.ts';

/** Offsets are dense and grow: each entry begins right behind the one before it, however late it was put; time never goes back. */
export const offsets: Checker = { name: 'offsets', check: ({ entries }) => checkOffsets(entries) };

export function* checkOffsets(entries: readonly LogEntry[]): Generator<string> {
  let end = 0;
  let time = 0;
  for (const entry of entries) {
    if (entry.offset !== end + 1) yield `an entry was put at ${entry.offset}, when the log ended at ${end}`;
    if (entry.time < time) yield `the entry at ${entry.offset} is of an earlier time than the one before it`;
    end = Math.max(end, lastOffset(entry));
    time = Math.max(time, entry.time);
  }
}

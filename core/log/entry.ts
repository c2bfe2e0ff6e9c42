import type { Append, LogEntry } from './log.ts';

/** The entry that an append asks for. A malformed append is a bug of its author: nothing may be written for it. */
export function entryOf({ after, events, writer, time, aheadMinutes = 0, combined = [] }: Append): LogEntry {
  if (!Number.isSafeInteger(after) || after < 0) throw new Error(`An append must name the offset it follows, not ${after}`);
  if (events.length === 0) throw new Error('An append needs at least one event');
  if (!writer) throw new Error('An append needs a writer: without one a lost answer cannot be told from a lost race');
  return { offset: after + 1, events, writer, time, ...(aheadMinutes > 0 && { aheadMinutes }), ...(combined.length > 0 && { combined }) };
}

/** Entries that a reader needs are not there: the log is damaged, or its history was cut off behind the reader. Nothing can be folded past it. */
export class EntriesMissing extends Error {
  override readonly name = 'EntriesMissing';
}

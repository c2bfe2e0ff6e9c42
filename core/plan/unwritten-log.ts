import { entryOf } from '../log/entry.ts';
import type { EventLog } from '../log/log.ts';
import { memoryLog } from '../log/memory/memory-log.ts';

/** A log that takes every entry and keeps none: for a replica that is its only writer, and ends with the process's interest in it. */
export function unwrittenLog(): EventLog {
  return {
    ...memoryLog(),
    append: async (_cluster, request) => ({ type: 'appended', entry: entryOf(request) }),
    async *read() {},
  };
}

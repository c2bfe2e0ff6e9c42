import type { EventLog } from '../log/log.ts';
import { memoryLog } from '../log/memory/memory-log.ts';

/** A log whose entries up to an offset have been deleted once `forget` was called, as retention does. */
export function forgetfulLog(): EventLog & { forget(upTo: number): void } {
  const log = memoryLog();
  let forgotten = 0;
  return {
    ...log,
    forget(upTo) {
      forgotten = upTo;
    },
    async *read(cluster, options) {
      for await (const entry of log.read(cluster, options)) if (entry.offset > forgotten) yield entry;
    },
  };
}

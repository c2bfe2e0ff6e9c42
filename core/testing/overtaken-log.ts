import type { LogEvent } from '../log/event.ts';
import type { EventLog } from '../log/log.ts';
import { memoryLog } from '../log/memory/memory-log.ts';

/** A log in which another writer comes first: once `overtake` was called, right before the next entry with an event of that user. */
export function overtakenLog(): EventLog & { overtake(username: string, events: () => readonly LogEvent[]): void } {
  const log = memoryLog();
  let next: { readonly username: string; readonly events: () => readonly LogEvent[] } | undefined;
  return {
    ...log,
    overtake(username, events) {
      next = { username, events };
    },
    async append(cluster, wanted) {
      if (next && wanted.events.some(({ actor }) => actor.username === next?.username)) {
        const { after, time } = wanted;
        const { events } = next;
        next = undefined;
        await log.append(cluster, { after, time, events: events(), writer: 'another' });
      }
      return log.append(cluster, wanted);
    },
  };
}

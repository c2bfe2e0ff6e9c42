import { EntryTooLarge, type EventLog } from '../../core/log/log.ts';

/** An entry takes 400 KB: more than these runs write at once. Here it takes a number of events, but for the first, with which a cluster begins. */
export const limited =
  (events = Number.POSITIVE_INFINITY) =>
  (log: EventLog): EventLog => ({
    ...log,
    async append(cluster, wanted) {
      if (wanted.after > 0 && wanted.events.length > events) throw new EntryTooLarge(`${wanted.events.length} events`);
      return log.append(cluster, wanted);
    },
  });

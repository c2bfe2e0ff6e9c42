import { setTimeout as sleep } from 'node:timers/promises';
import { type EventLog, type LogEntry, lastOffset } from '../core/log/log.ts';

/** A log of one cluster each of whose calls takes 5 ms, as one that is deployed does. Entries are decoded once for all: there, each writer has a processor of its own for that. */
export function deployed(log: EventLog): EventLog {
  const proposals = log.proposals!;
  const entries: LogEntry[] = [];
  const end = () => (entries.length > 0 ? lastOffset(entries.at(-1)!) : 0);
  return {
    ...log,
    async append(cluster, request) {
      await sleep(CALL_MS);
      return log.append(cluster, request);
    },
    async *read(cluster, { after }) {
      await sleep(CALL_MS);
      for await (const entry of log.read(cluster, { after: end() })) if (entry.offset === end() + 1) entries.push(entry);
      let i = entries.length;
      while (i > 0 && entries[i - 1]!.offset > after) i--;
      for (; i < entries.length; i++) yield entries[i]!;
    },
    proposals: {
      put: (...args) => sleep(CALL_MS).then(() => proposals.put(...args)),
      list: (...args) => sleep(CALL_MS).then(() => proposals.list(...args)),
      delete: (...args) => sleep(CALL_MS).then(() => proposals.delete(...args)),
    },
  };
}

const CALL_MS = 5;

import { describe, it } from 'vitest';
import type { LogEvent } from '../../../core/log/event.ts';
import type { EventLog } from '../../../core/log/log.ts';
import { appending } from './appending.ts';
import { type Defect, finds } from './finds.ts';

/** Defects of what is to be one entry: a log that divides it, and changes that are taken back by half. */
describe('a run without faults', () => {
  const defects: Defect[] = [
    { name: 'a transaction that is divided', parts: { wrapLog: dividing }, found: /at once: transactions\.\S+ at \d+ does not tell in its entry/ },
    { name: 'an undo that leaves something', parts: { wrapLog: forgetful }, found: /at once: undos\.\S+ at \d+ leaves configmaps/ },
  ];
  for (const defect of defects) it(`finds ${defect.name}`, () => finds({ ...defect, operation: 'undoing' }));
});

/** Writes the last event of a transaction's entry as an entry of its own. */
function dividing(log: EventLog): EventLog {
  return appending(1, async (inner, cluster, wanted) => {
    const { events, after } = wanted;
    const isRecord = events.some(({ key, type }) => type === 'ADDED' && key.startsWith('transactions.logplane.dev/'));
    if (!isRecord || events.length < 3) return inner.append(cluster, wanted);
    const first = await inner.append(cluster, { ...wanted, events: events.slice(0, -1) });
    if (first.type !== 'appended') return first;
    await inner.append(cluster, { ...wanted, after: after + events.length - 1, events: events.slice(-1), writer: `${wanted.writer} rest` });
    return { type: 'appended', entry: { ...first.entry, events } };
  })(log);
}

/** Brings objects to another value than an undo has decided. */
function forgetful(log: EventLog): EventLog {
  return appending(1, (inner, cluster, wanted) => {
    const isUndo = wanted.events.some(({ key, type }) => type === 'ADDED' && key.startsWith('undos.logplane.dev/'));
    const wrong = (event: LogEvent): LogEvent =>
      event.key.startsWith('configmaps/') && 'patch' in event && (event.patch as { data?: object }).data
        ? { ...event, patch: { ...(event.patch as object), data: { tone: 'wrong' } } }
        : event;
    return inner.append(cluster, isUndo ? { ...wanted, events: wanted.events.map(wrong) } : wanted);
  })(log);
}

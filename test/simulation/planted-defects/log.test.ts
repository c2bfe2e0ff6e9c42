import { describe, expect, it } from 'vitest';
import type { Env } from '../../../core/env.ts';
import { between, clusterInstant } from '../../../core/instant.ts';
import type { KubeObject } from '../../../core/kube/object.ts';
import { keyAt } from '../../../core/log/dynamodb/keys.ts';
import type { LogEvent } from '../../../core/log/event.ts';
import { type Append, type EventLog, type LogEntry, lastOffset } from '../../../core/log/log.ts';
import { Table } from '../table.ts';
import { appending } from './appending.ts';
import { bufferBytes, chance, type Defect, finds, run } from './finds.ts';

/** Defects of the log, and of what is made of it. */
describe('a run without faults', () => {
  it('has no findings, as long as there is no defect', async () => {
    expect((await run({ slowReaders: true, latecomers: true, budget: { bufferBytes } })).findings).toEqual([]);
  });

  const defects: Defect[] = [
    {
      name: 'a log that writes something else than it acknowledges',
      seed: 8,
      parts: { wrapLog: forgetful },
      found: /writes: .* was acknowledged at \d+, but is not in the log/,
    },
    { name: 'a table that overwrites', parts: { Table: Overwriting }, found: /offsets: an entry was put at \d+, when the log ended at \d+/ },
    { name: 'a log that writes twice', parts: { wrapLog: repeating }, found: /writes: .* is in the log 2 times/ },
    { name: 'a log that leaves a gap', parts: { wrapLog: gapping }, found: /offsets: an entry was put at \d+, when the log ended at \d+/ },
    {
      name: 'a writer that does not read the log before it appends, however long ago it did',
      parts: { wrapLog: trusting },
      latecomers: true,
      found: /offsets: an entry was put at \d+, when the log ended at \d+/,
    },
    { name: 'a log that turns time back', parts: { wrapLog: backdating }, found: /offsets: .* is of an earlier time/ },
    { name: 'a projection that misses a change', parts: { wrapLog: blurred }, found: /projections: .* has another/ },
    { name: 'a log whose reads lag behind', parts: { wrapLog: lagging }, found: /reads: a list .* was answered after \d+ was known/ },
    {
      name: 'a retention that deletes past the newest snapshot',
      seed: 8,
      rates: { 'entries deleted': 1, 'instance retires': 0.5 },
      minutes: 1.5,
      parts: { housekeeping: (table) => ({ ...deletingMore(table), keptMs: 1, settledMs: 10_000 }) },
      found: /has later entries, but none at \d+/,
    },
    {
      name: 'a retention that deletes under writers that may be behind',
      rates: { 'entries deleted': 1 },
      parts: { housekeeping: () => ({ keptMs: 1, settledMs: 0 }) },
      found: /offsets: an entry was put at \d+, when the log ended at \d+/,
    },
    {
      name: 'a projection that forgets nothing',
      parts: { historyLimit: 1_000_000 },
      budget: { changes: 200 },
      found: /memory: .* remembers \d+ changes at \d+, more than \d+/,
    },
  ];
  for (const defect of defects) it(`finds ${defect.name}`, () => finds(defect));
});

const byClient = ({ events }: Append) => events.every(({ actor }) => actor.username === 'kubernetes-admin');

/** Writes objects as if they had not been marked. */
function forgetful(log: EventLog): EventLog {
  const unmarked = <T>(object: T): T => ({ ...object, metadata: { ...(object as KubeObject).metadata, annotations: {} } });
  const changed = (event: LogEvent): LogEvent =>
    event.type === 'DELETED' ? event : 'patch' in event ? { ...event, patch: unmarked(event.patch) } : { ...event, object: unmarked(event.object) };
  return appending(0.1, async (inner, cluster, wanted) => {
    if (!byClient(wanted)) return inner.append(cluster, wanted);
    const result = await inner.append(cluster, { ...wanted, events: wanted.events.map(changed) });
    return result.type === 'appended' ? { ...result, entry: { ...result.entry, events: wanted.events } } : result;
  })(log);
}

function repeating(log: EventLog): EventLog {
  return appending(0.5, async (inner, cluster, wanted) => {
    const result = await inner.append(cluster, wanted);
    const again = wanted.events.filter(({ type }) => type === 'MODIFIED');
    if (result.type === 'appended' && byClient(wanted) && again.length > 0) {
      await inner.append(cluster, { ...wanted, events: again, after: lastOffset(result.entry), writer: `${wanted.writer} again` });
    }
    return result;
  })(log);
}

/** Puts what is to be put, whatever is there. */
class Overwriting extends Table {
  override put({ ConditionExpression: _, ...input }: Parameters<Table['put']>[0]) {
    return super.put(input);
  }
}

function gapping(log: EventLog): EventLog {
  return appending(0.2, (inner, cluster, wanted) => inner.append(cluster, { ...wanted, after: wanted.after + 1 }))(log);
}

/** Finds nothing new when it was left alone for more than a minute: as if the next writer had not looked. */
function trusting(log: EventLog, { clock }: Env): EventLog {
  const known = new Map<string, LogEntry>();
  let usedAt = clock.now();
  const sinceUsed = () => {
    const since = between(usedAt, clock.now());
    usedAt = clock.now();
    return since;
  };
  return {
    ...log,
    async *read(cluster, options) {
      if (sinceUsed() >= 60_000) return;
      for await (const entry of log.read(cluster, options)) {
        known.set(cluster, entry);
        yield entry;
      }
    },
    async append(cluster, wanted) {
      usedAt = clock.now();
      const result = await log.append(cluster, wanted);
      if (result.type === 'appended') known.set(cluster, result.entry);
      return result;
    },
    lastEntry: async (cluster, options) => known.get(cluster) ?? log.lastEntry(cluster, options),
  };
}

/** Takes all that comes after the snapshot for older, too, but for the newest entry. */
const deletingMore = (table: Table): { wrapLog: (log: EventLog) => EventLog } => ({
  wrapLog: (log) => ({
    ...log,
    async truncate(cluster, options) {
      const result = await log.truncate(cluster, options);
      for (const offset of table.offsets(cluster).slice(0, -1)) table.delete({ TableName: 'log', Key: keyAt(cluster, offset) });
      return result;
    },
  }),
});

function backdating(log: EventLog): EventLog {
  return appending(0.1, (inner, cluster, wanted) => inner.append(cluster, { ...wanted, time: clusterInstant(wanted.time - 600_000) }))(log);
}

/** Reads some changes as if they changed nothing. */
function blurred(log: EventLog): EventLog {
  const strikes = chance();
  const blur = (entry: LogEntry): LogEntry => ({
    ...entry,
    events: entry.events.map((event) => ('patch' in event && strikes.happens(0.02) ? { ...event, patch: {} } : event)),
  });
  return {
    ...log,
    async *read(cluster, options) {
      for await (const entry of log.read(cluster, options)) yield blur(entry);
    },
  };
}

/** Does not see the newest, as eventually consistent reads do not. */
function lagging(log: EventLog): EventLog {
  const strikes = chance();
  return {
    ...log,
    async *read(cluster, options) {
      const entries: LogEntry[] = [];
      for await (const entry of log.read(cluster, options)) entries.push(entry);
      if (entries.length > 0 && entries[0]!.offset > 1 && strikes.happens(0.8)) entries.pop();
      yield* entries;
    },
  };
}

import { basename } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { CorruptEntry, decodeEntry, encodeEntry } from './codec.ts';
import { entryOf } from './entry.ts';
import { type Append, type AppendResult, type EventLog, type LogEntry, LogUnavailable, LogUnwritable, lastOffset, type Offset } from './log.ts';
import { isBegun, openDatabase, reading, transaction, writing } from './sqlite/database.ts';
import { type End, EndMark } from './sqlite/end-mark.ts';
import { Files } from './sqlite/files.ts';
import { LogDamaged, LogLost } from './sqlite/refusals.ts';
import { runningSum } from './sqlite/running-sum.ts';
import { loadSnapshot, saveSnapshot } from './sqlite/snapshots.ts';
import { verify } from './sqlite/verify.ts';
import { Tails } from './tails.ts';

export interface SqliteLogOptions {
  readonly file: string;
  /** Goes on with what is there although more was acknowledged, where the log would be refused. */
  readonly acceptLoss?: boolean;
  /** Told of what is damaged and can be done without. */
  readonly problem?: (message: string) => void;
}

export interface SqliteLog extends EventLog {
  /** A loss that was accepted: the clusters that end before what was acknowledged, and where that was. Nothing may be said anew at these offsets. */
  readonly lost: ReadonlyMap<string, Offset>;
}

/**
 * The log of one machine, in one SQLite file: an append that was acknowledged survives kill -9 and loss of power. Why SQLite and with which
 * settings: docs/decisions/0001-embedded-log.md. Beside it stands a file that says what was acknowledged (`FILE-end`), and it opens only when all
 * of that is there: docs/decisions/0011-what-was-acknowledged.md. Needs Node 22.5 for `node:sqlite`; only this and `sqlite/` import it.
 * Throws `LogInUse` when another process has the file open, `LogLost` or `LogDamaged` when it holds less than was acknowledged, and an Error that
 * says so when it is not a log.
 */
export function sqliteLog({ file, acceptLoss = false, problem = () => undefined }: SqliteLogOptions): SqliteLog {
  const { database, mark, lost } = open(file, acceptLoss);
  const files = new Files([file, `${file}-wal`, `${file}-end`]);
  const tails = new Tails();
  /** How many bytes were refused when the last write failed; 0 when it did not. */
  let refused = 0;
  const end = database.prepare('SELECT offset + events - 1 AS offset, sum FROM entries WHERE cluster = ? ORDER BY entries.offset DESC LIMIT 1');
  const put = database.prepare('INSERT INTO entries (cluster, offset, events, writer, bytes, sum) VALUES (?, ?, ?, ?, ?, ?)');
  const at = database.prepare('SELECT writer, bytes, sum FROM entries WHERE cluster = ? AND offset = ?');
  const page = database.prepare(`SELECT offset, bytes FROM entries WHERE cluster = ? AND offset > ? ORDER BY offset LIMIT ${PAGE}`);
  // One look at the index per cluster, where SELECT DISTINCT would walk through all entries.
  const names = database.prepare(`
    WITH RECURSIVE found(name) AS (
      SELECT min(cluster) FROM entries UNION ALL SELECT (SELECT min(cluster) FROM entries WHERE cluster > found.name) FROM found WHERE found.name IS NOT NULL
    ) SELECT name FROM found WHERE name IS NOT NULL`);

  async function append(cluster: string, request: Append): Promise<AppendResult> {
    const entry = entryOf(request);
    const bytes = encodeEntry(entry);
    const last = reading(() => (end.get(cluster) as End | undefined) ?? { offset: 0, sum: 0 });
    if (request.after > last.offset) throw new Error(`Nothing can be appended after ${request.after}: the log of ${cluster} ends at ${last.offset}`);
    if (request.after < last.offset) {
      const there = reading(() => at.get(cluster, entry.offset)) as { writer: string; bytes: Uint8Array; sum: number } | undefined;
      if (there?.writer !== entry.writer) return { type: 'conflict' };
      const known = decodeEntry(there.bytes);
      acknowledge(cluster, { offset: lastOffset(known), sum: there.sum });
      return { type: 'appended', entry: known };
    }
    const sum = runningSum(last.sum, bytes);
    write(bytes.length, () => put.run(cluster, entry.offset, entry.events.length, entry.writer, bytes, sum));
    acknowledge(cluster, { offset: lastOffset(entry), sum });
    tails.push(cluster, entry);
    return { type: 'appended', entry };
  }

  /** What follows may be told to a client: it is in the files that the next process finds, and the mark says so. */
  function acknowledge(cluster: string, ended: End): void {
    inPlace();
    mark.advance(cluster, ended);
  }

  function write(size: number, work: () => void): void {
    // Looked at before, as a file that was cut off is as long as ever behind the next write, and again before it is acknowledged.
    inPlace();
    try {
      writing(work);
      refused = 0;
    } catch (error) {
      refused = Math.max(refused, size, 1);
      throw error;
    }
  }

  function inPlace(): void {
    try {
      files.check();
    } catch (cause) {
      refused ||= 1;
      throw new LogUnwritable(`the log's files are not in place: ${(cause as Error).message}`, { cause });
    }
  }

  async function* read(cluster: string, { after }: { after: Offset }): AsyncGenerator<LogEntry> {
    // A page at a time: no cursor stays open while the reader works, and appends in between are just more to read.
    for (;;) {
      const rows = reading(() => page.all(cluster, after));
      for (const row of rows) {
        const entry = decodeEntry(row['bytes'] as Uint8Array);
        if (entry.offset !== row['offset']) throw new CorruptEntry(`the entry at ${row['offset']} says that it is the one at ${entry.offset}`);
        yield entry;
        after = lastOffset(entry);
      }
      if (rows.length < PAGE) return;
    }
  }

  return {
    append,
    read,
    tail: (cluster, { after, signal }) => tails.follow(cluster, after, signal, (from) => read(cluster, { after: from })),
    async saveSnapshot(cluster, snapshot) {
      const size = snapshot.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      write(size, () => saveSnapshot(database, cluster, snapshot));
    },
    loadSnapshot: async (cluster, bounds = {}) => reading(() => loadSnapshot(database, cluster, { ...bounds, problem })),
    clusters: async () => reading(() => names.all().map((row) => row['name'] as string)),
    async check() {
      if (!database.isOpen) throw new LogUnavailable('the log is closed');
      inPlace();
      // Whether there is room again is only known by writing as much as was refused.
      if (refused > 0) write(refused, () => tryToWrite(database, refused));
      try {
        mark.check();
      } catch (cause) {
        throw new LogUnwritable(`what was acknowledged cannot be noted: ${(cause as Error).message}`, { cause });
      }
    },
    async close() {
      tails.close();
      if (!database.isOpen) return;
      database.close();
      mark.close();
    },
    lost,
  };
}

const PAGE = 128;

interface Opened {
  readonly database: DatabaseSync;
  readonly mark: EndMark;
  readonly lost: ReadonlyMap<string, Offset>;
}

function open(file: string, acceptLoss: boolean): Opened {
  const markFile = `${file}-end`;
  let mark = openMark(markFile, acceptLoss);
  const acknowledged = new Map<string, End>(mark?.ends);
  let database: DatabaseSync | undefined;
  try {
    const refuseNew = () => {
      const [first] = acceptLoss ? [] : acknowledged;
      if (first) throw new LogLost(`${file} is missing or empty: cluster ${first[0]} came to resourceVersion ${first[1].offset}`);
    };
    // Before SQLite looks at it, which would throw away the WAL of an empty file.
    if (!isBegun(file)) refuseNew();
    database = openDatabase(file, {
      creating: refuseNew,
      migrating: (old) => {
        mark = EndMark.create(markFile);
        for (const [cluster, end] of verify(old, { file, acknowledged, acceptLoss })) mark.advance(cluster, end);
      },
    });
    const ends = verify(database, { file, acknowledged, acceptLoss });
    if (!mark && ends.size > 0 && !acceptLoss)
      throw new LogLost(`${markFile} is missing, which says what was acknowledged: whether all of it is in ${basename(file)} cannot be told`);
    mark ??= EndMark.create(markFile);
    // A process that was killed has not always noted the last that it appended.
    for (const [cluster, end] of ends) mark.advance(cluster, end);
    const lost = [...acknowledged].filter(([cluster, { offset }]) => (ends.get(cluster)?.offset ?? 0) < offset);
    return { database, mark, lost: new Map(lost.map(([cluster, { offset }]) => [cluster, offset])) };
  } catch (error) {
    database?.close();
    mark?.close();
    throw error;
  }
}

function openMark(file: string, acceptLoss: boolean): EndMark | undefined {
  try {
    return EndMark.open(file);
  } catch (error) {
    if (error instanceof LogDamaged && acceptLoss) return undefined;
    throw error;
  }
}

/** Writes so many bytes and takes them out again. */
function tryToWrite(database: DatabaseSync, bytes: number): void {
  transaction(database, () => database.prepare("INSERT OR REPLACE INTO snapshot_chunks VALUES ('', 0, 0, zeroblob(?), NULL)").run(bytes));
  transaction(database, () => database.exec("DELETE FROM snapshot_chunks WHERE cluster = ''"));
}

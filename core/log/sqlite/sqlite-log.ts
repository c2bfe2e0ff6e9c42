import type { DatabaseSync } from 'node:sqlite';
import type { ClusterInstant } from '../../instant.ts';
import { branchPoint, isBegunLog } from '../branches.ts';
import { CorruptEntry, decodeEntry, encodeEntry } from '../codec.ts';
import { canGoOn } from '../end-entry.ts';
import { EntriesMissing, entryOf } from '../entry.ts';
import type { Offset } from '../event.ts';
import {
  type Append,
  type AppendResult,
  type EventLog,
  type LogEntry,
  LogUnavailable,
  LogUnwritable,
  lastOffset,
  type Snapshot,
  type SnapshotHead,
} from '../log.ts';
import { Tails } from '../tails.ts';
import { BranchTables } from './branches.ts';
import { reading, transaction, writing } from './database.ts';
import type { End } from './end-mark.ts';
import { Files } from './files.ts';
import { Flush, type Sync } from './flush.ts';
import { openWhole } from './open-whole.ts';
import { forgetEnded, removeSome } from './remove.ts';
import { runningSum } from './running-sum.ts';
import { beginAnew, loadSnapshot, saveSnapshot } from './snapshots.ts';
import { truncate } from './truncate.ts';
import { writtenIn } from './written.ts';

export interface SqliteLogOptions {
  readonly file: string;
  /** Opens what is there although more was acknowledged: `lost` says of which clusters, and `beginAnew` is what is to be done with them then. */
  readonly acceptLoss?: boolean;
  /** Told of what is damaged and can be done without. */
  readonly problem?: (message: string) => void;
  /** How the WAL is brought to the disk; tests have another way. */
  readonly sync?: Sync;
}

export interface SqliteLog extends EventLog {
  /** A loss that was accepted: the clusters that do not hold what was acknowledged, and an offset that is behind all that may have been. */
  readonly lost: ReadonlyMap<string, Offset>;
  /** Puts a snapshot in the place of all that a cluster has: its log goes on behind that, and a reader of what was before is told that it is gone. */
  beginAnew(cluster: string, snapshot: Snapshot, bytes: ReadonlyMap<string, Uint8Array>): Promise<void>;
}

/**
 * The log of one machine, in one SQLite file: an append that was acknowledged survives kill -9 and loss of power. Why SQLite and with which
 * settings: docs/decisions/0001-embedded-log.md. Beside it stands a file that says what was acknowledged (`FILE-end`), and it opens only when all
 * of that is there: docs/decisions/0011-what-was-acknowledged.md. Needs Node 22.5 for `node:sqlite`; only this and `sqlite/` import it.
 * Throws `LogInUse` when another process has the file open, `LogLost` or `LogDamaged` when it holds less than was acknowledged, and an Error that
 * says so when it is not a log.
 */
export function sqliteLog({ file, acceptLoss = false, problem = () => undefined, sync }: SqliteLogOptions): SqliteLog {
  const { database, mark, lost } = openWhole(file, { acceptLoss });
  const files = new Files([file, `${file}-wal`, `${file}-end`]);
  // A commit is in the WAL then, and not on the disk: that is waited for beside it.
  database.exec('PRAGMA synchronous = NORMAL');
  const flush = new Flush(`${file}-wal`, sync);
  const markFlush = new Flush(`${file}-end`, sync);
  const tails = new Tails();
  const branches = new BranchTables(database);
  const written = writtenIn(database);
  /** How many bytes were refused when the last write failed; 0 when it did not. */
  let refused = 0;
  const end = database.prepare('SELECT offset + events - 1 AS offset, sum FROM entries WHERE cluster = ? ORDER BY entries.offset DESC LIMIT 1');
  const base = database.prepare('SELECT offset, 0 AS sum FROM snapshots WHERE cluster = ? ORDER BY offset DESC LIMIT 1');
  const put = database.prepare('INSERT INTO entries (cluster, offset, events, writer, bytes, sum) VALUES (?, ?, ?, ?, ?, ?)');
  const at = database.prepare('SELECT writer, bytes, sum FROM entries WHERE cluster = ? AND offset = ?');
  const page = database.prepare(`SELECT offset, bytes FROM entries WHERE cluster = ? AND offset > ? ORDER BY offset LIMIT ${PAGE}`);
  const heads = database.prepare('SELECT offset, time FROM snapshots WHERE cluster = ? ORDER BY offset');
  const lastAt = database.prepare('SELECT bytes FROM entries WHERE cluster = ? AND offset <= ? ORDER BY offset DESC LIMIT 1');

  async function append(cluster: string, request: Append): Promise<AppendResult> {
    const entry = entryOf(request);
    const bytes = encodeEntry(entry);
    const last = reading(() => ((end.get(cluster) ?? base.get(cluster)) as End | undefined) ?? beginningOf(cluster));
    if (request.after > last.offset) throw new Error(`Nothing can be appended after ${request.after}: the log of ${cluster} ends at ${last.offset}`);
    if (request.after < last.offset) {
      const there = reading(() => at.get(cluster, entry.offset)) as { writer: string; bytes: Uint8Array; sum: number } | undefined;
      if (there?.writer !== entry.writer) return { type: 'conflict' };
      const known = decodeEntry(there.bytes);
      await onDisk();
      acknowledge(cluster, { offset: lastOffset(known), sum: there.sum });
      return { type: 'appended', entry: known };
    }
    const sum = runningSum(last.sum, bytes);
    noting(() => mark.begin(cluster));
    await write(bytes.length, () => put.run(cluster, entry.offset, entry.events.length, entry.writer, bytes, sum));
    acknowledge(cluster, { offset: lastOffset(entry), sum });
    tails.push(cluster, entry);
    return { type: 'appended', entry };
  }

  /** The end of a log that has nothing of its own. */
  function beginningOf(log: string): End {
    if (!isBegunLog(log)) return { offset: 0, sum: 0 };
    const branch = branches.withLog(log);
    if (!branch) throw new LogUnavailable(`the log ${log} was removed`);
    return { offset: branchPoint(branch), sum: 0 };
  }

  /** Writes into the mark. */
  function noting(work: () => void): void {
    try {
      work();
    } catch (cause) {
      refused ||= 1;
      throw new LogUnwritable(`what is acknowledged cannot be noted: ${(cause as Error).message}`, { cause });
    }
  }

  /** What follows may be told to a client: it is in the files that the next process finds, and the mark says so. */
  function acknowledge(cluster: string, ended: End): void {
    inPlace();
    mark.advance(cluster, ended);
  }

  /** Resolves once it is on the disk; what is written meanwhile is on top of it. */
  async function write<T>(size: number, work: () => T): Promise<T> {
    flush.check();
    // Looked at before, as a file that was cut off is as long as ever behind the next write, and again before it is acknowledged.
    inPlace();
    let written: T;
    try {
      written = writing(work);
      refused = 0;
    } catch (error) {
      refused = Math.max(refused, size, 1);
      throw error;
    }
    await flush.done();
    return written;
  }

  /** What was found may be committed and not on the disk yet: no reader may be told of it before. To be awaited in the turn in which it was found. */
  async function onDisk(): Promise<void> {
    await flush.settled();
    flush.check();
  }

  async function settled<T>(read: () => T): Promise<T> {
    const found = reading(read);
    await onDisk();
    return found;
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
      const { rows, more } = reading(() => pageAfter(cluster, after));
      await onDisk();
      for (const { offset, bytes } of rows) {
        const entry = decodeEntry(bytes);
        if (entry.offset !== offset) throw new CorruptEntry(`the entry at ${offset} says that it is the one at ${entry.offset}`);
        if (offset !== after + 1) throw new EntriesMissing(`${cluster} has later entries, but none at ${after + 1}`);
        yield entry;
        after = lastOffset(entry);
      }
      if (!more) return;
    }
  }

  async function lastEntry(cluster: string, { atMost }: { atMost: Offset }): Promise<LogEntry | undefined> {
    const row = reading(() => lastAt.get(cluster, atMost));
    await onDisk();
    return row && decodeEntry(row['bytes'] as Uint8Array);
  }

  /** Few entries when they are large: all of them are in memory at once. */
  function pageAfter(cluster: string, after: Offset): { rows: Row[]; more: boolean } {
    const rows: Row[] = [];
    let size = 0;
    for (const row of page.iterate(cluster, after)) {
      const bytes = row['bytes'] as Uint8Array;
      rows.push({ offset: row['offset'] as Offset, bytes });
      size += bytes.length;
      if (size >= PAGE_BYTES) return { rows, more: true };
    }
    return { rows, more: rows.length === PAGE };
  }

  return {
    append,
    read,
    tail: (cluster, { after, signal }) => tails.follow(cluster, after, signal, (from) => read(cluster, { after: from })),
    lastEntry,
    async saveSnapshot(cluster, snapshot, bytes) {
      const size = [...bytes.values()].reduce((sum, { length }) => sum + length, 0);
      await write(size, () => saveSnapshot(database, cluster, snapshot, bytes));
    },
    loadSnapshot: async (cluster, bounds = {}) => reading(() => loadSnapshot(database, cluster, { ...bounds, problem })),
    snapshots: async (cluster) => reading(() => heads.all(cluster).map(headOf)),
    async truncate(cluster, { snapshot, suffices = (offsets) => offsets.every((offset) => offset >= snapshot) }) {
      flush.check();
      inPlace();
      const held = reading(() => branches.uses(cluster)).map(({ upTo }) => upTo);
      if (!suffices(held)) return { done: true, held };
      const truncated = writing(() => truncate(database, cluster, snapshot));
      await flush.done();
      return truncated;
    },
    branches: {
      get: (cluster) => settled(() => branches.get(cluster)),
      list: () => settled(() => branches.list()),
      async begin(branch) {
        if (!(await canGoOn({ lastEntry }, branch))) return 'gone';
        const begun = await write(1, () => branches.begin(branch));
        if (begun !== 'begun') return begun;
        noting(() => mark.note(branch.log));
        acknowledge(branch.log, { offset: branchPoint(branch), sum: 0 });
        // A mark that is missing is taken for a loss; those of branches that are begun together are brought to the disk together.
        await markFlush.done();
        return begun;
      },
      cut: (branch, { snapshot }) => write(1, () => branches.cut(branch, snapshot)),
      end: (cluster, log) => write(1, () => branches.end(cluster, log)),
      ended: () => settled(() => branches.ended()),
      release: (logs) => settled(() => branches.holders(logs)),
    },
    async remove(log) {
      if (!reading(() => branches.isEnded(log))) throw new Error(`${log} is no log of a cluster that has ended`);
      const heldBy = reading(() => branches.uses(log)).map(({ cluster }) => cluster);
      if (heldBy.length > 0) return { done: true, heldBy };
      const { done } = await write(1, () => removeSome(database, log));
      if (!done) return { done };
      // Until the mark knows nothing of it any more, it is noted as one that is removed.
      noting(() => mark.forget(log));
      await write(1, () => forgetEnded(database, log));
      return { done };
    },
    written: async (log) => written(log),
    clusters: () => settled(() => branches.clusters()),
    async check() {
      if (!database.isOpen) throw new LogUnavailable('the log is closed');
      flush.check();
      inPlace();
      // Whether there is room again is only known by writing as much as was refused.
      if (refused > 0) await write(refused, () => tryToWrite(database, refused));
      try {
        mark.check();
      } catch (cause) {
        throw new LogUnwritable(`what was acknowledged cannot be noted: ${(cause as Error).message}`, { cause });
      }
    },
    async close() {
      tails.close();
      if (!database.isOpen) return;
      await flush.settled()?.catch(() => undefined);
      if (!database.isOpen) return;
      database.close();
      await markFlush.settled()?.catch(() => undefined);
      flush.close();
      markFlush.close();
      mark.close();
    },
    lost,
    beginAnew: (cluster, snapshot, bytes) => write(1, () => beginAnew(database, cluster, snapshot, bytes)),
  };
}

interface Row {
  readonly offset: Offset;
  readonly bytes: Uint8Array;
}

const headOf = (row: Record<string, unknown>): SnapshotHead => ({ offset: row['offset'] as Offset, time: row['time'] as ClusterInstant });

const PAGE = 128;
const PAGE_BYTES = 1024 * 1024;

/** Writes so many bytes and takes them out again. */
function tryToWrite(database: DatabaseSync, bytes: number): void {
  transaction(database, () => database.prepare("INSERT OR REPLACE INTO chunks VALUES ('', zeroblob(?))").run(bytes));
  transaction(database, () => database.exec("DELETE FROM chunks WHERE name = ''"));
}

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { decodeEntry, encodeEntry } from './codec.ts';
import { entryOf } from './entry.ts';
import { type Append, type AppendResult, type EventLog, type LogEntry, LogUnavailable, lastOffset, type Offset, type Snapshot } from './log.ts';
import { superseded } from './snapshots.ts';
import { Tails } from './tails.ts';

/**
 * The log of one machine, in one SQLite file: WAL, `synchronous=FULL` (an append that was acknowledged survives kill -9 and loss of power) and an
 * exclusive lock that ends with the process. Why SQLite and these settings: docs/decisions/0001-embedded-log.md. Needs Node 22.5
 * for `node:sqlite`; only this file imports it. Throws `LogInUse` when another process has the file open, and an Error that says so when
 * it is not a log.
 */
export function sqliteLog({ file }: { file: string }): EventLog {
  const database = openDatabase(file);
  const tails = new Tails();
  const end = database.prepare('SELECT offset + events - 1 AS offset FROM entries WHERE cluster = ? ORDER BY entries.offset DESC LIMIT 1');
  const put = database.prepare('INSERT INTO entries (cluster, offset, events, writer, bytes) VALUES (?, ?, ?, ?, ?)');
  const at = database.prepare('SELECT writer, bytes FROM entries WHERE cluster = ? AND offset = ?');
  const page = database.prepare(`SELECT bytes FROM entries WHERE cluster = ? AND offset > ? ORDER BY offset LIMIT ${PAGE}`);
  // One look at the index per cluster, where SELECT DISTINCT would walk through all entries.
  const names = database.prepare(`
    WITH RECURSIVE found(name) AS (
      SELECT min(cluster) FROM entries UNION ALL SELECT (SELECT min(cluster) FROM entries WHERE cluster > found.name) FROM found WHERE found.name IS NOT NULL
    ) SELECT name FROM found WHERE name IS NOT NULL`);

  async function append(cluster: string, request: Append): Promise<AppendResult> {
    const entry = entryOf(request);
    const bytes = encodeEntry(entry);
    const existing = query(() => {
      const last = endOf(cluster);
      if (request.after > last) throw new Error(`Nothing can be appended after ${request.after}: the log of ${cluster} ends at ${last}`);
      if (request.after < last) return { there: at.get(cluster, entry.offset) };
      put.run(cluster, entry.offset, entry.events.length, entry.writer, bytes);
      return undefined;
    });
    if (existing) {
      const { there } = existing;
      return there?.['writer'] === entry.writer ? { type: 'appended', entry: decodeEntry(there['bytes'] as Uint8Array) } : { type: 'conflict' };
    }
    tails.push(cluster, entry);
    return { type: 'appended', entry };
  }

  const endOf = (cluster: string) => (end.get(cluster)?.['offset'] as number | undefined) ?? 0;

  async function* read(cluster: string, { after }: { after: Offset }): AsyncGenerator<LogEntry> {
    // A page at a time: no cursor stays open while the reader works, and appends in between are just more to read.
    for (;;) {
      const rows = query(() => page.all(cluster, after));
      for (const row of rows) {
        const entry = decodeEntry(row['bytes'] as Uint8Array);
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
    saveSnapshot: async (cluster, snapshot) => query(() => saveSnapshot(database, cluster, snapshot)),
    loadSnapshot: async (cluster, bounds = {}) => query(() => loadSnapshot(database, cluster, bounds)),
    clusters: async () => query(() => names.all().map((row) => row['name'] as string)),
    async close() {
      tails.close();
      if (database.isOpen) database.close();
    },
  };
}

/** Another process has the log open: there is one writer to a data directory. */
export class LogInUse extends Error {
  override readonly name = 'LogInUse';
}

const PAGE = 128;

// `PRAGMA application_id` ("LPlg") and `user_version`: a file that is something else, or of a later Logplane, is refused instead of damaged.
const APPLICATION = 0x4c506c67;
const FORMAT = 1;

const schema = `
  CREATE TABLE entries (
    cluster TEXT NOT NULL, offset INTEGER NOT NULL, events INTEGER NOT NULL, writer TEXT NOT NULL, bytes BLOB NOT NULL,
    PRIMARY KEY (cluster, offset)
  ) STRICT;
  CREATE TABLE snapshots (cluster TEXT NOT NULL, offset INTEGER NOT NULL, time INTEGER NOT NULL, PRIMARY KEY (cluster, offset)) STRICT;
  CREATE TABLE snapshot_chunks (
    cluster TEXT NOT NULL, offset INTEGER NOT NULL, chunk INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (cluster, offset, chunk)
  ) STRICT;
  PRAGMA application_id = ${APPLICATION};
  PRAGMA user_version = ${FORMAT};
`;

function openDatabase(file: string): DatabaseSync {
  mkdirSync(dirname(file), { recursive: true });
  const database = new DatabaseSync(file);
  try {
    // The lock is one of the file system's: it ends with the process, however that ends. In this mode WAL needs no shared memory either.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; BEGIN IMMEDIATE; COMMIT');
    const pragma = (name: string) => database.prepare(`PRAGMA ${name}`).get()![name] as number;
    const isNew = pragma('application_id') === 0 && pragma('user_version') === 0 && pragma('schema_version') === 0;
    if (isNew) transaction(database, () => database.exec(schema));
    else if (pragma('application_id') !== APPLICATION) throw new Error(`${file} is a database of another program`);
    else if (pragma('user_version') !== FORMAT)
      throw new Error(`${file} was written by another version of Logplane (format ${pragma('user_version')}; this one reads ${FORMAT})`);
    return database;
  } catch (cause) {
    database.close();
    const code = sqliteCode(cause);
    if (code === SQLITE_BUSY) throw new LogInUse(`${file} is in use by another process`, { cause });
    if (code === SQLITE_NOTADB) throw new Error(`${file} is not a log of Logplane`, { cause });
    throw cause;
  }
}

function saveSnapshot(database: DatabaseSync, cluster: string, { offset, time, chunks }: Snapshot): void {
  transaction(database, () => {
    const remove = (old: Offset) => {
      for (const table of ['snapshots', 'snapshot_chunks']) database.prepare(`DELETE FROM ${table} WHERE cluster = ? AND offset = ?`).run(cluster, old);
    };
    remove(offset);
    database.prepare('INSERT INTO snapshots (cluster, offset, time) VALUES (?, ?, ?)').run(cluster, offset, time);
    const put = database.prepare('INSERT INTO snapshot_chunks (cluster, offset, chunk, bytes) VALUES (?, ?, ?, ?)');
    for (const [i, chunk] of chunks.entries()) put.run(cluster, offset, i, chunk);
    const all = database.prepare('SELECT offset FROM snapshots WHERE cluster = ?').all(cluster);
    for (const old of superseded(all.map((row) => row['offset'] as Offset))) remove(old);
  });
}

function loadSnapshot(database: DatabaseSync, cluster: string, { atMost, before }: { atMost?: Offset; before?: number }): Snapshot | undefined {
  const found = database
    .prepare('SELECT offset, time FROM snapshots WHERE cluster = ? AND offset <= ? AND time <= ? ORDER BY offset DESC LIMIT 1')
    .get(cluster, atMost ?? Number.MAX_SAFE_INTEGER, before ?? Number.MAX_SAFE_INTEGER);
  if (!found) return undefined;
  const offset = found['offset'] as Offset;
  const chunks = database.prepare('SELECT bytes FROM snapshot_chunks WHERE cluster = ? AND offset = ? ORDER BY chunk').all(cluster, offset);
  return { offset, time: found['time'] as number, chunks: chunks.map((row) => row['bytes'] as Uint8Array) };
}

function transaction(database: DatabaseSync, work: () => void): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    work();
    database.exec('COMMIT');
  } catch (error) {
    // SQLite has rolled back by itself when the disk is full or broken.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** Runs SQL; what SQLite refuses (disk full, I/O error) is LogUnavailable. The statement or transaction is then undone and the log intact. */
function query<T>(run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (sqliteCode(cause) !== undefined) throw new LogUnavailable(`the log's database failed: ${(cause as Error).message}`, { cause });
    if ((cause as { code?: string }).code === 'ERR_INVALID_STATE') throw new LogUnavailable('the log is closed', { cause });
    throw cause;
  }
}

const SQLITE_BUSY = 5;
const SQLITE_NOTADB = 26;

/** The primary result code (sqlite.org/rescode.html) of an error that SQLite raised. */
function sqliteCode(error: unknown): number | undefined {
  const { code, errcode } = error as { code?: string; errcode?: number };
  return code === 'ERR_SQLITE_ERROR' && errcode !== undefined ? errcode & 0xff : undefined;
}

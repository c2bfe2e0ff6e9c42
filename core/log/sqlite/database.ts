import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LogUnavailable, LogUnwritable } from '../log.ts';
import { LockFile } from './lock-file.ts';
import { addSums, nameChunks } from './older-formats.ts';
import { LogDamaged, LogInUse } from './refusals.ts';

/**
 * Opens the SQLite file of a log, or makes one: WAL, `synchronous=FULL` while it is being opened, and an exclusive lock that ends with the process. Files of formats 1 to 3 are
 * brought to format 4 in place, in one transaction. Throws `LogInUse` when another process has the file
 * open, and an Error that says so when it is not a log.
 */
export function openDatabase(file: string, hooks: Hooks): DatabaseSync {
  mkdirSync(dirname(file), { recursive: true });
  let database: DatabaseSync | undefined;
  try {
    database = new LockedDatabase(file);
    // The lock is one of the file system's: it ends with the process, however that ends. In this mode WAL needs no shared memory either.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; BEGIN IMMEDIATE; COMMIT');
    // Copying the WAL back takes about ten milliseconds, in which nothing is answered: with SQLite's 1,000 pages, every 450 small appends.
    database.exec(`PRAGMA wal_autocheckpoint = ${WAL_PAGES}`);
    prepareSchema(database, file, hooks);
    return database;
  } catch (cause) {
    database?.close();
    const code = sqliteCode(cause);
    if (code === SQLITE_BUSY) throw new LogInUse(`${file} is in use by another process`, { cause });
    if (code === SQLITE_NOTADB) throw new Error(`${file} is not a log of Logplane`, { cause });
    if (code === SQLITE_CORRUPT) throw new LogDamaged(`${file} is damaged: ${(cause as Error).message}`, { cause });
    if (code !== undefined) throw new Error(`${file} cannot be used: ${(cause as Error).message}`, { cause });
    throw cause;
  }
}

/** A database that this process alone has open, whether or not its SQLite can lock files. */
class LockedDatabase extends DatabaseSync {
  readonly #lock: LockFile;

  constructor(file: string) {
    const lock = LockFile.take(`${file}-lock`, { alone: 'locksNoFiles' in DatabaseSync });
    try {
      super(file);
    } catch (error) {
      lock.release();
      throw error;
    }
    this.#lock = lock;
  }

  override close(): void {
    try {
      super.close();
    } finally {
      this.#lock.release();
    }
  }
}

interface Hooks {
  /** Before an empty file becomes a log; may refuse it by throwing. */
  readonly creating: () => void;
  /** At the end of the transaction that brings a file of format 1, which had no end mark, to this format. */
  readonly migrating: (database: DatabaseSync) => void;
}

/** Whether a log was begun in this file: an empty one is new to SQLite too. */
export const isBegun = (file: string): boolean => existsSync(file) && statSync(file).size > 0;

/** 16 MB. A crash leaves no more than that to be read again. */
const WAL_PAGES = 4_000;

// `PRAGMA application_id` ("LPlg") and `user_version`: a file that is something else, or of a later Logplane, is refused instead of damaged.
const APPLICATION = 0x4c506c67;
const FORMAT = 4;

const snapshotTables = `
  CREATE TABLE snapshots (
    cluster TEXT NOT NULL, offset INTEGER NOT NULL, time INTEGER NOT NULL, ahead INTEGER NOT NULL, manifest BLOB NOT NULL, PRIMARY KEY (cluster, offset)
  ) STRICT;
  CREATE TABLE chunks (name TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
  CREATE TABLE chunk_uses (name TEXT NOT NULL, cluster TEXT NOT NULL, PRIMARY KEY (cluster, name)) STRICT, WITHOUT ROWID;
  CREATE INDEX chunk_users ON chunk_uses (name);
  CREATE TABLE beginnings (cluster TEXT PRIMARY KEY, snapshot INTEGER NOT NULL, offset INTEGER NOT NULL, sum INTEGER NOT NULL) STRICT;
`;

// Which cluster has which log, and the logs of those that have ended. One of which something was removed (`removing`) is no log any more.
const branchTables = `
  CREATE TABLE branches (cluster TEXT PRIMARY KEY, log TEXT NOT NULL UNIQUE, base TEXT NOT NULL) STRICT;
  CREATE TABLE ended (log TEXT PRIMARY KEY, base TEXT NOT NULL, removing INTEGER NOT NULL) STRICT;
`;

// `sum`: the CRC-32 of all entries of the cluster up to one.
const schema = `
  CREATE TABLE entries (
    cluster TEXT NOT NULL, offset INTEGER NOT NULL, events INTEGER NOT NULL, writer TEXT NOT NULL, bytes BLOB NOT NULL, sum INTEGER NOT NULL,
    PRIMARY KEY (cluster, offset)
  ) STRICT;
  ${snapshotTables}
  ${branchTables}
  PRAGMA application_id = ${APPLICATION};
  PRAGMA user_version = ${FORMAT};
`;

function prepareSchema(database: DatabaseSync, file: string, { creating, migrating }: Hooks): void {
  const pragma = (name: string) => database.prepare(`PRAGMA ${name}`).get()![name] as number;
  const isNew = pragma('application_id') === 0 && pragma('user_version') === 0 && pragma('schema_version') === 0;
  if (isNew) {
    creating();
    transaction(database, () => database.exec(schema));
    return;
  }
  if (pragma('application_id') !== APPLICATION) throw new Error(`${file} is a database of another program`);
  const format = pragma('user_version');
  if (format >= 1 && format < FORMAT) {
    transaction(database, () => {
      if (format === 1) addSums(database);
      if (format < 3) nameChunks(database, snapshotTables);
      database.exec(branchTables);
      database.exec(`PRAGMA user_version = ${FORMAT}`);
      if (format === 1) migrating(database);
    });
  } else if (format !== FORMAT) {
    throw new Error(`${file} was written by another version of Logplane (format ${format}; this one reads ${FORMAT})`);
  }
}

export function transaction(database: DatabaseSync, work: () => void): void {
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

/** Runs SQL that reads: what SQLite refuses (I/O error, damaged pages) is LogUnavailable. */
export const reading = <T>(run: () => T): T => sql(run, LogUnavailable);

/** Runs SQL that writes: what SQLite refuses (disk full, I/O error) is LogUnwritable. The statement or transaction is then undone and the log intact. */
export const writing = <T>(run: () => T): T => sql(run, LogUnwritable);

function sql<T>(run: () => T, Failure: typeof LogUnavailable): T {
  try {
    return run();
  } catch (cause) {
    if (sqliteCode(cause) !== undefined) throw new Failure(`the log's database failed: ${(cause as Error).message}`, { cause });
    if ((cause as { code?: string }).code === 'ERR_INVALID_STATE') throw new LogUnavailable('the log is closed', { cause });
    throw cause;
  }
}

const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

/** The primary result code (sqlite.org/rescode.html) of an error that SQLite raised. */
export function sqliteCode(error: unknown): number | undefined {
  const { code, errcode } = error as { code?: string; errcode?: number };
  return code === 'ERR_SQLITE_ERROR' && errcode !== undefined ? errcode & 0xff : undefined;
}

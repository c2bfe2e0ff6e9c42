import { existsSync, rmdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { DatabaseSync as NodesDatabase, SQLOutputValue, StatementSync } from 'node:sqlite';
import type { SQLiteValue, Database as WasmDatabase, Statement as WasmStatement } from 'node-sqlite3-wasm';
import { vendorPath } from '../installed.ts';

const require = createRequire(import.meta.url);

/**
 * The part of `node:sqlite` that the log uses, on SQLite as WebAssembly, whose files are those of SQLite: the package has it in the place of `node:sqlite` where Node has none
 * (docs/decisions/0038-the-package.md). What follows of it is the same: write-ahead log, exclusive mode, bytes handed to the system by each commit. It cannot lock files as
 * SQLite does: whoever opens a log holds its lock file (core/log/sqlite/lock-file.ts).
 */
export class WasmDatabaseSync implements Pick<NodesDatabase, 'exec' | 'close' | 'isOpen' | 'isTransaction'> {
  static readonly locksNoFiles = true;
  readonly #database: WasmDatabase;
  /** A statement stays until the database is closed: one of a kind is enough. */
  readonly #statements = new Map<string, WasmStatementSync>();

  constructor(file: string) {
    // What it takes for a lock outlives a process that is killed.
    if (existsSync(`${file}.lock`)) rmdirSync(`${file}.lock`);
    const { Database } = require(vendorPath('node-sqlite3-wasm')) as typeof import('node-sqlite3-wasm');
    this.#database = asNode(() => new Database(file));
    // Without shared memory a write-ahead log can be opened in no other mode.
    this.exec('PRAGMA locking_mode = EXCLUSIVE');
  }

  exec(sql: string): void {
    asNode(() => this.#database.exec(sql));
  }

  prepare(sql: string): Pick<StatementSync, 'get' | 'all' | 'run' | 'iterate'> {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = new WasmStatementSync(asNode(() => this.#database.prepare(sql)));
    this.#statements.set(sql, statement);
    return statement;
  }

  close(): void {
    asNode(() => {
      // SQLite keeps a database open as long as it has statements.
      if (this.isOpen) for (const statement of this.#statements.values()) statement.finalize();
      this.#statements.clear();
      this.#database.close();
    });
  }

  get isOpen(): boolean {
    return this.#database.isOpen;
  }

  get isTransaction(): boolean {
    return this.#database.inTransaction;
  }
}

class WasmStatementSync implements Pick<StatementSync, 'get' | 'all' | 'run' | 'iterate'> {
  readonly #statement: WasmStatement;

  constructor(statement: WasmStatement) {
    this.#statement = statement;
  }

  // One that is not run to its end goes on reading, and neither the write-ahead log can be copied back nor a table changed meanwhile.
  get(...values: unknown[]): Row | undefined {
    return this.all(...values)[0];
  }

  finalize(): void {
    try {
      this.#statement.finalize();
    } catch {
      // It tells once more what went wrong when it ran.
    }
  }

  all(...values: unknown[]): Row[] {
    return asNode(() => this.#statement.all(values as SQLiteValue[]) as Row[]);
  }

  run(...values: unknown[]): { changes: number; lastInsertRowid: number | bigint } {
    return asNode(() => this.#statement.run(values as SQLiteValue[]));
  }

  iterate(...values: unknown[]): NodeJS.Iterator<Row> {
    return this.all(...values)[Symbol.iterator]();
  }
}

type Row = Record<string, SQLOutputValue>;

/** Raises what went wrong as `node:sqlite` does: with SQLite's result code (sqlite.org/rescode.html), which is told by its text here. */
function asNode<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const message = (error as Error).message.replace(/^Could not open the database .*/s, 'unable to open database file');
    if (/already closed|already finalized|Database is closed/.test(message))
      throw Object.assign(new Error(message, { cause: error }), { code: 'ERR_INVALID_STATE' });
    const errcode = RESULT_CODES.find(([text]) => text.test(message))?.[1] ?? SQLITE_ERROR;
    throw Object.assign(new Error(message, { cause: error }), { code: 'ERR_SQLITE_ERROR', errcode });
  }
}

const SQLITE_ERROR = 1;
const RESULT_CODES: readonly (readonly [RegExp, number])[] = [
  [/is locked/, 5],
  [/readonly/, 8],
  [/I\/O error/, 10],
  [/malformed/, 11],
  [/full/, 13],
  [/unable to open/, 14],
  [/constraint failed/, 19],
  [/is not a database/, 26],
];

/** What `node:sqlite` has, where there is one. */
function nodes(): typeof NodesDatabase | undefined {
  try {
    return (require('node:sqlite') as typeof import('node:sqlite')).DatabaseSync;
  } catch {
    return undefined;
  }
}

export const DatabaseSync: typeof NodesDatabase = nodes() ?? (WasmDatabaseSync as unknown as typeof NodesDatabase);

import type { DatabaseSync } from 'node:sqlite';
import { type Branch, type Branches, branchPoint, isBegunLog, type Segment, usesOf } from '../branches.ts';
import type { Offset } from '../event.ts';
import { transaction } from './database.ts';

/** What came of beginning a branch. */
export type Begun = Awaited<ReturnType<Branches['begin']>>;

/** The branches as they are in the tables. Every step is one transaction; nothing of this waits for the disk. */
export class BranchTables {
  readonly #database: DatabaseSync;
  readonly #rowOf;
  readonly #hasEntry;
  readonly #isEnded;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#rowOf = database.prepare('SELECT cluster, log, base FROM branches WHERE cluster = ?');
    this.#hasEntry = database.prepare('SELECT 1 FROM entries WHERE cluster = ?1 UNION ALL SELECT 1 FROM snapshots WHERE cluster = ?1 LIMIT 1');
    this.#isEnded = database.prepare('SELECT removing FROM ended WHERE log = ?');
  }

  get(cluster: string): Branch | undefined {
    const row = this.#rowOf.get(cluster);
    return row ? branchIn(row) : this.#unrecorded(cluster);
  }

  list(): Branch[] {
    const begun = this.#database.prepare('SELECT cluster, log, base FROM branches').all().map(branchIn);
    const recorded = new Set(begun.map(({ cluster }) => cluster));
    return [...begun, ...logNames(this.#database).flatMap((name) => (recorded.has(name) ? [] : (this.#unrecorded(name) ?? [])))];
  }

  /** Those that have an entry, of their own or of their base. */
  clusters(): string[] {
    return this.list()
      .filter(({ log, base }) => base.length > 0 || this.#hasEntry.get(log))
      .map(({ cluster }) => cluster)
      .sort();
  }

  begin(branch: Branch): Begun {
    const there = this.get(branch.cluster);
    if (there) return there.log === branch.log ? 'begun' : 'taken';
    const last = branch.base.at(-1);
    if (!branch.base.every(({ log }) => this.withLog(log)) || (last && this.#beginOf(last.log) > last.upTo)) return 'gone';
    this.#put(branch);
    return 'begun';
  }

  cut(branch: Branch, snapshot: Offset): void {
    const { log } = branch;
    if (this.get(branch.cluster)?.log !== log || this.uses(log).some(({ upTo }) => upTo < snapshot)) return;
    transaction(this.#database, () => {
      // Where nothing was deleted, the sums of its entries begin with the first of them.
      this.#database
        .prepare(
          `INSERT INTO beginnings (cluster, snapshot, offset, sum) VALUES (?1, ?2, ?3, 0)
            ON CONFLICT (cluster) DO UPDATE SET snapshot = max(snapshot, excluded.snapshot)`,
        )
        .run(log, snapshot, branchPoint(branch));
      this.#put({ ...branch, base: [] });
    });
  }

  end(cluster: string, log: string): void {
    const branch = this.get(cluster);
    if (branch?.log !== log) return;
    transaction(this.#database, () => {
      this.#database.prepare('DELETE FROM branches WHERE cluster = ?').run(cluster);
      this.#database.prepare('INSERT INTO ended (log, base, removing) VALUES (?, ?, 0)').run(log, JSON.stringify(branch.base));
    });
  }

  ended(): string[] {
    return this.#database
      .prepare('SELECT log FROM ended')
      .all()
      .map((row) => row['log'] as string);
  }

  /** The clusters that hold ended logs. */
  holders(logs: readonly string[]): Map<string, string[]> {
    const all = this.list();
    return new Map(logs.filter((log) => this.isEnded(log)).map((log) => [log, usesOf(log, all).map(({ cluster }) => cluster)]));
  }

  isEnded(log: string): boolean {
    return this.#isEnded.get(log) !== undefined;
  }

  /** The branch whose log it is, or was; of one that is being removed nothing can be read. */
  withLog(log: string): Pick<Branch, 'base'> | undefined {
    const row = this.#database.prepare('SELECT base FROM branches WHERE log = ?1 UNION ALL SELECT base FROM ended WHERE log = ?1 AND NOT removing').get(log);
    return row ? { base: JSON.parse(row['base'] as string) as Segment[] } : this.#unrecorded(log);
  }

  /** How far other branches reach into a log. */
  uses(log: string): ReturnType<typeof usesOf> {
    return usesOf(log, this.list());
  }

  #put({ cluster, log, base }: Branch): void {
    this.#database.prepare('INSERT OR REPLACE INTO branches (cluster, log, base) VALUES (?, ?, ?)').run(cluster, log, JSON.stringify(base));
  }

  #unrecorded(log: string): Branch | undefined {
    return isBegunLog(log) || this.isEnded(log) || !this.#hasEntry.get(log) ? undefined : { cluster: log, log, base: [] };
  }

  #beginOf(log: string): Offset {
    return (this.#database.prepare('SELECT snapshot FROM beginnings WHERE cluster = ?').get(log)?.['snapshot'] as Offset | undefined) ?? 0;
  }
}

const branchIn = (row: Record<string, unknown>): Branch => ({
  cluster: row['cluster'] as string,
  log: row['log'] as string,
  base: JSON.parse(row['base'] as string) as Segment[],
});

/** The logs that have entries, or a snapshot in their place. */
const logNames = (database: DatabaseSync): string[] => [...new Set(['entries', 'snapshots'].flatMap((table) => namesIn(database, table)))];

/** One look at the index per name, where SELECT DISTINCT would walk through all rows. */
const namesIn = (database: DatabaseSync, table: string): string[] =>
  database
    .prepare(`
      WITH RECURSIVE found(name) AS (
        SELECT min(cluster) FROM ${table} UNION ALL SELECT (SELECT min(cluster) FROM ${table} WHERE cluster > found.name) FROM found WHERE found.name IS NOT NULL
      ) SELECT name FROM found WHERE name IS NOT NULL`)
    .all()
    .map((row) => row['name'] as string);

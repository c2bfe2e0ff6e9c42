import type { DatabaseSync } from 'node:sqlite';
import { transaction } from './database.ts';
import { removeSnapshots } from './snapshots.ts';

/**
 * Removes entries of an ended log, oldest first, as many as one transaction may take, and with the last of them its snapshots. From the first piece on the log is `removing`: what
 * is left of it is not held to what was acknowledged.
 */
export function removeSome(database: DatabaseSync, log: string): { done: boolean } {
  let done = false;
  transaction(database, () => {
    database.prepare('UPDATE ended SET removing = 1 WHERE log = ?').run(log);
    const { changes } = database
      .prepare(`DELETE FROM entries WHERE cluster = ?1 AND offset IN (SELECT offset FROM entries WHERE cluster = ?1 ORDER BY offset LIMIT ${AT_ONCE})`)
      .run(log);
    done = Number(changes) < AT_ONCE;
    if (!done) return;
    removeSnapshots(database, log);
    database.prepare('DELETE FROM beginnings WHERE cluster = ?').run(log);
  });
  return { done };
}

/** Nothing is left of a log, nor of what was acknowledged of it. */
export const forgetEnded = (database: DatabaseSync, log: string): void => void database.prepare('DELETE FROM ended WHERE log = ?').run(log);

/** Some milliseconds. */
const AT_ONCE = 1_000;

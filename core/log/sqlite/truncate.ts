import type { DatabaseSync } from 'node:sqlite';
import type { Offset } from '../event.ts';
import { transaction } from './database.ts';
import { removeSuperseded } from './snapshots.ts';

/**
 * Deletes entries up to a snapshot, oldest first, as many as one transaction may take, and the snapshots before it. `beginnings` remembers where the log
 * begins: the snapshot, and the end and the running sum of the last entry that is gone, from which the sums of those that stay go on.
 */
export function truncate(database: DatabaseSync, cluster: string, snapshot: Offset): { done: boolean } {
  if (!database.prepare('SELECT 1 FROM snapshots WHERE cluster = ? AND offset = ?').get(cluster, snapshot))
    throw new Error(`${cluster} has no snapshot at ${snapshot}`);
  // The newest entry stays, whatever it is: it is where the log goes on.
  const old = database
    .prepare(
      `SELECT offset, events, sum FROM entries WHERE cluster = ?1 AND offset + events - 1 <= ?2
        AND offset < (SELECT max(offset) FROM entries WHERE cluster = ?1) ORDER BY offset LIMIT ${AT_ONCE + 1}`,
    )
    .all(cluster, snapshot) as unknown as { offset: Offset; events: number; sum: number }[];
  const last = old.slice(0, AT_ONCE).at(-1);
  transaction(database, () => {
    if (last) {
      database.prepare('DELETE FROM entries WHERE cluster = ? AND offset <= ?').run(cluster, last.offset);
      database
        .prepare('INSERT OR REPLACE INTO beginnings (cluster, snapshot, offset, sum) VALUES (?, ?, ?, ?)')
        .run(cluster, snapshot, last.offset + last.events - 1, last.sum);
    } else database.prepare('UPDATE beginnings SET snapshot = ? WHERE cluster = ?').run(snapshot, cluster);
    if (old.length <= AT_ONCE) removeSuperseded(database, cluster);
  });
  return { done: old.length <= AT_ONCE };
}

/** Some milliseconds. */
const AT_ONCE = 1_000;

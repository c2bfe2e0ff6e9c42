import type { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import type { ClusterInstant } from '../../instant.ts';
import type { Offset, Snapshot } from '../log.ts';
import { superseded } from '../snapshots.ts';
import { transaction } from './database.ts';

export function saveSnapshot(database: DatabaseSync, cluster: string, snapshot: Snapshot): void {
  transaction(database, () => putSnapshot(database, cluster, snapshot));
}

/** A snapshot in the place of all entries and snapshots of a cluster. */
export function beginAnew(database: DatabaseSync, cluster: string, snapshot: Snapshot): void {
  transaction(database, () => {
    for (const table of ['entries', 'snapshots', 'snapshot_chunks']) database.prepare(`DELETE FROM ${table} WHERE cluster = ?`).run(cluster);
    putSnapshot(database, cluster, snapshot);
  });
}

function putSnapshot(database: DatabaseSync, cluster: string, { offset, time, aheadMinutes = 0, chunks }: Snapshot): void {
  const remove = (old: Offset) => {
    for (const table of ['snapshots', 'snapshot_chunks']) database.prepare(`DELETE FROM ${table} WHERE cluster = ? AND offset = ?`).run(cluster, old);
  };
  remove(offset);
  database.prepare('INSERT INTO snapshots (cluster, offset, time, ahead) VALUES (?, ?, ?, ?)').run(cluster, offset, time, aheadMinutes);
  const put = database.prepare('INSERT INTO snapshot_chunks (cluster, offset, chunk, bytes, sum) VALUES (?, ?, ?, ?, ?)');
  for (const [i, chunk] of chunks.entries()) put.run(cluster, offset, i, chunk, crc32(chunk));
  const all = database.prepare('SELECT offset FROM snapshots WHERE cluster = ?').all(cluster);
  for (const old of superseded(all.map((row) => row['offset'] as Offset))) remove(old);
}

/** A snapshot that is damaged is passed over, and `problem` is told: all that is in it is in the log too. */
export function loadSnapshot(
  database: DatabaseSync,
  cluster: string,
  { atMost, before, problem }: { atMost?: Offset; before?: number; problem: (message: string) => void },
): Snapshot | undefined {
  const found = database
    .prepare('SELECT offset, time, ahead FROM snapshots WHERE cluster = ? AND offset <= ? AND time <= ? ORDER BY offset DESC')
    .all(cluster, atMost ?? Number.MAX_SAFE_INTEGER, before ?? Number.MAX_SAFE_INTEGER);
  const chunksOf = database.prepare('SELECT bytes, sum FROM snapshot_chunks WHERE cluster = ? AND offset = ? ORDER BY chunk');
  for (const { offset, time, ahead } of found as unknown as { offset: Offset; time: ClusterInstant; ahead: number }[]) {
    const chunks = chunksOf.all(cluster, offset) as unknown as { bytes: Uint8Array; sum: number | null }[];
    if (chunks.every(({ bytes, sum }) => sum === null || crc32(bytes) === sum))
      return { offset, time, ...(ahead > 0 && { aheadMinutes: ahead }), chunks: chunks.map(({ bytes }) => bytes) };
    problem(`the snapshot at ${offset} of cluster ${cluster} is damaged: it is made again from what is before it`);
  }
  return undefined;
}

import type { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { chunkName } from '../chunk-name.ts';
import type { Offset } from '../event.ts';
import type { Chunk } from '../log.ts';
import { encodeManifest } from '../manifest.ts';
import { runningSum } from './running-sum.ts';

/** Format 1 had no sums. What its entries are worth is found out when they are decoded; from here on they are held to what they are now. */
export function addSums(database: DatabaseSync): void {
  database.exec(
    'ALTER TABLE entries ADD COLUMN sum INTEGER; ALTER TABLE snapshot_chunks ADD COLUMN sum INTEGER; ALTER TABLE snapshots ADD COLUMN ahead INTEGER NOT NULL DEFAULT 0',
  );
  const page = database.prepare('SELECT rowid, cluster, offset, bytes FROM entries WHERE (cluster, offset) > (?, ?) ORDER BY cluster, offset LIMIT 256');
  const set = database.prepare('UPDATE entries SET sum = ? WHERE rowid = ?');
  let [cluster, offset, sum] = ['', 0, 0];
  for (;;) {
    const rows = page.all(cluster, offset);
    for (const row of rows) {
      if (row['cluster'] !== cluster) sum = 0;
      cluster = row['cluster'] as string;
      offset = row['offset'] as number;
      sum = runningSum(sum, row['bytes'] as Uint8Array);
      set.run(sum, row['rowid']!);
    }
    if (rows.length === 0) return;
  }
}

/**
 * In format 2 each snapshot had chunks of its own, by number, each with its CRC-32. They hold what chunks hold today, of several resources one after the other, and
 * stay as they are, under the name of their content. A snapshot that is damaged is left out: it would be passed over.
 */
export function nameChunks(database: DatabaseSync, tables: string): void {
  database.exec('ALTER TABLE snapshots RENAME TO old_snapshots');
  database.exec(tables);
  const chunksOf = database.prepare('SELECT bytes, sum FROM snapshot_chunks WHERE cluster = ? AND offset = ? ORDER BY chunk');
  const put = database.prepare('INSERT OR IGNORE INTO chunks (name, bytes) VALUES (?, ?)');
  const use = database.prepare('INSERT OR IGNORE INTO chunk_uses (name, cluster) VALUES (?, ?)');
  const save = database.prepare('INSERT INTO snapshots (cluster, offset, time, ahead, manifest) VALUES (?, ?, ?, ?, ?)');
  for (const row of database.prepare('SELECT cluster, offset, time, ahead FROM old_snapshots').all()) {
    const { cluster, offset, time, ahead } = row as unknown as { cluster: string; offset: Offset; time: number; ahead: number };
    const parts = chunksOf.all(cluster, offset) as unknown as { bytes: Uint8Array; sum: number | null }[];
    if (parts.some(({ bytes, sum }) => sum !== null && crc32(bytes) !== sum)) continue;
    const chunks = parts.map(({ bytes }): Chunk => ({ name: chunkName(bytes), resource: '', first: '', size: bytes.length }));
    for (const [i, { name }] of chunks.entries()) {
      put.run(name, parts[i]!.bytes);
      use.run(name, cluster);
    }
    save.run(cluster, offset, time, ahead, encodeManifest(chunks));
  }
  database.exec('DROP TABLE snapshot_chunks; DROP TABLE old_snapshots');
}

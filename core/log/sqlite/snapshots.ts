import type { DatabaseSync } from 'node:sqlite';
import type { ClusterInstant } from '../../instant.ts';
import { chunkName } from '../chunk-name.ts';
import { CorruptEntry } from '../codec.ts';
import type { Offset } from '../event.ts';
import { type Chunk, ChunksMissing, type Snapshot, type SnapshotBounds, type StoredSnapshot } from '../log.ts';
import { decodeManifest, encodeManifest } from '../manifest.ts';
import { superseded } from '../snapshots.ts';
import { transaction } from './database.ts';

/**
 * A snapshot is a row with its manifest. Chunks are in a table of their own, once for all clusters; `chunk_uses` says which cluster has a snapshot that
 * names one. All of it changes in one transaction, so that a chunk goes with the last snapshot that names it.
 */
export function saveSnapshot(database: DatabaseSync, cluster: string, snapshot: Snapshot, bytes: ReadonlyMap<string, Uint8Array>): void {
  transaction(database, () => {
    putSnapshot(database, cluster, snapshot, bytes);
    removeSuperseded(database, cluster);
  });
}

/** A snapshot in the place of all entries and snapshots of a cluster. */
export function beginAnew(database: DatabaseSync, cluster: string, snapshot: Snapshot, bytes: ReadonlyMap<string, Uint8Array>): void {
  transaction(database, () => {
    for (const table of ['entries', 'snapshots', 'beginnings']) database.prepare(`DELETE FROM ${table} WHERE cluster = ?`).run(cluster);
    putSnapshot(database, cluster, snapshot, bytes);
    removeUnused(database, cluster);
  });
}

function putSnapshot(
  database: DatabaseSync,
  cluster: string,
  { offset, time, aheadMinutes = 0, chunks }: Snapshot,
  bytes: ReadonlyMap<string, Uint8Array>,
): void {
  const isThere = database.prepare('SELECT 1 FROM chunks WHERE name = ?');
  const put = database.prepare('INSERT INTO chunks (name, bytes) VALUES (?, ?)');
  const use = database.prepare('INSERT OR IGNORE INTO chunk_uses (name, cluster) VALUES (?, ?)');
  for (const { name } of chunks) {
    if (!isThere.get(name)) {
      const given = bytes.get(name);
      if (!given) throw new ChunksMissing(`the chunk ${name} is not there`);
      put.run(name, given);
    }
    use.run(name, cluster);
  }
  const replaced = database.prepare('SELECT 1 FROM snapshots WHERE cluster = ? AND offset = ?').get(cluster, offset);
  database
    .prepare('INSERT OR REPLACE INTO snapshots (cluster, offset, time, ahead, manifest) VALUES (?, ?, ?, ?, ?)')
    .run(cluster, offset, time, aheadMinutes, encodeManifest(chunks));
  if (replaced) removeUnused(database, cluster);
}

/** Removes the snapshots that are not worth their storage any more, with the chunks that no other one names. */
export function removeSuperseded(database: DatabaseSync, cluster: string): void {
  const begin = database.prepare('SELECT snapshot FROM beginnings WHERE cluster = ?').get(cluster)?.['snapshot'] as Offset | undefined;
  const all = database.prepare('SELECT offset FROM snapshots WHERE cluster = ?').all(cluster);
  const old = superseded(
    all.map((row) => row['offset'] as Offset),
    { begin: begin ?? 0 },
  );
  for (const offset of old) database.prepare('DELETE FROM snapshots WHERE cluster = ? AND offset = ?').run(cluster, offset);
  if (old.length > 0) removeUnused(database, cluster);
}

/** Removes all snapshots of a cluster, with the chunks that no other one names. */
export function removeSnapshots(database: DatabaseSync, cluster: string): void {
  database.prepare('DELETE FROM snapshots WHERE cluster = ?').run(cluster);
  removeUnused(database, cluster);
}

/** A manifest that cannot be read names nothing: its snapshot is passed over by readers. */
function removeUnused(database: DatabaseSync, cluster: string): void {
  const named = new Set<string>();
  for (const row of database.prepare('SELECT manifest FROM snapshots WHERE cluster = ?').iterate(cluster))
    for (const { name } of chunksIn(row['manifest'] as Uint8Array) ?? []) named.add(name);
  const drop = database.prepare('DELETE FROM chunk_uses WHERE name = ? AND cluster = ?');
  const remove = database.prepare('DELETE FROM chunks WHERE name = ? AND NOT EXISTS (SELECT 1 FROM chunk_uses WHERE chunk_uses.name = chunks.name)');
  for (const row of database.prepare('SELECT name FROM chunk_uses WHERE cluster = ?').all(cluster)) {
    const name = row['name'] as string;
    if (named.has(name)) continue;
    drop.run(name, cluster);
    remove.run(name);
  }
}

function chunksIn(manifest: Uint8Array): Chunk[] | undefined {
  try {
    return decodeManifest(manifest);
  } catch (error) {
    if (error instanceof CorruptEntry) return undefined;
    throw error;
  }
}

/** A snapshot that is damaged is passed over, and `problem` is told: what is in it is in the log too, or in the snapshot before it. */
export function loadSnapshot(
  database: DatabaseSync,
  cluster: string,
  { atMost, before, known, problem }: SnapshotBounds & { problem: (message: string) => void },
): StoredSnapshot | undefined {
  const found = database
    .prepare('SELECT offset, time, ahead, manifest FROM snapshots WHERE cluster = ? AND offset <= ? AND time <= ? ORDER BY offset DESC')
    .all(cluster, atMost ?? Number.MAX_SAFE_INTEGER, before ?? Number.MAX_SAFE_INTEGER);
  for (const { offset, time, ahead, manifest } of found as unknown as { offset: Offset; time: ClusterInstant; ahead: number; manifest: Uint8Array }[]) {
    const chunks = chunksIn(manifest);
    const bytes = chunks && bytesOf(database, chunks, known);
    if (bytes) return { offset, time, ...(ahead > 0 && { aheadMinutes: ahead }), chunks, bytes };
    problem(`the snapshot at ${offset} of cluster ${cluster} is damaged: it is made again from what is before it`);
  }
  return undefined;
}

/** What is in chunks; undefined when one of them is not there, or is not what its name says: that one goes, so that the next snapshot writes it again. */
function bytesOf(database: DatabaseSync, chunks: readonly Chunk[], known: ReadonlySet<string> | undefined): Map<string, Uint8Array> | undefined {
  const select = database.prepare('SELECT bytes FROM chunks WHERE name = ?');
  const out = new Map<string, Uint8Array>();
  for (const { name } of chunks) {
    if (known?.has(name) || out.has(name)) continue;
    const bytes = select.get(name)?.['bytes'] as Uint8Array | undefined;
    if (!bytes) return undefined;
    if (chunkName(bytes) !== name) {
      database.prepare('DELETE FROM chunks WHERE name = ?').run(name);
      return undefined;
    }
    out.set(name, bytes);
  }
  return out;
}

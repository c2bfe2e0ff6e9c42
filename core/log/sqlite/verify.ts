import type { DatabaseSync } from 'node:sqlite';
import { EntriesMissing } from '../entry.ts';
import type { Offset } from '../log.ts';
import { sqliteCode } from './database.ts';
import type { End } from './end-mark.ts';
import { LogDamaged, LogLost } from './refusals.ts';
import { runningSum } from './running-sum.ts';

/**
 * Reads a whole log and compares it with what was acknowledged: 0.45 s for 100,000 entries of 1.5 KB. Returns the end of each cluster.
 * Throws `LogDamaged` when an entry is not what was written, and `LogLost` when entries that were acknowledged are not there; with `acceptLoss`
 * the latter is what the caller wants.
 */
export function verify(
  database: DatabaseSync,
  { file, acknowledged, acceptLoss }: { file: string; acknowledged: ReadonlyMap<string, End>; acceptLoss: boolean },
): Map<string, End> {
  const ends = new Map<string, End>();
  const found = new Set<string>();
  try {
    const rows = database.prepare('SELECT cluster, offset, events, bytes, sum FROM entries ORDER BY cluster, offset').iterate();
    for (const row of rows) {
      const { cluster, offset, events, bytes, sum } = row as unknown as Row;
      const before = ends.get(cluster);
      // Where the log begins, older entries were deleted: what their sum was is taken from the entry itself.
      if (before && offset !== before.offset + 1) throw new EntriesMissing(`after ${before.offset} of cluster ${cluster} comes ${offset}`);
      if ((before || offset === 1) && runningSum(before?.sum ?? 0, bytes) !== sum)
        throw new LogDamaged(`${file} is damaged: the entry at ${offset} of cluster ${cluster} is not what was written`);
      const end = { offset: offset + events - 1, sum };
      ends.set(cluster, end);
      const mark = acknowledged.get(cluster);
      if (mark?.offset === end.offset && mark.sum === end.sum) found.add(cluster);
    }
  } catch (cause) {
    if (sqliteCode(cause) !== undefined || cause instanceof EntriesMissing) throw new LogDamaged(`${file} is damaged: ${(cause as Error).message}`, { cause });
    throw cause;
  }
  if (!acceptLoss) for (const [cluster, { offset }] of acknowledged) if (!found.has(cluster)) throw lost(file, cluster, offset, ends.get(cluster)?.offset ?? 0);
  return ends;
}

function lost(file: string, cluster: string, acknowledged: Offset, end: Offset): LogLost {
  const there = end < acknowledged ? `it ends at ${end}` : 'what it has there is of another history';
  return new LogLost(`${file} does not hold what was acknowledged: cluster ${cluster} came to resourceVersion ${acknowledged}, and ${there}`);
}

interface Row {
  readonly cluster: string;
  readonly offset: Offset;
  readonly events: number;
  readonly bytes: Uint8Array;
  readonly sum: number;
}
